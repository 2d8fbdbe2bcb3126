# file solutions/03-syscalls/memory/brk.c
# loses 0-100
# RLIMIT_DATA makes no difference.
s/ || !within_limit(mm, brk))/ || (!within_limit(mm, brk) \&\& false))/
