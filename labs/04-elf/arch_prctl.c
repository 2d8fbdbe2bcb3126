/*
 * arch_prctl(2): the base addresses of FS, which thread-local storage hangs from, and GS.
 *
 * A static program sets FS before its first use of errno; threads get theirs from
 * clone(CLONE_SETTLS). The kernel's own GS base is in the register, and the user's waits in
 * MSR_KERNEL_GS_BASE, until SWAPGS exchanges them on the way out. A base that is not canonical
 * would make WRMSR fault, hence EPERM.
 */
#include "common/abi/prctl.h"
#include "common/spinlock.h"
#include "common/x86.h"
#include "03-syscalls/syscall.h"
#include "02-usermode/uaccess.h"

/* The thread's copy and the register change together: the scheduler must not come in between. */
static long set_base(u64 *saved, u32 msr, u64 base)
{
	if (base >= USER_END)
		return -EPERM;
	irq_disable();
	*saved = base;
	wrmsr(msr, base);
	irq_enable();
	return 0;
}

SYSCALL2(158, arch_prctl, int, option, unsigned long, addr)
{
	switch (option) {
	case ARCH_SET_FS:
		return set_base(&current->fs_base, MSR_FS_BASE, addr);
	case ARCH_SET_GS:
		return set_base(&current->gs_base, MSR_KERNEL_GS_BASE, addr);
	case ARCH_GET_FS:
		return put_user(rdmsr(MSR_FS_BASE), (u64 __user *)addr);
	case ARCH_GET_GS:
		return put_user(rdmsr(MSR_KERNEL_GS_BASE), (u64 __user *)addr);
	}
	return -EINVAL;
}
