/*
 * The kernel command line, as Linux reads it (bootparam(7)): words separated by
 * spaces, double quotes protect spaces, "--" ends the kernel's part.
 */
#pragma once

#include "common/linkset.h"

/*
 * Value of the last `name=value`; "" for a bare `name`; NULL if absent. The
 * string lives forever. Names compare with - and _ equal.
 */
const char *cmdline_get(const char *name);
bool cmdline_has(const char *name);
/* cmdline_get() as a number, or def when absent or malformed. */
u64 cmdline_get_u64(const char *name, u64 def);

/*
 * Declares that the kernel consumes the word `name` or `name=...`, so that it is not
 * passed to init. The words Linux consumes and we ignore are in cmdline.c.
 */
struct cmdline_word {
	const char *name;
};
#define CMDLINE_WORD(ident, name_)		\
	static LINKSET(cmdline_words, 50, const struct cmdline_word,	\
		       cmdline_word_##ident) = { name_ }

/*
 * What is left for init: arguments (words that are not consumed and have
 * no '=', and everything after "--") and environment (unconsumed name=value without a
 * dot in name). Fill at most max pointers each; return how many.
 */
/* Split the command line (copied); once, at boot. */
void cmdline_parse(const char *line);
/* Call visit with the value of each `name=value`, in order. */
void cmdline_for_each(const char *name, void (*visit)(const char *value));

int cmdline_init_args(const char **argv, int max);
int cmdline_init_env(const char **envp, int max);
