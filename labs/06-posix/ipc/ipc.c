/*
 * Tables of System V IPC objects (ipc.h).
 *
 * A table is an array that is searched from its beginning. A key is looked for only by the *get
 * calls, which programs make once; all others have the identifier, which leads to its place
 * directly.
 */
#include "06-posix/ipc/ipc.h"
#include "common/string.h"
#include "02-usermode/timer.h"

/*
 * An identifier is seq * SEQ_STEP + place, as on Linux: never negative, and the same one comes
 * again only after 65535 objects.
 */
#define SEQ_STEP	32768

/*
 * As for files (sysvipc(7), "Resource access permissions"), but that the creator has the owner's
 * rights for ever, and that effective ids count, not those for file systems. The first class that
 * fits decides: an owner without a right is not helped by what others may do.
 */
static bool granted(const struct ipc_object *o, unsigned access)
{
	const struct cred *c = current_cred();
	unsigned mode = o->mode;

	if (c->euid == o->uid || c->euid == o->cuid)
		mode >>= 6;
	else if (c->egid == o->gid || c->egid == o->cgid || in_group(o->gid) || in_group(o->cgid))
		mode >>= 3;
	return !(access & 7 & ~mode) || capable(CAP_IPC_OWNER);
}

static struct ipc_object *find_key(struct ipc_table *t, int key)
{
	for (int i = 0; i < IPC_MAX; i++)
		if (t->objects[i] && t->objects[i]->key == key)
			return t->objects[i];
	return NULL;
}

/* Put a new object into the table: its identifier or -ENOSPC. */
static int insert(struct ipc_table *t, struct ipc_object *o, const struct ipc_request *r)
{
	const struct cred *c = current_cred();

	for (int i = 0; i < IPC_MAX; i++) {
		if (t->objects[i])
			continue;
		t->objects[i] = o;
		o->key = r->key;
		o->id = t->seq++ % (0x7fffffff / SEQ_STEP) * SEQ_STEP + i;
		o->uid = o->cuid = c->euid;
		o->gid = o->cgid = c->egid;
		o->mode = r->flags & 0777;
		return o->id;
	}
	return -ENOSPC;
}

/* Looks for a free place first, so that make() has nothing to take back. */
static long create(struct ipc_table *t, const struct ipc_request *r)
{
	struct ipc_object *o;

	for (int i = 0; i < IPC_MAX; i++) {
		if (t->objects[i])
			continue;
		o = r->make(r);
		return IS_ERR(o) ? PTR_ERR(o) : insert(t, o, r);
	}
	return -ENOSPC;
}

/*
 * The permission bits in the flags are what the caller means to do; asking for more than is granted
 * fails here already. Nothing is remembered of it: each later call is checked for itself.
 */
static long open_existing(struct ipc_object *o, const struct ipc_request *r)
{
	int error;

	if ((r->flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	error = r->fits ? r->fits(o, r) : 0;
	if (error)
		return error;
	return granted(o, (r->flags >> 6 | r->flags >> 3 | r->flags) & 7) ? o->id : -EACCES;
}

long ipc_get(struct ipc_table *t, const struct ipc_request *r)
{
	struct ipc_object *o;
	long result;

	mutex_lock(&t->lock);
	o = r->key == IPC_PRIVATE ? NULL : find_key(t, r->key);
	if (o)
		result = open_existing(o, r);
	else if (r->key != IPC_PRIVATE && !(r->flags & IPC_CREAT))
		result = -ENOENT;
	else
		result = create(t, r);
	mutex_unlock(&t->lock);
	return result;
}

struct ipc_object *ipc_find(struct ipc_table *t, int id, unsigned access)
{
	struct ipc_object *o =
		id >= 0 && id % SEQ_STEP < IPC_MAX ? t->objects[id % SEQ_STEP] : NULL;

	if (!o)
		return ERR_PTR(-EINVAL);
	if (o->id != id)
		return ERR_PTR(-EIDRM);
	return !access || granted(o, access) ? o : ERR_PTR(-EACCES);
}

struct ipc_object *ipc_at(struct ipc_table *t, int index, bool any)
{
	struct ipc_object *o = index >= 0 && index < IPC_MAX ? t->objects[index] : NULL;

	if (!o)
		return ERR_PTR(-EINVAL);
	return any || granted(o, IPC_READ) ? o : ERR_PTR(-EACCES);
}

int ipc_may_control(const struct ipc_object *o)
{
	uid_t me = current_cred()->euid;

	return me == o->uid || me == o->cuid || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

int ipc_count(const struct ipc_table *t, int *highest)
{
	int n = 0;

	*highest = 0;
	for (int i = 0; i < IPC_MAX; i++) {
		if (!t->objects[i])
			continue;
		*highest = i;
		n++;
	}
	return n;
}

void ipc_unlink(struct ipc_table *t, struct ipc_object *o)
{
	t->objects[o->id % SEQ_STEP] = NULL;
}

void ipc_perm_out(const struct ipc_object *o, struct ipc64_perm *p)
{
	memset(p, 0, sizeof(*p));
	p->key = o->key;
	p->uid = o->uid;
	p->gid = o->gid;
	p->cuid = o->cuid;
	p->cgid = o->cgid;
	p->mode = o->mode;
	p->seq = o->id / SEQ_STEP;
}

/* IPC_SET: owner and permissions; key, creator and identifier stay. */
void ipc_perm_in(struct ipc_object *o, const struct ipc64_perm *p)
{
	o->uid = p->uid;
	o->gid = p->gid;
	o->mode = (o->mode & ~0777u) | (p->mode & 0777);
}

long ipc_now(void)
{
	return clock_realtime() / NSEC_PER_SEC;
}
