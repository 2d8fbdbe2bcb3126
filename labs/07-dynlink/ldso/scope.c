/* Lists of objects: see struct scope in ldso.h. */
#include "07-dynlink/ldso/ldso.h"

struct scope global_scope;
struct lock load_lock, scope_lock;

bool scope_has(const struct scope *s, const struct object *o)
{
	for (int i = 0; i < s->count; i++)
		if (s->list[i] == o)
			return true;
	return false;
}

void scope_add(struct scope *s, struct object *o)
{
	if (scope_has(s, o))
		return;
	if (s->count == s->room) {
		struct object **bigger = allocate(sizeof(o) * (u64)(s->room * 2 + 4));

		mem_copy(bigger, s->list, sizeof(o) * (u64)s->count);
		s->list = bigger;
		s->room = s->room * 2 + 4;
	}
	s->list[s->count++] = o;
}

void scope_remove(struct scope *s, const struct object *o)
{
	int kept = 0;

	for (int i = 0; i < s->count; i++)
		if (s->list[i] != o)
			s->list[kept++] = s->list[i];
	s->count = kept;
}
