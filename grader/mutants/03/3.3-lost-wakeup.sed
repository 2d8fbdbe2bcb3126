# file solutions/03-syscalls/process/wait.c
# loses 0-100
# It looks before it is queued, and then sleeps: what happens in between is missed.
/wait_prepare(WAIT_INTERRUPTIBLE);/{
N
s/\(.*\)\n\(.*\)/\2\n\1/
}
s/result = look(q);$/result = look(q);/
