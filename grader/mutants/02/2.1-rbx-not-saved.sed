# file solutions/02-usermode/switch.S
# loses 25
# rbx is left out: the frame of a new thread has another layout then.
/%rbx/d
