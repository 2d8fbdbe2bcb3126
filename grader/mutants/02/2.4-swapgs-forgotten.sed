# file solutions/02-usermode/enter_user.S
# loses 15
# The kernel's GS base goes to ring 3, and the next entry swaps it away.
/swapgs$/d
