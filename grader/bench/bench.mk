# make bench: what things cost on Trellis and on Debian's Linux, in the same QEMU, from the same disk.
# Included by common/image.mk.
#
#   BENCH="null_call fork_exit"   only these     BENCH_MODE=count|time|both     RUNS=3 (of mode time)

BENCH ?=
BENCH_MODE ?= both
RUNS ?= 1
BENCH_DIR := $(IMAGE_ROOT)/opt/trellis
BENCH_CFLAGS := -std=gnu17 -O2 -Wall -Wextra -Wno-unused-parameter

$(BENCH_DIR)/bench: grader/bench/bench.c
	@mkdir -p $(@D)
	@$(CC) $(BENCH_CFLAGS) -static -pthread -o $@ $<
$(BENCH_DIR)/true-static: grader/bench/true.c
	@mkdir -p $(@D)
	@$(CC) $(BENCH_CFLAGS) -static -o $@ $<
$(BENCH_DIR)/true-dynamic: grader/bench/true.c
	@mkdir -p $(@D)
	@$(CC) $(BENCH_CFLAGS) -o $@ $<
IMAGE_FILES += $(addprefix $(BENCH_DIR)/,bench true-static true-dynamic)

.PHONY: bench
bench: $(KERNEL) $(DISK) $(LINUX_DIR)/initrd
	@QEMU="$(QEMU)" RUNS="$(RUNS)" sh grader/bench/run.sh $(BENCH_MODE) $(O)/bench $(KERNEL) \
		$(LINUX_DIR) $(DISK) $(BENCH)

# make compare: do Debian's programs say the same on both?
$(BENCH_DIR)/commands.sh: grader/debian/commands.sh
	@mkdir -p $(@D)
	@cp $< $@
IMAGE_FILES += $(BENCH_DIR)/commands.sh
.PHONY: compare
compare: $(KERNEL) $(DISK) $(LINUX_DIR)/initrd
	@QEMU="$(QEMU)" PATH="$$PATH:/sbin:/usr/sbin" sh grader/debian/compare.sh $(O)/compare $(KERNEL) $(LINUX_DIR) $(DISK)
