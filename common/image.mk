# Disk images, and the machines that boot them. Included by the Makefile at the root, after build.mk.
#
#   make image      $(DEBIAN_DISK): Debian 12 on ext2, with an init and the programs of bench.mk
#   make linux      boots it on Debian's own kernel, the yardstick; -nographic: Ctrl-A X ends it
#   make fsck       whether the disk is clean
#
#   DEBIAN_PACKAGES="bash ..."  what is on it beside minbase    DISK_SIZE=512M
#   DISK=file (one of your own)  QEMU=...  MEM=512M  SMP=2  APPEND="more words for the command line"

O ?= build
DEBIAN_DISK := $(O)/debian.ext2
DISK ?= $(DEBIAN_DISK)
DISK_SIZE ?= 512M
DEBIAN_PACKAGES ?= bash coreutils grep sed findutils tar gzip procps less python3 vim-tiny file make
IMAGE_DIR := $(O)/image
LINUX_DIR := $(IMAGE_DIR)/linux
QEMU ?= qemu-system-x86_64
MEM ?= 512M
SMP ?= 2
ROOT_CMDLINE = console=ttyS0 root=/dev/vda rootfstype=ext2 rw init=/sbin/trellis-init $(APPEND)

# The archive is made once (it needs the network); it is made again when the list of packages changes.
DEBIAN_TAR := $(IMAGE_DIR)/debian.tar
$(shell mkdir -p $(IMAGE_DIR) && { echo '$(DEBIAN_PACKAGES)' | cmp -s - $(IMAGE_DIR)/packages || \
	echo '$(DEBIAN_PACKAGES)' > $(IMAGE_DIR)/packages; })
$(DEBIAN_TAR): $(IMAGE_DIR)/packages common/image/debian.sh
	@printf '  %-7s %s\n' DEBIAN $@
	@sh common/image/debian.sh $@ $(DEBIAN_PACKAGES) > $@.log 2>&1 || { cat $@.log; false; }

# What the disk has on top; bench.mk and others add to IMAGE_FILES (paths below IMAGE_ROOT).
IMAGE_ROOT := $(IMAGE_DIR)/root
IMAGE_FILES := $(IMAGE_ROOT)/usr/sbin/trellis-init
$(IMAGE_ROOT)/usr/sbin/trellis-init: common/image/init.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O2 -Wall -Wextra -static -o $@ $<

-include grader/bench/bench.mk

# 4 KiB blocks, as on any disk of more than 512 MiB. Only this one is made: a disk that is named by DISK= is
# somebody's own, and must never be written over.
$(DEBIAN_DISK): $(DEBIAN_TAR) $(IMAGE_FILES) common/image/ext2.sh
	@printf '  %-7s %s\n' MKE2FS $@
	@MKE2FS_OPTS="-b 4096" sh common/image/ext2.sh $@ $(DISK_SIZE) $(DEBIAN_TAR) $(IMAGE_ROOT)

$(LINUX_DIR)/initrd: grader/bench/linux.sh grader/bench/linux_init.c
	@printf '  %-7s %s\n' LINUX $(LINUX_DIR)
	@CC="$(CC)" sh grader/bench/linux.sh $(LINUX_DIR)

## image          make the Debian disk, debian.ext2
## linux          boot it on Debian's own kernel, to compare
## fsck           is the disk clean?
## bench          what things cost on Trellis and on Linux; see grader/bench/bench.mk
## compare        do Debian's programs say the same on both?
.PHONY: image linux linux-kernel fsck
image: $(DEBIAN_DISK)
linux-kernel: $(LINUX_DIR)/initrd
linux: $(DISK) $(LINUX_DIR)/initrd
	$(QEMU) -M q35 -m $(MEM) -smp $(SMP) -nographic -no-reboot -kernel $(LINUX_DIR)/vmlinuz \
		-initrd $(LINUX_DIR)/initrd -append "$(ROOT_CMDLINE)" \
		-drive file=$(DISK),format=raw,if=virtio
fsck:
	e2fsck -fn $(DISK)
