# The finished system, and everything that spans labs. `make help` lists the targets.
.DEFAULT_GOAL := kernel

include common/build.mk
-include common/image.mk
-include common/run.mk
-include grader/grader.mk
-include grader/maintain.mk
-include grader/instructor/instructor.mk

.PHONY: help clean
help:
	@sed -n 's/^## //p' Makefile common/*.mk grader/*.mk grader/*/*.mk

## clean          remove build/
clean:
	rm -rf $(O)
