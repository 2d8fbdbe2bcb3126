# Booting what was built: the ISO, QEMU, and the debugger.
#
#   CMDLINE="..."   the kernel's command line (ISO and QEMU)
#   INITRD=file     an initial ramdisk
#   DISK=file       the root disk (labs 05 and up; common/image.mk makes the default one)
#   SMP=2 MEM=1G MACHINE=q35 CPU=qemu64 KVM=1    the machine
#   QEMUFLAGS=      anything else for QEMU

QEMU ?= qemu-system-x86_64
GDB ?= gdb
SMP ?= 2
MEM ?= 1G
MACHINE ?= q35
CPU ?= qemu64
KVM ?=
QEMUFLAGS ?=
RUN_DISK = $(if $(filter 5 6 7,$(LABNO)),$(DISK))
RUN_CMDLINE = $(if $(filter file default undefined,$(origin CMDLINE)),$(if $(RUN_DISK),$(ROOT_CMDLINE),console=ttyS0),$(CMDLINE))

## packages       install the Debian packages that are missing
PACKAGES := $(shell sed '/^\#/d' common/packages.txt)
.PHONY: packages
packages:
	@sh common/packages.sh $(PACKAGES)

# ---- ISO -----------------------------------------------------------------------------------

ISO := $(OUT)/trellis$(if $(filter 1,$(TESTS)),-test).iso
ISODIR := $(OUT)/iso

# Menu, command line and ramdisk, rewritten only when they change.
define GRUB_CFG
set timeout=0
serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
menuentry "Trellis" {
	multiboot2 /boot/kernel.elf $(RUN_CMDLINE)
	$(if $(INITRD),module2 /boot/initrd.cpio initrd)
	boot
}
endef
export GRUB_CFG

.PHONY: FORCE_ISO
$(OUT)/grub.cfg: FORCE_ISO
	@mkdir -p $(@D)
	@printf '%s\n' "$$GRUB_CFG" | cmp -s - $@ || printf '%s\n' "$$GRUB_CFG" > $@

# Debug sections only make GRUB slow.
$(ISO): $(KERNEL) $(OUT)/grub.cfg $(INITRD)
	$(say) ISO $@
	$(Q)rm -rf $(ISODIR) && mkdir -p $(ISODIR)/boot/grub
	$(Q)$(OBJCOPY) --strip-all $(KERNEL) $(ISODIR)/boot/kernel.elf
	$(Q)cp $(OUT)/grub.cfg $(ISODIR)/boot/grub/grub.cfg
	$(if $(INITRD),$(Q)cp $(INITRD) $(ISODIR)/boot/initrd.cpio)
	$(Q)grub-mkrescue -o $@ $(ISODIR) > $(OUT)/iso.log 2>&1 || { cat $(OUT)/iso.log; exit 1; }

## iso            make build/NN-name/trellis.iso, which GRUB boots
.PHONY: iso
iso: $(ISO)

# ---- QEMU ----------------------------------------------------------------------------------

QEMU_MACHINE = -M $(MACHINE) -cpu $(CPU) $(if $(KVM),-enable-kvm) -smp $(SMP) -m $(MEM) \
	-display none -serial mon:stdio -device isa-debug-exit,iobase=0xf4,iosize=0x04 \
	$(if $(RUN_DISK),-drive file=$(RUN_DISK)$(comma)format=raw$(comma)if=none$(comma)id=disk \
		-device virtio-blk-pci$(comma)drive=disk) $(QEMUFLAGS)
comma := ,
GDB_SOCKET = $(OUT)/gdb.sock

## qemu           boot the finished system by GRUB (Ctrl-A X ends it)
.PHONY: qemu qemu-gdb gdb record replay
qemu: packages
	@$(MAKE) --no-print-directory run-qemu
.PHONY: run-qemu
run-qemu: $(ISO) $(RUN_DISK)
	$(QEMU) $(QEMU_MACHINE) -cdrom $(ISO) -boot d || test $$? = 33

## qemu-gdb       boot it and wait for `make gdb`
qemu-gdb: $(KERNEL) $(RUN_DISK) $(INITRD)
	@echo 'QEMU waits; run `make gdb` (with the same variables) in another terminal.'
	@rm -f $(GDB_SOCKET)
	$(QEMU) $(QEMU_MACHINE) -kernel $(KERNEL) $(if $(INITRD),-initrd $(INITRD)) \
		-append '$(RUN_CMDLINE) norandmaps' -S \
		-gdb unix:$(GDB_SOCKET),server=on,wait=off || test $$? = 33

## gdb            debug what qemu-gdb booted
gdb: $(KERNEL)
	$(GDB) -q -ix common/gdb/trellis.gdb -ex 'trellis-connect $(GDB_SOCKET)' $(KERNEL)

## record         boot it and record the run, until it ends, panics or is ended by Ctrl-A X
## replay         run the recording again and wait for `make gdb`, which can step backwards
# (QEMU, docs/system/replay.rst.) One CPU; what the disk is written goes to a snapshot; stepping backwards
# starts from a snapshot of the machine, which lives in an image of its own. The recording ends a moment
# before the power goes, so break before that. (Without apic.vapic=off, a help for old Windows,
# QEMU 7.2 sometimes waits for itself for ever when it goes back.)
REPLAY = $(OUT)/replay
RR_DISK = $(if $(RUN_DISK),-drive file=$(RUN_DISK)$(comma)format=raw$(comma)if=none$(comma)snapshot=on$(comma)id=base \
	-drive driver=blkreplay$(comma)if=none$(comma)image=base$(comma)id=disk -device virtio-blk-pci$(comma)drive=disk)
RR_QEMU = $(QEMU) -M $(MACHINE) -global apic.vapic=off -cpu $(CPU) -smp 1 -m $(MEM) -display none -nic none -serial mon:stdio \
	-drive file=$(REPLAY).qcow2,if=none,id=snapshots $(RR_DISK) -kernel $(KERNEL) \
	$(if $(INITRD),-initrd $(INITRD)) -append '$(RUN_CMDLINE) norandmaps' \
	-device isa-debug-exit,iobase=0xf4,iosize=0x04 $(QEMUFLAGS)
record: $(KERNEL) $(RUN_DISK) $(INITRD)
	$(Q)qemu-img create -q -f qcow2 $(REPLAY).qcow2 64M
	$(RR_QEMU) -icount shift=7,rr=record,rrfile=$(REPLAY).bin,rrsnapshot=start || test $$? = 33 -o $$? = 37
replay:
	@rm -f $(GDB_SOCKET)
	$(RR_QEMU) -icount shift=7,rr=replay,rrfile=$(REPLAY).bin,rrsnapshot=start \
		-S -gdb unix:$(GDB_SOCKET),server=on,wait=off || test $$? = 33

# ---- pictures of a run ---------------------------------------------------------------------

# The kernel writes what it knows to QEMU's debug console, a file here. (Its words come first, in case
# CMDLINE has a "--".)
# $(call watch,FILE,WORDS)
watch = $(QEMU) $(QEMU_MACHINE) -no-reboot -chardev file,id=debugcon,path=$(1) -device isa-debugcon,chardev=debugcon \
	-kernel $(KERNEL) $(if $(INITRD),-initrd $(INITRD)) -append '$(2) $(RUN_CMDLINE)'

## memmap         draw the memory of a running stage, AFTER= milliseconds after the first program began
AFTER ?= $(if $(filter 1 2 3,$(LABNO)),5,2000)
.PHONY: memmap
memmap: $(KERNEL) $(RUN_DISK) $(INITRD)
	$(Q)$(call watch,$(OUT)/memmap.out,memmap=$(AFTER)) > $(OUT)/memmap.console < /dev/null || test $$? -gt 32
	$(Q)awk -v svg=$(OUT)/memmap.svg -f common/memmap.awk $(OUT)/memmap.out > $(OUT)/memmap.txt
	$(Q)cat $(OUT)/memmap.txt; echo; echo 'The same as a picture: $(OUT)/memmap.svg'

## trace          run it and turn the run into a trace for ui.perfetto.dev: the last TRACE= thousand events
TRACE ?= 32
.PHONY: trace
trace: $(KERNEL) $(RUN_DISK) $(INITRD)
	$(Q)$(call watch,$(OUT)/trace.out,trace=$(TRACE)) || test $$? = 33 -o $$? = 37
	$(Q)sort -s -n -k 1,1 $(OUT)/trace.out | awk -f common/trace.awk > $(OUT)/trace.json
	$(Q)echo 'Open $(OUT)/trace.json in https://ui.perfetto.dev or chrome://tracing.'
