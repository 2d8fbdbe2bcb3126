# file solutions/07-dynlink/ldso/reloc.c
# loses 4
# Thread-local storage is looked for above the thread pointer.
s/(u64)r->r_addend - where->tls_offset;/(u64)r->r_addend + where->tls_offset;/
