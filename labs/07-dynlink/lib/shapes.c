/*
 * See shapes.h. Needs libmini, so constructors have an order.
 */
#include "mini.h"
#include "shapes.h"

static int square(int side)
{
	return side * side;
}

int triangle(int side);
int triangle(int side)
{
	return side * side / 2;
}

struct shape shapes[2] = { { "square", square }, { "triangle", triangle } };
int shape_count = 2;
__thread int shape_last_area = -1;
__thread char shape_scratch[100];
static int constructed;

__attribute__((constructor)) static void construct(void)
{
	constructed = mini_equal(mini_name, "libmini");
}

__attribute__((destructor)) static void destroy(void)
{
	if (shape_scratch[0] == 'd')
		mini_say("libshapes: done\n", (char *)0);
}

int shape_area(const struct shape *s, int side)
{
	shape_last_area = s->area(side);
	return shape_last_area;
}

int *shape_last_address(void)
{
	return &shape_last_area;
}

int shape_bump(void)
{
	return ++shape_count;
}

int shape_hook(int x)
{
	return shape_weak_hook ? shape_weak_hook(x) : -1;
}

static int fast(int x)
{
	return x * 3;
}

static int (*choose_fast(void))(int)
{
	return fast;
}

int shape_fast(int x) __attribute__((ifunc("choose_fast")));

int shape_overridden(void)
{
	return 1;
}

int shape_interposed(void)
{
	return shape_overridden();
}

int shape_constructed(void)
{
	return constructed;
}

void *shape_own_address(void)
{
	return (void *)shape_area;
}

/* The linker computes it when the program starts: R_X86_64_SIZE64. */
unsigned long shape_table_size(void)
{
	unsigned long size;

	__asm__("movq shapes_size(%%rip), %0" : "=r"(size));
	return size;
}
__asm__(".pushsection .data.rel, \"aw\"\n\t"
	".balign 8\n"
	"shapes_size:\n\t"
	".quad shapes@SIZE\n\t"
	".popsection");

int *shape_mood_address(void)
{
	return &shape_mood;
}
