# file solutions/01-memory/pagetable_range.c
# loses 4
# Accessed and dirty bits are lost.
s/(old & ~mask) | (flags & mask)/(old \& ~mask \& ~(PTE_ACCESSED | PTE_DIRTY)) | (flags \& mask)/
