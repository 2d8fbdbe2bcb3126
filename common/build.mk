# How a kernel is built. Included by the Makefile at the root, which is where make runs.
#
# Kernel N is common/ plus labs 1 to N (DESIGN R1). A file of lab M is compiled once, with an
# include directory that shows common and labs 1 to M only, and that object is linked into
# every stage from M up. An exercise has two forms: solutions/NN-name/FILE (the reference) and
# labs/NN-name/FILE (the student's); REF and MINE choose between them.
#
#   LAB=05        the stage (default: the last)
#   MINE="5.3 4"  exercise 5.3 and all of lab 4 are mine, the rest is the reference; "all": all
#   REF="01 3.2"  in a lab's directory, where all is mine: these are taken from the reference
#   DEBUG=1       lock ranks, poisoned frees, UBSan; output in build/debug-...
#   TESTS=1       with grader/ktest/'s in-kernel tests: kernel-test.elf
#   O=dir         instead of build/
#   M=dir         instead of O/ for what is made of my exercises: O/ is then only read (a class shares it)
#   V=1           show commands
#   WERROR=1      warnings are errors (CI=1 too)
#   CROSS_COMPILE=x86_64-linux-gnu-

O ?= build
M ?= $(O)
LAB ?= 07
MODE ?= reference


CC := $(CROSS_COMPILE)gcc
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy

ifeq ($(V),1)
Q :=
say := @true
else
Q := @
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@true,@printf '  %-7s %s\n')
endif

# ---- which labs ----------------------------------------------------------------------------

LABS := $(sort $(notdir $(patsubst %/,%,$(wildcard labs/0*-*/))))
unzero = $(patsubst 0%,%,$(1))
LABNO := $(call unzero,$(LAB))
STAGE := $(filter 0$(LABNO)-%,$(LABS))
ifeq ($(STAGE),)
$(error LAB=$(LAB): there is no such lab; choose one of $(LABS))
endif
UPTO := $(wordlist 1,$(LABNO),$(LABS))
UPTO_NUMBERS := $(wordlist 1,$(LABNO),1 2 3 4 5 6 7)

# ---- which form of each exercise -----------------------------------------------------------

# Words "01-memory/buddy.c=1.2": every exercise and its number, from the mark in its solution. A
# tree that is handed out has no solutions, but their objects and a list of them in reference/.
HANDED_OUT := $(if $(wildcard solutions),,$(wildcard reference))
EXERCISES := $(if $(HANDED_OUT),$(shell cat reference/exercises),\
	$(shell grep -rHoE 'EXERCISE [0-9]+\.[0-9]+ BEGIN' solutions 2>/dev/null | \
	sed -E 's,^solutions/(.*):EXERCISE ([0-9.]+) BEGIN,\1=\2,'))
exercise_of = $(patsubst $(1)=%,%,$(filter $(1)=%,$(EXERCISES)))
lab_of = $(call unzero,$(firstword $(subst -, ,$(1))))

MINE_WORDS := $(filter-out all,$(call unzero,$(MINE)))
REF_WORDS := $(call unzero,$(REF))
# Naming something in MINE makes the reference the rule, MINE=all the contrary.
BASE := $(if $(filter all,$(MINE)),mine,$(if $(MINE_WORDS),reference,$(MODE)))

# $(call whose,01-memory/buddy.c): "mine" or "reference"; the exercise counts before its lab.
whose = $(strip \
	$(if $(filter $(call exercise_of,$(1)),$(MINE_WORDS)),mine,\
	$(if $(filter $(call exercise_of,$(1)),$(REF_WORDS)),reference,\
	$(if $(filter $(call lab_of,$(1)),$(MINE_WORDS)),mine,\
	$(if $(filter $(call lab_of,$(1)),$(REF_WORDS)),reference,$(BASE))))))

SOLUTIONS := $(sort $(foreach e,$(EXERCISES),$(firstword $(subst =, ,$(e)))))
# $(call pick,07-dynlink/x.c): the path of the form to build; for lab.mk files too.
pick = $(if $(filter $(1),$(SOLUTIONS)),$(if $(filter mine,$(call whose,$(1))),$(MINESRC)/$(1),solutions/$(1)),labs/$(1))

comma_words = $(subst $() $(),_,$(strip $(1)))
ifeq ($(MINE_WORDS)$(REF_WORDS),)
  ifeq ($(BASE),mine)
    VARIANT := mine-0$(LABNO)
  else
    VARIANT := $(STAGE)
  endif
else
  VARIANT := mix-0$(LABNO)-$(BASE)$(if $(MINE_WORDS),-mine-$(call comma_words,$(MINE_WORDS)))$(if \
	$(REF_WORDS),-ref-$(call comma_words,$(REF_WORDS)))
endif

# ---- where things go -----------------------------------------------------------------------

FLAVOUR := $(if $(filter 1,$(DEBUG)),-debug)
OBJ := $(O)/obj$(FLAVOUR)
MINEOBJ := $(M)/mine/obj$(FLAVOUR)
# Where the student's forms are, and flags for them alone (grader/mutants.sh has its own).
MINESRC ?= labs
MINE_CFLAGS ?=
INC := $(O)/inc
OUT ?= $(M)/$(if $(FLAVOUR),debug-)$(VARIANT)
KERNEL := $(OUT)/kernel$(if $(filter 1,$(TESTS)),-test).elf

# ---- flags ---------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
ifneq ($(filter 1 true,$(CI) $(WERROR)),)
WARN += -Werror
endif
CFLAGS := -std=gnu17 -g -ffreestanding -fno-stack-protector -fno-pic -fno-pie -mcmodel=kernel \
	-mno-red-zone -mgeneral-regs-only -fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -fwrapv -fno-asynchronous-unwind-tables -fcf-protection=none
# User pointers may be misaligned, and adding to them may overflow: UBSan does not judge those.
ifeq ($(FLAVOUR),)
CFLAGS += -O2
else
CFLAGS += -Og -DDEBUG -fsanitize=undefined -fno-sanitize=alignment,pointer-overflow -Wno-maybe-uninitialized
endif
CODE_FLAGS := $(CFLAGS)
CFLAGS += $(WARN)
ASFLAGS := -g -fno-pic -mcmodel=kernel $(if $(FLAVOUR),-DDEBUG)
# The linker's own flags; both passes.
LDFLAGS := -nostdlib -static -z max-page-size=0x1000 -z noexecstack --build-id=none --fatal-warnings

# ---- reference objects -------------------------------------------------------------------------

# The objects that are handed out fit the headers and flags that they were compiled with, and nothing
# else. Each refers to a symbol that is named by a hash of those that its lab sees, and the link
# defines that symbol from the tree as it is now. reference/headers tells which one was changed.
stamp = reference_for_lab_0$(1)_$(shell { echo '$(CODE_FLAGS) $(CODE_FLAGS_$(1))'; find common \
	$(addprefix labs/,$(wordlist 1,$(1),$(LABS))) -name '*.h' | LC_ALL=C sort | xargs sha256sum; } | \
	sha256sum | cut -c 1-16)
# The linker's flags for the stamps of these labs. (CODE_FLAGS_N: a lab's own, for its user programs.)
stamp_flags = $(if $(HANDED_OUT),$(foreach n,$(1),--defsym=$(call stamp,$(n))=0))

# ---- include directories -------------------------------------------------------------------

# inc/05/ holds links common, 01-memory, ... 05-vfs; inc/00/ holds common alone.
INCSTAMP := $(INC)/.stamp
$(INCSTAMP): common/build.mk
	$(Q)mkdir -p $(INC)/00 $(INC)/grader
	$(Q)ln -sfnr common $(INC)/00/common
	$(Q)ln -sfnr grader $(INC)/grader/grader
	$(Q)for n in $(LABS); do \
		d=$(INC)/$${n%%-*}; mkdir -p $$d; ln -sfnr common $$d/common; \
		for m in $(LABS); do \
			ln -sfnr labs/$$m $$d/$$m; [ $$m = $$n ] && break; \
		done; \
	done; true
	$(Q)touch $@

# A stamp that changes with the flags, so that new flags rebuild everything.
FLAGSTAMP := $(OBJ)/.flags
$(shell mkdir -p $(OBJ) && { echo '$(CC) $(CFLAGS) $(ASFLAGS)' | cmp -s - $(FLAGSTAMP) || \
	echo '$(CC) $(CFLAGS) $(ASFLAGS)' > $(FLAGSTAMP); })
PREREQ := $(FLAGSTAMP) | $(INCSTAMP)

# ---- sources -------------------------------------------------------------------------------

# Directories of a lab that hold no kernel code: user programs and the like.
NOT_KERNEL := user vdso ldso lib host

COMMON_DIRS := common common/boot
COMMON_SRC := $(sort $(foreach d,$(COMMON_DIRS),$(wildcard $(d)/*.c $(d)/*.S)))
LAB_SRC := $(patsubst labs/%,%,$(shell find $(addprefix labs/,$(UPTO)) \
	\( $(foreach d,$(NOT_KERNEL),-path '*/0*/$(d)' -o) -false \) -prune -o -type f -name '*.[cS]' -print))
LAB_SRC += $(filter-out $(foreach d,$(NOT_KERNEL),$(addsuffix /$(d)/%,$(UPTO))),$(filter $(addsuffix /%,$(UPTO)),$(SOLUTIONS)))
LAB_SRC := $(sort $(filter-out %/main.c,$(LAB_SRC)) $(STAGE)/main.c)

object = $(patsubst %.S,%.S.o,$(patsubst %.c,%.o,$(1)))
# The object of a lab's file, by the form that was picked.
REFERENCE := $(if $(HANDED_OUT),reference$(FLAVOUR),$(OBJ)/solutions)
lab_object = $(strip $(if $(filter $(1),$(SOLUTIONS)),\
	$(if $(filter mine,$(call whose,$(1))),$(MINEOBJ)/$(call object,$(1)),$(REFERENCE)/$(call object,$(1))),\
	$(OBJ)/$(call object,$(1))))

COMMON_OBJ := $(addprefix $(OBJ)/,$(call object,$(COMMON_SRC)))
LAB_OBJ := $(foreach f,$(LAB_SRC),$(call lab_object,$(f)))

# Flat user programs of labs 02 and 03, embedded into the kernel.
FLAT_SRC := $(wildcard $(foreach l,$(filter 02-% 03-%,$(UPTO)),labs/$(l)/user/*.[cS]))
FLAT := $(foreach f,$(FLAT_SRC),$(patsubst labs/%,%,$(basename $(f))))
# Test programs are flat too: grader/user/03/NAME.c.
FLAT += $(basename $(if $(filter 1,$(TESTS)),$(wildcard $(foreach l,$(filter 02-% 03-%,$(UPTO)),grader/user/$(firstword $(subst -, ,$(l)))/*.c))))
FLAT_OBJ := $(foreach p,$(FLAT),$(OBJ)/flat/$(p).o)

KTEST_SRC := $(if $(filter 1,$(TESTS)),$(wildcard grader/ktest/*.c \
	$(foreach l,$(UPTO),grader/ktest/$(firstword $(subst -, ,$(l)))/*.c)))
KTEST_OBJ := $(addprefix $(OBJ)/,$(call object,$(KTEST_SRC)))

# What labs add by rules of their own (a vDSO): their lab.mk appends objects to LABMK_OBJ.
LABMK_OBJ :=
-include $(wildcard $(foreach l,$(UPTO),labs/$(l)/lab.mk))

OBJECTS := $(COMMON_OBJ) $(LAB_OBJ) $(FLAT_OBJ) $(KTEST_OBJ) $(LABMK_OBJ)

# ---- rules ---------------------------------------------------------------------------------

# $(call compile_rules,object directory,source directory,include number, further flags)
define compile_rules
$(1)/%.o: $(2)/%.c $$(PREREQ)
	$$(say) CC $$<
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) -I$$(INC)/$(3) $(4) -MMD -MP -c -o $$@ $$<
$(1)/%.S.o: $(2)/%.S $$(PREREQ)
	$$(say) AS $$<
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ASFLAGS) -I$$(INC)/$(3) $(4) -MMD -MP -c -o $$@ $$<
endef

lab_number = $(firstword $(subst -, ,$(1)))
$(eval $(call compile_rules,$(OBJ)/common,common,00))
$(foreach l,$(LABS),$(eval $(call compile_rules,$(OBJ)/$(l),labs/$(l),$(call lab_number,$(l)))))
$(foreach l,$(LABS),$(eval $(call compile_rules,$(OBJ)/solutions/$(l),solutions/$(l),$(call lab_number,$(l)))))
$(foreach l,$(LABS),$(eval $(call compile_rules,$(MINEOBJ)/$(l),$(MINESRC)/$(l),$(call \
	lab_number,$(l)),$$(MINE_CFLAGS))))
$(foreach l,$(LABS),$(eval $(call compile_rules,$(OBJ)/grader/ktest/$(call \
	lab_number,$(l)),grader/ktest/$(call lab_number,$(l)),$(call lab_number,$(l)),-I$(INC)/grader)))
$(eval $(call compile_rules,$(OBJ)/grader/ktest,grader/ktest,01,-I$(INC)/grader))

# memset() written as a loop must not become a call of memset().
$(OBJ)/common/string.o: CFLAGS += -fno-tree-loop-distribute-patterns -fno-sanitize=all
$(OBJ)/common/ubsan.o: CFLAGS += -fno-sanitize=all

# ---- user programs -------------------------------------------------------------------------

USER_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-stack-protector -fno-pic -fno-pie -static \
	-fno-asynchronous-unwind-tables -fcf-protection=none -fno-omit-frame-pointer \
	-fno-tree-loop-distribute-patterns -Icommon/user $(WARN)
# Lab 02 has no SYSCALL yet: its start-up code leaves by INT 0x80.
USER_CRT := $(OBJ)/user/crt.o
USER_CRT80 := $(OBJ)/user/crt80.o
$(USER_CRT) $(USER_CRT80): common/user/crt.S $(FLAGSTAMP)
	@mkdir -p $(@D)
	$(Q)$(CC) -g -Icommon/user $(if $(filter %80.o,$@),-DINT80) -c -o $@ $<

# flat/02-usermode/user/NAME.elf (symbols for gdb), .bin (what is embedded), .o (the embedding)
define flat_rules
$(OBJ)/flat/$(1)/user/%.user.o: labs/$(1)/user/%.c $$(PREREQ)
	$$(say) UCC $$<
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(USER_CFLAGS) -I$$(INC)/$(call lab_number,$(1)) -MMD -MP -c -o $$@ $$<
$(OBJ)/flat/$(1)/user/%.user.o: labs/$(1)/user/%.S $$(PREREQ)
	$$(say) UAS $$<
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -g -Icommon/user -I$$(INC)/$(call lab_number,$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(filter 02-% 03-%,$(LABS)),$(eval $(call flat_rules,$(l))))
$(OBJ)/flat/grader/user/%.user.o: grader/user/%.c grader/user/ktap_user.h $(PREREQ)
	$(say) UCC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -Igrader/user -DKTAP_FLAT -MMD -MP -c -o $@ $<

$(OBJ)/flat/02-usermode/%.elf: USER_CRT := $(USER_CRT80)
$(OBJ)/flat/%.elf: $(OBJ)/flat/%.user.o $(USER_CRT) $(USER_CRT80) common/user/user.ld
	$(Q)$(LD) -nostdlib -static -z noexecstack --build-id=none --no-warn-rwx-segments \
		-T common/user/user.ld -o $@ $(USER_CRT) $<
$(OBJ)/flat/%.bin: $(OBJ)/flat/%.elf
	$(Q)$(OBJCOPY) -O binary $< $@
$(OBJ)/flat/%.o: $(OBJ)/flat/%.bin common/embed/user_program.S $(PREREQ)
	$(Q)$(CC) $(ASFLAGS) -I$(INC)/00 -DPROGRAM_NAME='"$(notdir $*)"' -DPROGRAM_FILE='"$<"' \
		-c -o $@ common/embed/user_program.S
.SECONDARY: $(foreach p,$(FLAT),$(OBJ)/flat/$(p).user.o $(OBJ)/flat/$(p).elf $(OBJ)/flat/$(p).bin)

# ---- the kernel ----------------------------------------------------------------------------

$(OBJ)/kernel.lds: common/kernel.ld common/asm.h $(PREREQ)
	$(Q)$(CC) -E -P -x assembler-with-cpp -I$(INC)/00 -o $@ $<

# A stamp that changes with the list of objects.
$(shell mkdir -p $(OUT) && { echo '$(OBJECTS)' | cmp -s - $(KERNEL).objects || \
	echo '$(OBJECTS)' > $(KERNEL).objects; })

# Two passes: the second adds the table of symbols that the first one's addresses give. It lies at
# the end of the image, so that nothing else moves.
$(KERNEL): $(OBJECTS) $(OBJ)/kernel.lds $(KERNEL).objects common/ksyms.awk
	$(say) LD $@
	$(if $(filter reference%,$(OBJECTS)),$(Q)sha256sum --check --quiet reference/headers || \
		{ echo "The reference objects were made for these headers as they were handed out: restore them" \
		"(git checkout FILE)."; exit 1; })
	$(Q)$(LD) $(LDFLAGS) $(call stamp_flags,$(UPTO_NUMBERS)) -T $(OBJ)/kernel.lds -o $@.tmp $(OBJECTS)
	$(Q)$(NM) -n $@.tmp | awk -f common/ksyms.awk > $@.ksyms.S
	$(Q)$(CC) -c -o $@.ksyms.o $@.ksyms.S
	$(Q)$(LD) $(LDFLAGS) $(call stamp_flags,$(UPTO_NUMBERS)) -T $(OBJ)/kernel.lds -o $@.tmp $(OBJECTS) $@.ksyms.o
	$(Q)mv $@.tmp $@

-include $(patsubst %.o,%.d,$(COMMON_OBJ) $(LAB_OBJ) $(KTEST_OBJ))
-include $(foreach p,$(FLAT),$(OBJ)/flat/$(p).user.d)

.DELETE_ON_ERROR:
## kernel         build LAB=0N (default 07): build/NN-name/kernel.elf; see common/build.mk
.PHONY: kernel print-kernel print-exercises
kernel: $(KERNEL)
# For scripts: where this choice of variables puts its kernel.
print-kernel:
	@echo $(KERNEL)
# Every exercise file and its number, for a tree that has no solutions to look them up in.
print-exercises:
	@printf "%s\n" $(sort $(EXERCISES))
