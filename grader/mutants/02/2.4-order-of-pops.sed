# file solutions/02-usermode/enter_user.S
# loses 6
# rbx and rbp change places.
s/pop %rbp/pop %rXX/; s/pop %rbx/pop %rbp/; s/pop %rXX/pop %rbx/
