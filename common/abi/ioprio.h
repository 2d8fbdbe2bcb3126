/* Priorities of disk requests: ioprio_set(2). */
#pragma once

#define IOPRIO_WHO_PROCESS	1
#define IOPRIO_WHO_USER		3

#define IOPRIO_CLASS_SHIFT	13
#define IOPRIO_CLASS_NONE	0	/* as the nice value says */
#define IOPRIO_CLASS_RT		1
#define IOPRIO_CLASS_BE		2
#define IOPRIO_CLASS_IDLE	3
#define IOPRIO_LEVELS		8
