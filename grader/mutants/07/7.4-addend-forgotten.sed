# file solutions/07-dynlink/ldso/reloc.c
# loses 18
# RELATIVE without its addend.
s/\*place = o->base + (u64)r->r_addend;/*place = o->base;/
