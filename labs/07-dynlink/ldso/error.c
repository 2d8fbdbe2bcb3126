/*
 * How the linker complains. While the program starts, what goes wrong ends the process; during
 * dlopen() it must only end the dlopen(), from however deep inside: catch() notes in the thread
 * where to go back to, and fail() goes there.
 */
#include <stdarg.h>

#include "07-dynlink/ldso/tls.h"

void say(const char *first, ...)
{
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *))
		sys_write(s);
	va_end(ap);
}

void fail(const char *first, ...)
{
	struct tcb *me = current_thread();
	static char message[1024];	/* not allocated: memory may be what is missing */
	u64 n = 0;
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *))
		for (; *s && n < sizeof(message) - 1; s++)
			message[n++] = *s;
	va_end(ap);
	message[n] = '\0';
	if (me->catch_frame)
		catch_jump(message, &me->catch_frame);
	say("ld-trellis.so: ", message, "\n", NULL);
	sys_exit(127);
}

const char *catch(void (*fn)(void *), void *arg)
{
	const char *message = catch_call(fn, arg, &current_thread()->catch_frame);

	return message ? str_copy(message, str_len(message)) : NULL;
}

/* common/exercise.h's, for exercises of the linker: said once for each that is met in a row. */
void exercise_blank(const char *id)
{
	static const char *last = "";

	if (last[0] && str_equal(last, id))
		return;
	last = id;
	say("exercise ", id, " is not written yet\n", NULL);
}
