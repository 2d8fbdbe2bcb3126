/* libplug.so, for dlopen(); libguest.so uses it without needing it. */
#pragma once

int plug_number(void);			/* 7 */
int *plug_variable(void);		/* of this thread; 70 at first */
char *plug_block(void);			/* of this thread: 5000 bytes, "block" at first */
int guest_number(void);			/* plug_number() + 1, bound at its first call */
extern __thread int plug_counter;	/* 700 at first */
