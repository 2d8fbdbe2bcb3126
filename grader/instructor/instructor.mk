# What an instructor needs: the students' repository, a class's grades, a Gradescope bundle.
# README.md beside this file explains them; nothing of this directory is handed out.

# ---- reference objects (common/build.mk links them) ----------------------------------------------

# DEST/reference/01-memory/buddy.o: the compiled solution and its stamp, without debugging information
# and local names.
DEST ?= $(O)/handout
STAMP_OBJ := $(foreach l,$(LABS),$(OBJ)/stamps/$(call lab_number,$(l)).o)
$(STAMP_OBJ): $(OBJ)/stamps/0%.o: FORCE_STAMP
	@mkdir -p $(@D)
	$(Q)echo '.section .reference,"",@progbits; .quad $(call stamp,$*); .section .note.GNU-stack,"",@progbits' | $(CC) -c -x assembler -o $@ -
.PHONY: FORCE_STAMP reference-objects

REFERENCE_OBJ := $(addprefix $(DEST)/reference$(FLAVOUR)/,$(call object,$(SOLUTIONS)))
define reference_rules
$(DEST)/reference$(FLAVOUR)/$(1)/%.o: $(OBJ)/solutions/$(1)/%.o $(OBJ)/stamps/$(call lab_number,$(1)).o
	@mkdir -p $$(@D)
	$$(Q)$$(LD) -r -o $$@ $$^ && $$(OBJCOPY) --strip-debug --strip-unneeded $$@
endef
$(foreach l,$(LABS),$(eval $(call reference_rules,$(l))))
reference-objects: $(REFERENCE_OBJ)

## handout        make the students' repository in build/handout/; OBJECTS=no: without the reference
.PHONY: handout
handout:
	$(Q)sh grader/instructor/handout.sh $(O) $(OBJECTS)

# ---- a class -----------------------------------------------------------------------------------

#   make class LAB=03 SUBMISSIONS=dir [RESULTS=dir] [HIDDEN=dir] [COURSE=file] [JOBS=2]
#   SUBMISSIONS holds one directory per student, each a copy of the students' repository.
RESULTS ?= $(O)/results/$(LAB)
## class-base     prepare grading of LAB= (HIDDEN= tests), for submission.sh
## class          grade all of SUBMISSIONS= for LAB= into RESULTS= (HIDDEN=, COURSE=, JOBS=)
.PHONY: class class-base
class-base:
	$(Q)sh grader/instructor/base.sh $(O) $(LAB) $(HIDDEN)
class: class-base
	$(Q)test -d "$(SUBMISSIONS)" || { echo "SUBMISSIONS= is a directory with one directory per student"; exit 2; }
	$(Q)find $(SUBMISSIONS) -mindepth 1 -maxdepth 1 -type d | \
		sh grader/instructor/class.sh $(O) $(LAB) $(RESULTS) $(JOBS) $(COURSE)

## climb          solve the labs one exercise at a time, as a student does: the points must follow
.PHONY: climb
climb:
	$(Q)sh grader/instructor/climb.sh $(O) "01 02 03 04 05 06 07"

## gradescope     make build/gradescope-0N.zip, the autograder of LAB= (HIDDEN= tests)
.PHONY: gradescope
gradescope:
	$(Q)sh grader/instructor/gradescope.sh $(O) $(LAB) $(HIDDEN)
