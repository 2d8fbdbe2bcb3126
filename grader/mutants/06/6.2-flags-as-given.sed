# file solutions/06-posix/signal/frame.c
# loses 3
# The program chooses IOPL.
s/f->rflags = (f->rflags & ~RFLAGS_USER) | (uc.uc_mcontext.rflags & RFLAGS_USER);/f->rflags = uc.uc_mcontext.rflags | 0x200;/
