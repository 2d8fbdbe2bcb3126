/* See many.h. */
#include "many.h"

#define DEFINE(h)	int many_##h(void) { return 0x##h; }
MANY(DEFINE)
