# file solutions/02-usermode/switch.S
# loses 25
# r14 and r15 come back in the wrong order.
s/pop %r15/pop %rXX/; s/pop %r14/pop %r15/; s/pop %rXX/pop %r14/
