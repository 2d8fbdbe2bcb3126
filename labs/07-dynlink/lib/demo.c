/*
 * A program for ld-trellis.so: prints what it finds, or checks one thing:
 *
 *	demo			a tour
 *	demo data | functions | copy | tls | ifunc | lookup | many | weak | order | size
 *				exits with 0 if that works and says so
 */
#include "many.h"
#include "mini.h"
#include "shapes.h"

static __thread int own = 77;
static __thread long zeroed;
__thread int shape_mood = 5;
static int (*function_pointer)(const struct shape *, int) = shape_area;

int shape_overridden(void)
{
	return 2;
}

static int check_data(void)
{
	return shapes[0].area(6) == 36 && mini_equal(shapes[1].name, "triangle") &&
	       shapes[1].area(4) == 8 && function_pointer == shape_area;
}

static int check_functions(void)
{
	/* A function has one address, wherever it is taken. */
	if (shape_own_address() != (void *)shape_area || function_pointer != shape_area)
		return 0;
	return shape_area(&shapes[0], 5) == 25 && function_pointer(&shapes[1], 10) == 50 &&
	       mini_length("four") == 4;
}

/* The program's shape_count is a copy; the library must use the copy too. */
static int check_copy(void)
{
	if (shape_count != 2 || shape_bump() != 3)
		return 0;
	shape_count = 10;
	return shape_bump() == 11 && shape_count == 11;
}

static int check_tls(void)
{
	if (own != 77 || zeroed != 0 || shape_last_area != -1 || shape_scratch[99])
		return 0;
	if (*shape_mood_address() != 5 || shape_mood_address() != &shape_mood)
		return 0;
	own = 78;
	shape_scratch[99] = 1;
	shape_area(&shapes[0], 3);
	return shape_last_area == 9 && &shape_last_area == shape_last_address() && own == 78 &&
	       zeroed == 0;
}

static int check_ifunc(void)
{
	return shape_fast(14) == 42;
}

static int check_lookup(void)
{
	return shape_interposed() == 2;
}

#define POINTER(h)	many_##h,
static int (*const all_many[])(void) = { MANY(POINTER) };

static int check_many(void)
{
	for (int i = 0; i < 256; i++)
		if (all_many[i]() != i)
			return 0;
	return 1;
}

static int check_weak(void)
{
	return shape_hook(3) == -1 && !shape_weak_hook;
}

static int check_order(void)
{
	shape_scratch[0] = 'd';	/* the destructor speaks */
	return shape_constructed();
}

static int check_size(void)
{
	return shape_table_size() == sizeof(shapes);
}

static const struct mini_check checks[] = {
	{ "data", check_data }, { "tls", check_tls }, { "functions", check_functions },
	{ "copy", check_copy }, { "ifunc", check_ifunc }, { "lookup", check_lookup },
	{ "many", check_many }, { "weak", check_weak }, { "order", check_order },
	{ "size", check_size }, { 0 },
};

int main(int argc, char **argv)
{
	int result = mini_checks(checks, argc, argv);

	if (argc == 1)
		mini_number("system calls by libmini", mini_calls);
	return result;
}
