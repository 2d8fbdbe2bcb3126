# Grading and checking; included by the Makefile at the root. grader/README.md explains it.
#
#   make grade LAB=03              the reference (or MINE= / REF=), all points
#   make -C labs/03-syscalls grade the student's own: each exercise alone, the lab, integrated
#   TEST=id-or-exercise            only these tests; PATIENCE=3: longer time limits
#   make -C labs/... grade-gdb TEST=id     one test under the debugger

GRADE := $(O)/grader/grade
GRADER_OBJ := $(O)/grader/obj
HOST_CFLAGS := -std=gnu17 -D_GNU_SOURCE=1 -O1 -g -Wall -Wextra -Wno-unused-parameter -Wstrict-prototypes \
	-Wmissing-prototypes $(if $(filter 1 true,$(CI) $(WERROR)),-Werror)
HOSTCC := gcc

# ---- the grader itself ---------------------------------------------------------------------

GRADE_SRC := $(wildcard grader/*.c)
GRADE_OBJ := $(patsubst grader/%.c,$(GRADER_OBJ)/%.o,$(GRADE_SRC))
$(GRADER_OBJ)/%.o: grader/%.c
	$(say) HOSTCC $<
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<
$(GRADE): $(GRADE_OBJ)
	$(Q)$(HOSTCC) -o $@ $^ -ljansson -pthread
-include $(GRADE_OBJ:.o=.d)

# ---- user test programs --------------------------------------------------------------------

# Static programs: with the C library from lab 04 on, without one before. Tests pass what they should not,
# on purpose: no warnings about that.
USER_TEST_SRC := $(wildcard grader/user/0[3-7]/*.c)
USER_TESTS := $(patsubst grader/user/%.c,$(O)/grader/user/%,$(USER_TEST_SRC))
USER_TEST_HEADERS := $(wildcard grader/user/*.h grader/user/0*/*.h)
# What a source's line "@cflags ..." asks for.
user_cflags = $$(sed -n 's/^[ \t*/]*@cflags //p' $<)
$(O)/grader/user/03/%: grader/user/03/%.c $(USER_TEST_HEADERS) common/user/trellis_user.h
	$(say) UCC $<
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(filter-out -fno-pic -fno-pie,$(USER_CFLAGS)) -fno-pie -no-pie -nostdlib -Igrader/user \
		-DKTAP_FLAT $(user_cflags) -o $@ common/user/crt.S $<
$(O)/grader/user/%: grader/user/%.c $(USER_TEST_HEADERS)
	$(say) UCC $<
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -static -Wno-nonnull -Wno-stringop-overread -Wno-stringop-overflow \
		-Igrader/user -o $@ $< $(user_cflags)
# Those of LAB, or all.
.PHONY: user-tests user-tests-all
user-tests: $(filter $(O)/grader/user/0$(LABNO)/%,$(USER_TESTS))
user-tests-all: $(USER_TESTS)

# ---- grading -------------------------------------------------------------------------------

PATIENCE ?= 1
JOBS ?= $(shell nproc)
GRADE_FLAGS = --lab $(LABNO) --out $(O) --patience $(PATIENCE) --make "$(GRADE_MAKE)" --smp $(SMP) --jobs $(JOBS) \
	$(if $(TEST),--test "$(TEST)") --mine "$(MINE)" --ref "$(REF)" --variant $(MODE) --view "$(VIEW)"
GRADE_MAKE = $(if $(DEBUG),DEBUG=$(DEBUG)) $(if $(WERROR),WERROR=$(WERROR)) $(if $(CI),CI=$(CI))

## grade          grade a lab: LAB=03, MINE=, REF=, TEST=
.PHONY: grade grade-gdb grade-host
grade: $(GRADE)
	$(Q)$(GRADE) $(GRADE_FLAGS) $(if $(filter mine,$(MODE)),$(if $(MINE_WORDS),--reference,--student),--reference)
grade-gdb: $(GRADE)
	$(Q)$(GRADE) $(GRADE_FLAGS) --gdb
## grade-all      grade your own work in all labs: a table
.PHONY: grade-all report
grade-all: $(GRADE)
	$(Q)$(GRADE) --all --out $(O) --patience $(PATIENCE) --make "$(GRADE_MAKE)" --smp $(SMP) --jobs $(JOBS) \
		--ref "$(REF)"
## report         what the last grading of each lab found, as one page: build/report.html
report: $(GRADE)
	$(Q)$(GRADE) --html --out $(O) $(O)/report.html
## grade-host     run the user tests on this machine's Linux
grade-host: $(GRADE)
	$(Q)$(GRADE) --host --out $(O) --patience $(PATIENCE) $(if $(TEST),--test "$(TEST)") --quiet
## doctor         does this machine have what is needed? says what to install
.PHONY: doctor
doctor:
	@QEMU="$(firstword $(QEMU))" sh common/doctor.sh $(O)
