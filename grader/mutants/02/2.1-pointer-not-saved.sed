# file solutions/02-usermode/switch.S
# loses 25
# The stack pointer of the thread that leaves is not stored.
/mov %rsp, (%rdi)/d
