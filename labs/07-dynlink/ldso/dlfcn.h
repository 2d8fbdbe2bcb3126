/*
 * What ld-trellis.so offers to programs (POSIX <dlfcn.h>; dlvsym is glibc's): link with
 * ld-trellis.so itself. All may be called by several threads.
 */
#pragma once

#define RTLD_LAZY	0x1
#define RTLD_NOW	0x2
#define RTLD_NOLOAD	0x4		/* only if it is loaded already */
#define RTLD_GLOBAL	0x100		/* its symbols serve everybody */
#define RTLD_LOCAL	0
#define RTLD_NODELETE	0x1000		/* it stays loaded for ever */

#define RTLD_DEFAULT	((void *)0)
#define RTLD_NEXT	((void *)-1L)

/*
 * Load a library with all it needs and run their constructors: a handle, or NULL and dlerror()
 * tells why. file NULL: the program itself. With a slash it is a path; else it is looked for as
 * the caller's own libraries are.
 */
void *dlopen(const char *file, int mode);
/*
 * The address of a symbol; of its default version, or of the one that is named. NULL: its
 * address, or an error.
 */
void *dlsym(void *handle, const char *name);
void *dlvsym(void *handle, const char *name, const char *version);
/* Give up a handle; the library goes when nobody uses it any more. 0, or -1 and dlerror(). */
int dlclose(void *handle);
/* What went wrong in this thread since the last dlerror(); NULL: nothing. */
char *dlerror(void);
