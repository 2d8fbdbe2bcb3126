/*
 * Linker sets: an array that the linker gathers from all modules. A module adds
 * an element without anybody knowing it: this is how a later lab extends an
 * earlier one (docs/extension-points.md).
 *
 *	LINKSET(irq_drivers, 10, struct driver, my_driver) = { ... };
 *	const struct driver *d;
 *	linkset_for_each(irq_drivers, struct driver, d) ...
 *
 * The elements are ordered by the two-digit order, then by link order. They live
 * in sections set.NAME.NN, which common/kernel.ld keeps and sorts, one
 * line per set there, giving __start_set_NAME and __stop_set_NAME.
 */
#pragma once

#include "common/types.h"

/* Declare and place the element; the definition's initialiser follows. */
#define LINKSET(set, order, type, name)						\
	type name __used __aligned(8) __section("set." #set "." #order)

/*
 * Visit every element of the set, in order. The two bounds are weak, so that a
 * stage in which nobody contributes to the set links and iterates over nothing.
 */
#define linkset_for_each(set, type, pos)					\
	extern __typeof__(type) __start_set_##set[] __weak, __stop_set_##set[] __weak; \
	for (pos = __start_set_##set; pos < __stop_set_##set; pos++)
