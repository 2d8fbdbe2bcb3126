/*
 * System V shared memory: shmget(2), shmat(2), shmdt(2), shmctl(2).
 *
 * A segment is the same kind of object that MAP_SHARED | MAP_ANONYMOUS memory has; it merely can be
 * found by number. How often it is attached is how many areas map it. A removed segment stays,
 * without a key, until the last of these goes; that is noticed at the next call that looks, or when
 * memory is short.
 *
 * Areas go in many ways: shmdt(2), munmap(2), execve(2), exit(2), being killed. None of them knows
 * about segments, as they belong to lab 03 and earlier; so instead of counting attachments the list
 * of areas that each vm_object has is the count, and sweep() looks at it. (With mprotect(2) or
 * munmap(2) in its middle an attachment becomes two areas, and counts twice. So it does on Linux.)
 *
 * Lock order: segments.lock, then mm->lock (RANK_IPC before RANK_MM), then the object's.
 */
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/mm.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/memory/memory.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/proc.h"
#include "06-posix/ipc/ipc.h"

/* segments.lock. */
struct segment {
	struct ipc_object ipc;
	struct vm_object *object;	/* held; each area that maps it holds it, too */
	u64 size;			/* as asked for: the object has whole pages */
	long atime, dtime, ctime;	/* last shmat, shmdt, change; s since 1970 */
	int cpid, lpid;			/* who made it; who attached or detached last */
	bool removed;			/* IPC_RMID: goes with its last area */
};

DEFINE_IPC_TABLE(segments);

static struct segment *segment_of(struct ipc_object *o)
{
	return container_of(o, struct segment, ipc);
}

/* Areas that map it, of all processes. */
static unsigned long attached(struct segment *s)
{
	struct vm_area *a;
	unsigned long n = 0;

	down_read(&s->object->lock);
	list_for_each_entry(a, &s->object->areas, object_link)
		n++;
	up_read(&s->object->lock);
	return n;
}

/* Lock held. The object's own references decide when its pages go. */
static void destroy(struct segment *s)
{
	ipc_unlink(&segments, &s->ipc);
	shared_anon_put(s->object);
	kfree(s);
}

/*
 * Let go of removed segments that nobody maps any more: how many. Lock held. Once no area maps an
 * object none will, as forks copy areas that exist; so its lock is not needed.
 */
static u64 sweep(void)
{
	u64 n = 0;

	for (int i = 0; i < IPC_MAX; i++) {
		struct ipc_object *o = segments.objects[i];

		if (!o || !segment_of(o)->removed || !list_empty(&segment_of(o)->object->areas))
			continue;
		destroy(segment_of(o));
		n++;
	}
	return n;
}

/* A segment has a page at least; whoever is in the middle of a call here sweeps himself. */
static u64 shrink_segments(u64 frames)
{
	u64 freed;

	if (!mutex_trylock(&segments.lock))
		return 0;
	freed = sweep();
	mutex_unlock(&segments.lock);
	return freed;
}
SHRINKER(40, shared_memory, shrink_segments);

/* No page is allocated yet: as all anonymous memory, they come with the first touch. */
static struct ipc_object *make(const struct ipc_request *r)
{
	struct segment *s;

	if (!r->size || r->size > SHMMAX)
		return ERR_PTR(-EINVAL);
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	s->object = shared_anon_create(ALIGN_UP(r->size, PAGE_SIZE));
	if (!s->object) {
		kfree(s);
		return ERR_PTR(-ENOMEM);
	}
	s->size = r->size;
	s->ctime = ipc_now();
	s->cpid = current_process()->id;
	return &s->ipc;
}

static int fits(struct ipc_object *o, const struct ipc_request *r)
{
	return r->size > segment_of(o)->size ? -EINVAL : 0;
}

SYSCALL3(29, shmget, int, key, size_t, size, int, flags)
{
	struct ipc_request r = { key, flags, size, make, fits };

	mutex_lock(&segments.lock);
	sweep();
	mutex_unlock(&segments.lock);
	return ipc_get(&segments, &r);
}

/*
 * Where to map: the address or errno. Unlike mmap(2) an address is no hint: it is taken or refused,
 * and must be free unless SHM_REMAP says that what is there may go. mm->lock held.
 */
static s64 place(struct mm *mm, u64 addr, u64 size, int flags)
{
	struct vm_area *a;
	int error;

	if (!addr)
		return flags & SHM_REMAP ? -EINVAL : mm_find_free(mm, 0, size, PAGE_SIZE);
	if (addr % SHMLBA) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		addr = ALIGN_DOWN(addr, SHMLBA);
	}
	if (addr < USER_MIN || !user_range_ok(addr, size))
		return -EINVAL;
	if (flags & SHM_REMAP) {
		error = mm_unmap(mm, addr, size);
		return error ? error : (s64)addr;
	}
	a = mm_find(mm, addr);
	return a && a->start < addr + size ? -EINVAL : (s64)addr;
}

/* SHM_RDONLY leaves out VM_MAYWRITE as well: mprotect(2) shall not give what shmat did not. */
static s64 attach(struct segment *s, u64 addr, int flags)
{
	u64 size = ALIGN_UP(s->size, PAGE_SIZE);
	u32 vm = VM_SHARED | VM_READ | VM_MAYREAD | VM_MAYEXEC;
	struct mm *mm = current->mm;
	struct vm_area *a;
	s64 where;

	if (!(flags & SHM_RDONLY))
		vm |= VM_WRITE | VM_MAYWRITE;
	if (flags & SHM_EXEC)
		vm |= VM_EXEC;
	down_write(&mm->lock);
	where = place(mm, addr, size, flags);
	if (where >= 0) {
		a = mm_map(mm, where, size, vm, s->object, 0, NULL);
		if (IS_ERR(a))
			where = PTR_ERR(a);
	}
	up_write(&mm->lock);
	return where;
}

/*
 * Sweeping first makes that a removed segment that nobody maps any more cannot be attached again,
 * as on Linux, where it went with its last area. Permissions are checked at each attach.
 */
SYSCALL3(30, shmat, int, id, u64, addr, int, flags)
{
	struct ipc_object *o;
	s64 where;

	mutex_lock(&segments.lock);
	sweep();
	o = ipc_find(&segments, id, flags & SHM_RDONLY ? IPC_READ : IPC_READ | IPC_WRITE);
	if (IS_ERR(o)) {
		where = PTR_ERR(o);
	} else {
		where = attach(segment_of(o), addr, flags);
		if (where >= 0) {
			segment_of(o)->atime = ipc_now();
			segment_of(o)->lpid = current_process()->id;
		}
	}
	mutex_unlock(&segments.lock);
	return where;
}

/* The segment that an area maps, or NULL. */
static struct segment *segment_of_area(const struct vm_area *a)
{
	for (int i = 0; i < IPC_MAX; i++)
		if (segments.objects[i] && segment_of(segments.objects[i])->object == a->object)
			return segment_of(segments.objects[i]);
	return NULL;
}

/*
 * Unmap what is left of the segment that was attached at addr: others may have mapped between. The
 * areas of this attachment are those of its object whose offset fits the address. mm->lock held for
 * writing.
 */
static int detach(struct mm *mm, struct segment *s, vaddr_t addr)
{
	vaddr_t end = addr + ALIGN_UP(s->size, PAGE_SIZE), at = addr;
	struct vm_area *a;
	int error = 0;

	while (!error && (a = mm_find(mm, at)) && a->start < end) {
		at = a->end;
		if (a->object == s->object && a->start - a->offset == addr)
			error = mm_unmap(mm, a->start, a->end - a->start);
	}
	return error;
}

/*
 * The address must be the attachment's first. If that part has been unmapped by hand, Linux would
 * find the rest; here it is EINVAL, and munmap(2) does it.
 */
SYSCALL1(67, shmdt, u64, addr)
{
	struct mm *mm = current->mm;
	struct segment *s = NULL;
	struct vm_area *a;
	int error = -EINVAL;

	if (addr % PAGE_SIZE)
		return -EINVAL;
	mutex_lock(&segments.lock);
	down_write(&mm->lock);
	a = mm_find(mm, addr);
	if (a && a->start == addr && a->object && a->offset == 0)
		s = segment_of_area(a);
	if (s)
		error = detach(mm, s, addr);
	up_write(&mm->lock);
	if (s && !error) {
		s->dtime = ipc_now();
		s->lpid = current_process()->id;
	}
	sweep();
	mutex_unlock(&segments.lock);
	return error;
}

static void fill(struct segment *s, struct shmid64_ds *d)
{
	memset(d, 0, sizeof(*d));
	ipc_perm_out(&s->ipc, &d->shm_perm);
	d->shm_perm.mode |= s->removed ? SHM_DEST : 0;
	d->shm_segsz = s->size;
	d->shm_atime = s->atime;
	d->shm_dtime = s->dtime;
	d->shm_ctime = s->ctime;
	d->shm_cpid = s->cpid;
	d->shm_lpid = s->lpid;
	d->shm_nattch = attached(s);
}

/*
 * Commands that change the segment. A removed one gives its key free for the next shmget, but its
 * identifier stays good: as on Linux, whoever has it may still attach. SHM_LOCK and SHM_UNLOCK have
 * nothing to do, as there is no swapping. Lock held.
 */
static int change(struct segment *s, int cmd, const struct shmid64_ds *d)
{
	int error = ipc_may_control(&s->ipc);

	if (error)
		return error;
	switch (cmd) {
	case IPC_RMID:
		s->removed = true;
		s->ipc.key = IPC_PRIVATE;
		break;
	case IPC_SET:
		ipc_perm_in(&s->ipc, &d->shm_perm);
		s->ctime = ipc_now();
		break;
	}
	return 0;
}

static bool is_stat(int cmd)
{
	return cmd == IPC_STAT || cmd == SHM_STAT || cmd == SHM_STAT_ANY;
}

/* The limits. The place of the last segment, or -EFAULT. */
static long limits(struct shminfo64 __user *user)
{
	struct shminfo64 m = {
		.shmmax = SHMMAX, .shmmin = 1, .shmmni = IPC_MAX, .shmseg = IPC_MAX,
		.shmall = SHMMAX / PAGE_SIZE,
	};
	int highest;

	mutex_lock(&segments.lock);
	sweep();
	ipc_count(&segments, &highest);
	mutex_unlock(&segments.lock);
	return put_user(m, user) ? -EFAULT : highest;
}

/* What is in use, likewise. */
static long usage(struct shm_info __user *user)
{
	struct shm_info m = { 0 };
	int highest;

	mutex_lock(&segments.lock);
	sweep();
	m.used_ids = ipc_count(&segments, &highest);
	for (int i = 0; m.used_ids && i <= highest; i++) {
		struct ipc_object *o = segments.objects[i];

		m.shm_tot += o ? ALIGN_UP(segment_of(o)->size, PAGE_SIZE) / PAGE_SIZE : 0;
	}
	mutex_unlock(&segments.lock);
	return put_user(m, user) ? -EFAULT : highest;
}

SYSCALL3(31, shmctl, int, id, int, cmd, struct shmid64_ds __user *, user)
{
	struct shmid64_ds d;
	struct ipc_object *o;
	long result = 0;

	if (cmd == IPC_INFO)
		return limits((struct shminfo64 __user *)user);
	if (cmd == SHM_INFO)
		return usage((struct shm_info __user *)user);
	if (cmd == IPC_SET && get_user(d, user))
		return -EFAULT;
	if (!is_stat(cmd) && cmd != IPC_RMID && cmd != IPC_SET && cmd != SHM_LOCK &&
	    cmd != SHM_UNLOCK)
		return -EINVAL;
	mutex_lock(&segments.lock);
	o = cmd == SHM_STAT || cmd == SHM_STAT_ANY ? ipc_at(&segments, id, cmd == SHM_STAT_ANY) :
	    ipc_find(&segments, id, cmd == IPC_STAT ? IPC_READ : 0);
	if (IS_ERR(o)) {
		result = PTR_ERR(o);
	} else if (is_stat(cmd)) {
		fill(segment_of(o), &d);
		result = cmd == IPC_STAT ? 0 : o->id;
	} else {
		result = change(segment_of(o), cmd, &d);
	}
	sweep();
	mutex_unlock(&segments.lock);
	if (result >= 0 && is_stat(cmd) && put_user(d, user))
		return -EFAULT;
	return result;
}

static int print_segments(struct printer *p)
{
	print(p, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid "
		 " cuid  "
		 "cgid      atime      dtime      ctime                   rss                  "
		 "swap\n");
	mutex_lock(&segments.lock);
	sweep();
	for (int i = 0; i < IPC_MAX; i++) {
		struct ipc_object *o = segments.objects[i];
		struct segment *s = o ? segment_of(o) : NULL;

		if (s)
			print(p,
			      "%10d %10d  %4o %21lu %5d %5d  %5lu %5u %5u %5u %5u %10ld %10ld "
			      "%10ld %21d %21d\n",
			      o->key, o->id, o->mode | (s->removed ? SHM_DEST : 0), s->size,
			      s->cpid, s->lpid, attached(s), o->uid, o->gid, o->cuid, o->cgid,
			      s->atime, s->dtime, s->ctime, 0, 0);
	}
	mutex_unlock(&segments.lock);
	return 0;
}
PROC_ENTRY(sysvipc_shm, "sysvipc/shm", 0444, print_segments, NULL);
