# file solutions/02-usermode/fault.c
# loses 9
# A program sees what another one left in memory.
s/GFP_KERNEL | GFP_ZERO, FRAME_ANON/GFP_KERNEL, FRAME_ANON/
