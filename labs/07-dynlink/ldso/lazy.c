/*
 * Exercise 7.7, first part: functions that are bound at their first call (psABI 5.2, "Procedure
 * Linkage Table").
 *
 * A call of another object's function goes through a stub in the caller's PLT, which jumps to
 * the address in the function's word of the table at DT_PLTGOT. Bound lazily, that word points
 * back into the stub at first: the next instruction pushes the number of the function's
 * relocation and jumps to the PLT's first entry, which pushes word 1 of the table and jumps to
 * the address in word 2.
 *
 * Goal, binds_lazily(): true unless o has no such table or relocations (DT_PLTGOT, DT_JMPREL),
 * or everything is to be bound at once: `now`, o->bind_now, bind_all_now. (With BIND_NOW the
 * table is among what becomes read-only, so laziness would crash.)
 * Goal, prepare_lazy(): words 1 and 2: the object and resolve_trampoline. The words of the
 * functions (r_offset of each JUMP_SLOT in DT_JMPREL, DT_PLTRELSZ bytes) hold addresses as in
 * the file. Other types in that table are done at once.
 * Goal, bind_lazily(): apply relocation number `index` of that table, and return the function's
 * address.
 * Invariant: two threads may bind the same word at the same time; both write the same value.
 * Symptom when wrong: a crash at the first call, at a small address; programs that start
 * slowly, or fail to start because of a function that they never call.
 * Read: objdump -d -j .plt and readelf -r of build/07-dynlink/user/lazy; relocate_one().
 * Tests: ldso_lazy_slot, ldso_lazy_missing, ldso_bind_now.
 */
#include "07-dynlink/ldso/ldso.h"

bool binds_lazily(const struct object *o, bool now)
{
	/* EXERCISE 7.7: your code here. */
	exercise_blank("7.7");
	return false;
}

void prepare_lazy(struct object *o)
{
	/* EXERCISE 7.7: your code here. */
	exercise_blank("7.7");
	return;
}

u64 bind_lazily(struct object *o, u64 index)
{
	/* EXERCISE 7.7: your code here. */
	exercise_blank("7.7");
	return 0;
}
