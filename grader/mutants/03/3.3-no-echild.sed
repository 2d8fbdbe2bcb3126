# file solutions/03-syscalls/process/wait.c
# loses 8
# Without children it waits for ever, or says that there is no news.
s/int result = -ECHILD;/int result = 0;/
