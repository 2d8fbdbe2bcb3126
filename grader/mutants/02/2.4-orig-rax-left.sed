# file solutions/02-usermode/enter_user.S
# loses 15
# orig_rax stays on the stack: IRETQ takes it for RIP.
/add $8, %rsp/d
