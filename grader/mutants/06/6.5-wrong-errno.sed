# file solutions/06-posix/job/control.c
# loses 5
# A group that does not exist is ESRCH.
s/else if (!g || g->session != s) {/else if (!g) {\n\t\treturn -ESRCH;\n\t} else if (g->session != s) {/
