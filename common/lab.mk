# What a lab's Makefile includes: every target is made at the root, with all exercises of this
# lab and the earlier ones taken from labs/ ("mine"). Variables such as REF=, MINE=, DEBUG=1 and
# V=1 pass through.
#
#   make             build the kernel         make qemu        boot it
#   make grade       test and grade it        make qemu-gdb    boot it, wait for `make gdb`
#   make iso         an ISO that boots it     make gdb         debug what qemu-gdb booted
.DEFAULT_GOAL := kernel
.PHONY: FORCE
Makefile ../../common/lab.mk: ;
%: FORCE
	@$(MAKE) --no-print-directory -C ../.. MODE=mine LAB=$(LAB) $@
FORCE:
