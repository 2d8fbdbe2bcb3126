# file solutions/02-usermode/fault.c
# loses 4
# The page of zeroes is mapped writable: one program's data is everybody's.
s/return fault_install(mm, addr, 0, zero_frame, flags);/return fault_install(mm, addr, 0, zero_frame, flags | PTE_WRITE);/
