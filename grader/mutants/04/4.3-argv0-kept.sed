# file solutions/04-elf/script.c
# loses 25
# argv[0] of the caller stays between the script and its arguments.
s/int error = exec_drop_first_argument(x);/int error = 0;/
