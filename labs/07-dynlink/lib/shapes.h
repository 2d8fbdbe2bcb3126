/*
 * libshapes: one thing of each kind that a dynamic linker must relocate.
 */
#pragma once

struct shape {
	const char *name;
	int (*area)(int side);	/* a function pointer in data: R_X86_64_64 or RELATIVE */
};

extern struct shape shapes[2];
extern int shape_count;			/* a program that uses it gets a COPY */
extern __thread int shape_last_area;	/* initially -1 */
extern __thread char shape_scratch[100];

int shape_area(const struct shape *s, int side);
int *shape_last_address(void);		/* the library's own idea of &shape_last_area */
int shape_bump(void);			/* adds 1 to shape_count inside the library, returns it */
int shape_hook(int x);			/* shape_weak_hook(x) if somebody defines it, else -1 */
int shape_weak_hook(int x) __attribute__((weak));
int shape_fast(int x);			/* an indirect function (IFUNC): x * 3 */
int shape_interposed(void);		/* calls shape_overridden(): the program's own counts */
int shape_overridden(void);
extern __thread int shape_mood;		/* the program's; 5 at first */
int *shape_mood_address(void);
int shape_constructed(void);		/* 1 if the constructors of libmini's users ran in order */
void *shape_own_address(void);		/* the library's own idea of the address of shape_area() */
unsigned long shape_table_size(void);	/* sizeof(shapes), by a relocation */
