# file solutions/03-syscalls/entry.S
# loses 0-100
# A frame with the trap flag goes back by SYSRET.
/RFLAGS_TF_RF/,+1d
