# file solutions/03-syscalls/memory/brk.c
# loses 15
# A failure is reported as 0 instead of by the old break.
s/result = mm->brk;/result = mm->brk == brk ? brk : 0;/
