# file solutions/02-usermode/fault.c
# loses 10
# The copy has a frame, but not the contents.
/copy_page(frame_to_virt(copy), src);/d
