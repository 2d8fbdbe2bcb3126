/*
 * The auxiliary vector: what the kernel tells a program's start-up code (getauxval(3), psABI
 * 3.4.3).
 *
 * It is how the C library finds its thread-local storage (AT_PHDR), a dynamic linker the program
 * (AT_PHDR, AT_ENTRY) and itself (AT_BASE), the stack protector its secret (AT_RANDOM), and how a
 * set-user-id program knows that it is one (AT_SECURE), all without a system call.
 */
#include "04-elf/strings.h"
#include "common/abi/auxvec.h"
#include "common/abi/elf.h"
#include "common/abi/time.h"
#include "common/x86.h"
#include "02-usermode/fpu.h"

#define SIGFRAME_BASE	1008	/* the signal frame without the FPU state, rounded up */
#define OWN_ENTRIES	20	/* of exec_auxv() below, AT_NULL included */

/* Room for the entries that every program gets is kept. */
int exec_add_auxv(struct exec *x, u64 type, u64 value)
{
	if (x->auxv_count >= EXEC_MAX_AUXV - OWN_ENTRIES)
		return -E2BIG;
	x->auxv[x->auxv_count][0] = type;
	x->auxv[x->auxv_count++][1] = value;
	return 0;
}

int exec_auxv(struct exec *x, vaddr_t platform, vaddr_t random, u64 pairs[][2])
{
	const struct cred *c = x->cred ? x->cred : current_cred();
	const u64 own[OWN_ENTRIES][2] = {
		{ AT_MINSIGSTKSZ, SIGFRAME_BASE + fpu_size() },
		{ AT_HWCAP, cpuid(1, 0).edx },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_CLKTCK, USER_HZ },
		{ AT_PHDR, x->phdr },
		{ AT_PHENT, sizeof(struct elf64_phdr) },
		{ AT_PHNUM, x->phnum },
		{ AT_BASE, x->interp_base },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, x->program_entry },
		{ AT_UID, c->uid },
		{ AT_EUID, c->euid },
		{ AT_GID, c->gid },
		{ AT_EGID, c->egid },
		{ AT_SECURE, x->secure },
		{ AT_RANDOM, random },
		{ AT_HWCAP2, read_cr4() & CR4_FSGSBASE ? 2 : 0 },
		{ AT_EXECFN, x->execfn_addr },
		{ AT_PLATFORM, platform },
		{ AT_NULL, 0 },
	};
	int n = 0;

	for (int i = 0; i < x->auxv_count; i++, n++) {
		pairs[n][0] = x->auxv[i][0];
		pairs[n][1] = x->auxv[i][1];
	}
	for (int i = 0; i < OWN_ENTRIES; i++, n++) {
		pairs[n][0] = own[i][0];
		pairs[n][1] = own[i][1];
	}
	return n;
}
