/* See probe.h. PROBE_GONE: the form that programs are linked with. */
#include "probe.h"

struct probe probe_seen;
int probe_wide;		/* for probe.S: there are ymm registers */

int probe_count(void)
{
	static int next = 42;

	return next++;
}

#ifdef PROBE_GONE
int probe_gone(void)
{
	return 0;
}
#endif

/* probe.S */
void probe_store(void);
void probe_spoil_xmm(void);
void probe_spoil_ymm(void);

static void (*choose(void))(void)
{
	probe_wide = has_ymm();
	if (probe_wide)
		probe_spoil_ymm();
	else
		probe_spoil_xmm();
	return probe_store;
}

void probe_registers(void) __attribute__((ifunc("choose")));
