/*
 * Names of local sockets: a path (bind makes a socket inode there), or an abstract name, which
 * begins with a zero byte, lives in a list of its own and vanishes with the socket. (unix(7),
 * "Address format".)
 *
 * A path is found by walking it, with all permissions that this takes, and ends at an inode whose
 * `socket` points to the bound socket for as long as that is open. The socket holds the inode; the
 * inode does not hold the socket, so unix_unbind() has to clear the pointer before the socket goes,
 * and both sides use it under unix_lock only. A file that is left over from a socket that has gone,
 * or from before the last boot, has no socket and refuses: that is why servers unlink(2) it first.
 *
 * The list of abstract names is walked from end to end. A desktop has a hundred; a hash table
 * would be the next step.
 */
#include "06-posix/net/unix.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "03-syscalls/cred.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"
#include "05-vfs/vfs/internal.h"

/* Bytes of an address without a name; with nothing more it asks bind(2) for any name. */
#define HEADER	offsetof(struct sockaddr_un, sun_path)

static LIST_HEAD(abstract);		/* unix_socket.bound_link; unix_lock */

static bool is_abstract(const struct unix_address *a)
{
	return a->name.sun_path[0] == '\0';
}

/*
 * A checked copy of an address, or ERR_PTR(-EINVAL, -ENOMEM). All bytes of an abstract name count,
 * zeros too, as far as the program's length says. A path ends with its first zero byte; one of the
 * full 108 bytes may lack it, so there is room for one more here (unix(7), "Pathname sockets").
 */
static struct unix_address *address_new(const struct sockaddr_storage *addr, int len)
{
	struct unix_address *a;

	if (addr->ss_family != AF_UNIX || len <= (int)HEADER ||
	    len > (int)sizeof(struct sockaddr_un))
		return ERR_PTR(-EINVAL);
	a = kzalloc(sizeof(*a) + 1, GFP_KERNEL);
	if (!a)
		return ERR_PTR(-ENOMEM);
	ref_init(&a->refs, 1);
	memcpy(&a->name, addr, len);
	a->len = is_abstract(a) ? len : (int)(HEADER + strnlen(a->name.sun_path, len - HEADER) + 1);
	return a;
}

static bool same_name(const struct unix_address *a, const struct unix_address *b)
{
	return a->len == b->len && memcmp(&a->name, &b->name, a->len) == 0;
}

/* Each type of socket has abstract names of its own. unix_lock held. */
static struct unix_socket *find_abstract(const struct unix_address *a, int type)
{
	struct unix_socket *u;

	list_for_each_entry(u, &abstract, bound_link)
		if (u->type == type && same_name(u->address, a))
			return u;
	return NULL;
}

/* Give u the name a, whose reference it takes over on success. */
static int bind_abstract(struct unix_socket *u, struct unix_address *a)
{
	int error = 0;

	spin_lock(&unix_lock);
	if (u->address)
		error = -EINVAL;
	else if (find_abstract(a, u->type))
		error = -EADDRINUSE;
	if (!error) {
		u->address = a;
		list_add_tail(&u->bound_link, &abstract);
	}
	spin_unlock(&unix_lock);
	return error;
}

/*
 * Make the inode; its directory stays locked until u is known there. Only unix_autobind() can give
 * u a name meanwhile: then the inode stays without a socket.
 */
static int bind_path(struct unix_socket *u, struct unix_address *a)
{
	struct entry e;
	int error = entry_get_new(&e, AT_FDCWD, a->name.sun_path, false);

	if (error)
		return error == -EEXIST ? -EADDRINUSE : error;
	error = mount_begin_write(e.dir.mount);
	if (!error) {
		error = create_in(&e.dir, e.d, S_IFSOCK | (S_IRWXUGO & ~fs_umask()), 0);
		mount_end_write(e.dir.mount);
	}
	if (!error) {
		spin_lock(&unix_lock);
		if (u->address) {
			error = -EINVAL;
		} else {
			inode_get(e.d->inode);
			u->address = a;
			u->inode = e.d->inode;
			u->inode->socket = u;
		}
		spin_unlock(&unix_lock);
	}
	entry_put(&e);
	return error;
}

/* Five hexadecimal digits that nobody uses, behind a zero byte (unix(7), "Autobind feature"). */
int unix_autobind(struct unix_socket *u)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNIX };
	static u32 last;
	int error;

	do {
		struct unix_address *a;

		snprintf(addr.data_ + 1, 8, "%05x", atomic_fetch_add(&last, 1) & 0xfffff);
		a = address_new(&addr, HEADER + 6);
		if (IS_ERR(a))
			return PTR_ERR(a);
		error = bind_abstract(u, a);
		if (error)
			unix_address_put(a);
	} while (error == -EADDRINUSE);
	return error;
}

/*
 * bind_lock is held from the look at u->address to its change: making an inode sleeps, so unix_lock
 * cannot be, and without it two calls could make an inode each.
 */
int unix_bind(struct socket *s, const struct sockaddr_storage *addr, int len)
{
	struct unix_socket *u = s->private;
	struct unix_address *a;
	int error;

	if (addr->ss_family == AF_UNIX && len == (int)HEADER)
		return u->address ? -EINVAL : unix_autobind(u);
	a = address_new(addr, len);
	if (IS_ERR(a))
		return u->address ? -EINVAL : PTR_ERR(a);
	mutex_lock(&u->bind_lock);
	if (u->address)
		error = -EINVAL;
	else
		error = is_abstract(a) ? bind_abstract(u, a) : bind_path(u, a);
	mutex_unlock(&u->bind_lock);
	if (error)
		unix_address_put(a);
	return error;
}

void unix_unbind(struct unix_socket *u)
{
	struct inode *i;

	spin_lock(&unix_lock);
	list_del(&u->bound_link);
	i = u->inode;
	u->inode = NULL;
	if (i)
		i->socket = NULL;
	spin_unlock(&unix_lock);
	if (i)
		inode_put(i);
}

/*
 * Writing to the socket's file must be allowed, for connecting and sending alike (unix(7),
 * "Pathname socket ownership and permissions"). The path is held while the inode is used; the
 * socket gets its reference under the lock that unix_unbind() takes, so it is not gone.
 */
static struct unix_socket *find_path(const char *name)
{
	struct unix_socket *u;
	struct path p;
	int error = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, &p);

	if (error)
		return ERR_PTR(error);
	error = inode_permission(p.dentry->inode, MAY_WRITE);
	if (!error && !S_ISSOCK(p.dentry->inode->mode))
		error = -ECONNREFUSED;
	spin_lock(&unix_lock);
	u = p.dentry->inode->socket;
	if (!error && u)
		unix_get(u);
	spin_unlock(&unix_lock);
	path_put(&p);
	return error ? ERR_PTR(error) : u ? u : ERR_PTR(-ECONNREFUSED);
}

struct unix_socket *unix_find(const struct sockaddr_storage *addr, int len, int type)
{
	struct unix_address *a = address_new(addr, len);
	struct unix_socket *u;

	if (IS_ERR(a))
		return (void *)a;
	if (is_abstract(a)) {
		spin_lock(&unix_lock);
		u = find_abstract(a, type);
		if (u)
			unix_get(u);
		spin_unlock(&unix_lock);
		if (!u)
			u = ERR_PTR(-ECONNREFUSED);
	} else {
		u = find_path(a->name.sun_path);
	}
	unix_address_put(a);
	if (IS_ERR(u) || u->type == type)
		return u;
	unix_put(u);
	return ERR_PTR(-EPROTOTYPE);
}
