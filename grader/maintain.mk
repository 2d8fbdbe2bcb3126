# What those who work on Trellis itself need, students not: unit tests, the skeleton, wrong
# solutions, the handouts' tables, and `make check`. grader/README.md explains it; `make handout`
# leaves it out.

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

# ---- unit tests on the host ----------------------------------------------------------------

# What they test: the grader's own parts, and the kernel's pure code, compiled for the host. The
# kernel's names that a libc has too get a prefix (grader/unit/kernel_names.h). The grader
# itself is short-lived and frees little, so leaks are not looked for; the kernel's are counted.
UNIT := $(O)/grader/unit
UNIT_SRC := $(wildcard grader/unit/*.c)
UNIT_KERNEL := common/rbtree.c common/radix.c common/vsnprintf.c common/string.c common/cmdline.c \
	labs/03-syscalls/errno_text.c solutions/01-memory/buddy.c solutions/01-memory/area.c \
	labs/04-elf/cpio.c solutions/04-elf/elf.c \
	labs/05-vfs/block/partitions.c labs/05-vfs/ext2/bitmap.c labs/05-vfs/ext2/xattr_area.c \
	solutions/05-vfs/ext2/dirent.c solutions/05-vfs/ext2/path.c
UNIT_GRADER := $(filter-out grader/main.c,$(GRADE_SRC))
UNIT_OBJ := $(patsubst %.c,$(GRADER_OBJ)/unit/%.o,$(UNIT_SRC) $(wildcard $(UNIT_KERNEL)) $(UNIT_GRADER))
UNIT_INC = -Wno-sign-compare -Wno-missing-field-initializers -I$(INC)/07 -I. -include grader/unit/kernel_names.h -ffreestanding -fno-builtin
$(GRADER_OBJ)/unit/common/%.o: common/%.c grader/unit/kernel_names.h $(INCSTAMP)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) $(UNIT_INC) -MMD -MP -c -o $@ $<
$(GRADER_OBJ)/unit/labs/%.o: labs/%.c grader/unit/kernel_names.h $(INCSTAMP)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) $(UNIT_INC) -MMD -MP -c -o $@ $<
$(GRADER_OBJ)/unit/solutions/%.o: solutions/%.c grader/unit/kernel_names.h $(INCSTAMP)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) $(UNIT_INC) -MMD -MP -c -o $@ $<
$(GRADER_OBJ)/unit/grader/%.o: grader/%.c $(INCSTAMP)
	$(say) HOSTCC $<
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -I$(INC)/07 -I. -MMD -MP -c -o $@ $<
$(UNIT): $(UNIT_OBJ)
	$(Q)$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check) -ljansson -pthread
-include $(UNIT_OBJ:.o=.d)

## unit           run the unit tests on this machine
.PHONY: unit
unit: $(UNIT)
	$(Q)ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16 CK_DEFAULT_TIMEOUT=60 $(UNIT)

# ---- grading what is not a student's work -----------------------------------------------------

.PHONY: grade-older grade-blank grade-points catalogue-check
## grade-older    this stage's kernel runs the in-kernel tests of all labs up to it
grade-older: $(GRADE)
	$(Q)$(GRADE) $(GRADE_FLAGS) --older --reference
## grade-blank    the lab's skeleton must earn nothing
grade-blank: $(GRADE)
	$(Q)$(GRADE) $(GRADE_FLAGS) --blank
## grade-points   the table of a lab's exercises and points, for its handout
grade-points: $(GRADE)
	$(Q)$(GRADE) --points --lab $(LABNO) --out $(O)
## grade-mutants  wrong solutions lose the points that they name: LAB=03 or TEST="3.2-*"; JOBS=
.PHONY: grade-mutants check-mutants
MUTANTS = SMP=$(SMP) JOBS=$(JOBS) sh grader/mutants.sh $(O)
grade-mutants: $(GRADE)
	$(Q)$(MUTANTS) $(if $(TEST),"$(TEST)","$(LABNO).*")
## check-mutants  all of them
check-mutants: $(GRADE)
	$(Q)$(MUTANTS) all
catalogue-check: $(GRADE)
	$(Q)$(GRADE) --check --out $(O)

# ---- skeleton and check --------------------------------------------------------------------

## skeleton       derive labs/ from solutions/; FORCE=1 overwrites work
.PHONY: skeleton skeleton-check check
skeleton:
	$(Q)FORCE=$(FORCE) sh grader/skeleton.sh make
skeleton-check:
	$(Q)sh grader/skeleton.sh check

## check          everything: build, unit tests, all labs by the reference, the skeleton
check: packages
	$(Q)sh grader/check.sh $(O)

## soak           grade everything SOAK_RUNS times (50) on a loaded machine, count unequal results
SOAK_RUNS ?= 50
SOAK_LABS ?= 01 02 03 04 05 06 07
.PHONY: soak
soak:
	$(Q)sh grader/soak.sh $(O) $(SOAK_RUNS) "$(SOAK_LABS)"

# ---- handouts ------------------------------------------------------------------------------

## handouts       write the generated tables of labs/*/README.md (points, tests, files)
## handouts-check they are as generated, links lead somewhere, and every sh block runs
.PHONY: handouts handouts-check
handouts: $(GRADE)
	$(Q)O=$(O) sh grader/readme.sh write
handouts-check: $(GRADE)
	$(Q)O=$(O) sh grader/readme.sh check
	$(Q)O=$(O) sh grader/readme.sh run

# ---- random system calls, for as long as you like ------------------------------------------

## fuzz           a million random system calls from each of five seeds on -smp 2 (FUZZ_CALLS=)
FUZZ_CALLS ?= 1000000
.PHONY: fuzz
fuzz:
	$(Q)$(MAKE) --no-print-directory kernel LAB=07 DEBUG=1
	$(Q)sh grader/fuzz.sh $(O) $(FUZZ_CALLS)

# ---- for trace.sh: is it a trace that a viewer can open? -------------------------------------

$(O)/grader/trace-check: grader/tools/trace_check.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -o $@ $< -ljansson
