# file solutions/04-elf/stack.c
# loses 4
# envp begins with argv's strings.
s/x->env_start = string;/string = x->arg_start; x->env_start = string;/
