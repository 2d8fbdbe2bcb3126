/*
 * poll(2), ppoll(2), select(2), pselect6(2): bringing each form of the question into the
 * form of poll_items(), and the answer back.
 *
 * What differs: poll names files in an array, select in three bit sets; poll and epoll count in ms,
 * select in us, the p-calls in ns; select, pselect6 and ppoll write back how much time is left
 * (glibc hides it for the p-calls, as POSIX demands), and the p-calls change the signal mask for as
 * long as they wait. None of them is restarted after a handler, SA_RESTART or not (signal(7)); they
 * go on only after a stop or an ignored signal: that is what -ERESTARTNOHAND means.
 */
#include "06-posix/poll/poll.h"
#include "common/abi/resource.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/restart.h"
#include "03-syscalls/syscall.h"
#include "06-posix/signal/signal.h"

/*
 * A timeout of 0 is no deadline of now but a wish not to wait, and spares poll_items() the
 * registering. A time too far away to be added to the clock is for ever.
 */
int poll_deadline(const struct timespec *ts, u64 *deadline)
{
	u64 limit = WAIT_FOREVER / 4 / NSEC_PER_SEC;

	*deadline = WAIT_FOREVER;
	if (!ts)
		return 0;
	if (ts->tv_sec < 0 || (u64)ts->tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if (!ts->tv_sec && !ts->tv_nsec)
		*deadline = 0;
	else if ((u64)ts->tv_sec < limit)
		*deadline = clock_monotonic() + ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
	return 0;
}

void poll_time_left(u64 deadline, struct timespec *ts)
{
	u64 now = clock_monotonic();
	u64 left = deadline > now ? deadline - now : 0;

	ts->tv_sec = left / NSEC_PER_SEC;
	ts->tv_nsec = left % NSEC_PER_SEC;
}

/* Most calls name few files: 16 items and their pollfds are half a kilobyte of the kernel stack. */
#define ITEMS_ON_STACK	16

static void put_items(struct poll_item *items, int n)
{
	for (int i = 0; i < n; i++)
		if (items[i].file)
			file_put(items[i].file);
}

/* ---- poll ---- */

/*
 * A negative descriptor is no error: programs blank an entry that way (poll(2)). One that is not
 * open is reported as POLLNVAL, and counts as ready. Descriptors are looked up once: an fd that is
 * closed during the wait is watched to its end, as we hold the file.
 */
static void item_from_pollfd(struct poll_item *item, const struct pollfd *p)
{
	item->file = p->fd >= 0 ? fd_get(p->fd) : NULL;
	item->events = (u16)p->events | POLL_ALWAYS;
	item->revents = p->fd >= 0 && !item->file ? POLLNVAL : 0;
	item->fired = false;
}

/* fds and items have room for n. The references to the files last as long as the wait does. */
static long poll_with(struct pollfd *fds, struct poll_item *items, struct pollfd __user *ufds,
		      unsigned n, u64 deadline)
{
	long ready;

	if (copy_from_user(fds, ufds, n * sizeof(*fds)))
		return -EFAULT;
	for (unsigned i = 0; i < n; i++)
		item_from_pollfd(&items[i], &fds[i]);
	ready = poll_items(items, n, deadline);
	put_items(items, n);
	if (ready < 0)
		return ready;
	/* Only revents that change are written: the program may look at the rest from another
	 * thread. */
	for (unsigned i = 0; i < n; i++)
		if ((short)items[i].revents != fds[i].revents &&
		    put_user((short)items[i].revents, &ufds[i].revents))
			return -EFAULT;
	return ready;
}

static long do_poll(struct pollfd __user *ufds, unsigned n, u64 deadline)
{
	struct pollfd fds_here[ITEMS_ON_STACK];
	struct poll_item items_here[ITEMS_ON_STACK];
	struct poll_item *items = items_here;
	struct pollfd *fds = fds_here;
	long ready;

	if (n > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (n <= ITEMS_ON_STACK)
		return poll_with(fds, items, ufds, n, deadline);
	/* n is below the limit of open files: no overflow. Both are filled before they are read. */
	fds = kmalloc(n * sizeof(*fds), GFP_KERNEL);
	items = kmalloc(n * sizeof(*items), GFP_KERNEL);
	ready = fds && items ? poll_with(fds, items, ufds, n, deadline) : -ENOMEM;
	kfree(fds);
	kfree(items);
	return ready;
}

/* After a stop or an ignored signal poll goes on until its original deadline. */
static long restart_poll(struct restart_block *r)
{
	struct pollfd __user *ufds = (void __user *)r->arg[0];
	u64 n = r->arg[1], deadline = r->arg[2];
	long ready = do_poll(ufds, n, deadline);

	if (ready != -ERESTARTNOHAND)
		return ready;
	r = restart_block_new(restart_poll);
	if (!r)
		return -EINTR;
	r->arg[0] = (u64)ufds;
	r->arg[1] = n;
	r->arg[2] = deadline;
	return -ERESTART_RESTARTBLOCK;
}

/*
 * poll(2) does not write back what is left of its timeout, so a restart with the same arguments
 * would wait too long: the deadline travels in the restart block. (select and ppoll need none: they
 * restart with the timeout that they have just written back.)
 */
SYSCALL3(7, poll, struct pollfd __user *, ufds, unsigned, n, int, timeout_ms)
{
	u64 deadline = timeout_ms < 0 ? WAIT_FOREVER : !timeout_ms ? 0 :
		       clock_monotonic() + timeout_ms * NSEC_PER_MSEC;
	struct restart_block r = { .arg = { (u64)ufds, n, deadline } };

	return restart_poll(&r);
}

SYSCALL5(271, ppoll, struct pollfd __user *, ufds, unsigned, n, struct timespec __user *, uts,
	 const u64 __user *, mask, size_t, size)
{
	struct timespec ts;
	u64 deadline;
	long ready;
	int error;

	if (uts && get_user(ts, uts))
		return -EFAULT;
	error = poll_deadline(uts ? &ts : NULL, &deadline);
	if (!error)
		error = signal_swap_mask(mask, size);
	if (error)
		return error;
	ready = do_poll(ufds, n, deadline);
	signal_unswap_mask(ready == -ERESTARTNOHAND);
	if (uts && deadline != WAIT_FOREVER) {
		poll_time_left(deadline, &ts);
		if (put_user(ts, uts) && ready == -ERESTARTNOHAND)
			ready = -EINTR;		/* a restart would not know how long */
	}
	return ready;
}

/*
 * ---- select ----
 *
 * What each set means in terms of poll is in select(2), "Correspondence between select() and poll()
 * notifications": a hang-up is readable (the read returns 0 at once), an error both.
 */

#define FDS_BYTES(n)	(DIV_ROUND_UP(n, 64) * 8)
#define IN_EVENTS	(POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define OUT_EVENTS	(POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define EX_EVENTS	POLLPRI

struct fd_sets {
	u64 *set[3];		/* in, out, exceptional: FDS_BYTES(nfds) of each */
};

static const unsigned set_events[3] = { IN_EVENTS, OUT_EVENTS, EX_EVENTS };

static bool in_set(const u64 *set, int fd)
{
	return set[fd / 64] >> fd % 64 & 1;
}

static unsigned events_of(const struct fd_sets *s, int fd)
{
	unsigned events = 0;

	for (int i = 0; i < 3; i++)
		if (in_set(s->set[i], fd))
			events |= set_events[i];
	return events;
}

/* The next descriptor from fd on that is in some set; nfds if there is none. */
static int next_fd(const struct fd_sets *s, int fd, int nfds)
{
	while (fd < nfds) {
		u64 word = s->set[0][fd / 64] | s->set[1][fd / 64] | s->set[2][fd / 64];

		word >>= fd % 64;
		if (word)
			return MIN(nfds, fd + __builtin_ctzl(word));
		fd = (fd / 64 + 1) * 64;
	}
	return nfds;
}

#define for_each_fd(fd, s, nfds) \
	for (fd = next_fd(s, 0, nfds); fd < (nfds); fd = next_fd(s, fd + 1, nfds))

/*
 * Make the sets the answer: drop the bits that do not hold. Number of those that do, so that a file
 * in two sets may count twice. The items are in the order of for_each_fd(), so both walk together:
 * bits are dropped only of the descriptor in hand.
 */
static long answer(struct fd_sets *s, int nfds, const struct poll_item *items)
{
	long bits = 0;
	int fd;

	for_each_fd(fd, s, nfds) {
		unsigned revents = items++->revents;

		for (int i = 0; i < 3; i++) {
			if (!in_set(s->set[i], fd))
				continue;
			if (revents & set_events[i])
				bits++;
			else
				s->set[i][fd / 64] &= ~BIT(fd % 64);
		}
	}
	return bits;
}

/* Ask about all descriptors in the sets. */
/* A descriptor that is not open is EBADF for the whole call: a set has no place for POLLNVAL. */
static long select_items(struct fd_sets *s, int nfds, struct poll_item *items, u64 deadline)
{
	long ready;
	int fd, n = 0;

	for_each_fd(fd, s, nfds) {
		struct poll_item *item = &items[n];

		item->file = fd_get(fd);
		item->events = events_of(s, fd);
		item->revents = 0;
		item->fired = false;
		if (!item->file) {
			put_items(items, n);
			return -EBADF;
		}
		n++;
	}
	ready = poll_items(items, n, deadline);
	put_items(items, n);
	return ready < 0 ? ready : answer(s, nfds, items);
}

static int count_fds(const struct fd_sets *s, int nfds)
{
	int fd, n = 0;

	for_each_fd(fd, s, nfds)
		n++;
	return n;
}

static long select_with(struct fd_sets *s, int nfds, u64 deadline)
{
	struct poll_item here[ITEMS_ON_STACK], *items = here;
	int n = count_fds(s, nfds);
	long bits;

	if (n > ITEMS_ON_STACK)
		items = kcalloc(n, sizeof(*items), GFP_KERNEL);
	if (!items)
		return -ENOMEM;
	bits = select_items(s, nfds, items, deadline);
	if (items != here)
		kfree(items);
	return bits;
}

/*
 * The sets are bit arrays of as many 64-bit words as nfds needs. They are copied in, become the
 * answer in place, and are copied out; after an error the user's sets are as they were (select(2)).
 *
 * select(2), BUGS: Linux passes over descriptors beyond its table; POSIX wants EBADF, as for any
 * that is not open. Here the limit of open files is the border: a program that asks with
 * nfds = INT_MAX must not make us allocate for all of it.
 */
static long do_select(int nfds, void __user *const user[3], u64 deadline)
{
	size_t bytes;
	struct fd_sets s;
	long bits;
	u64 *mem;

	if (nfds < 0)
		return -EINVAL;
	nfds = MIN(nfds, (int)MIN(rlimit(RLIMIT_NOFILE), 1UL << 20));
	bytes = FDS_BYTES(nfds);
	mem = kzalloc(3 * bytes + 8, GFP_KERNEL);
	if (!mem)
		return -ENOMEM;
	bits = 0;
	for (int i = 0; i < 3; i++) {
		s.set[i] = mem + i * bytes / 8;
		if (user[i] && copy_from_user(s.set[i], user[i], bytes))
			bits = -EFAULT;
		/* Bits beyond nfds do not count. */
		if (nfds % 64)
			s.set[i][nfds / 64] &= BIT(nfds % 64) - 1;
	}
	if (!bits)
		bits = select_with(&s, nfds, deadline);
	for (int i = 0; i < 3 && bits >= 0; i++)
		if (user[i] && copy_to_user(user[i], s.set[i], bytes))
			bits = -EFAULT;
	kfree(mem);
	return bits;
}

/*
 * tv_usec may be a second and more here, unlike elsewhere. If the rest of the time cannot be
 * written back the answer is told all the same, but a restart must not begin with the whole time.
 */
SYSCALL5(23, select, int, nfds, void __user *, in, void __user *, out, void __user *, ex,
	 struct timeval __user *, utv)
{
	void __user *const user[3] = { in, out, ex };
	struct timespec ts;
	struct timeval tv;
	u64 deadline;
	long bits;
	int error;

	if (utv) {
		if (get_user(tv, utv))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		ts.tv_sec = tv.tv_sec + tv.tv_usec / 1000000;
		ts.tv_nsec = tv.tv_usec % 1000000 * NSEC_PER_USEC;
	}
	error = poll_deadline(utv ? &ts : NULL, &deadline);
	if (error)
		return error;
	bits = do_select(nfds, user, deadline);
	if (utv && deadline != WAIT_FOREVER) {
		poll_time_left(deadline, &ts);
		tv = (struct timeval){ ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC };
		if (put_user(tv, utv) && bits == -ERESTARTNOHAND)
			bits = -EINTR;
	}
	return bits;
}

/* The sixth argument of pselect6: a system call has six, and this one would need a seventh. */
struct mask_arg {
	const u64 __user *mask;
	size_t size;
};

SYSCALL6(270, pselect6, int, nfds, void __user *, in, void __user *, out, void __user *, ex,
	 struct timespec __user *, uts, const struct mask_arg __user *, uarg)
{
	void __user *const user[3] = { in, out, ex };
	struct mask_arg arg = { 0 };
	struct timespec ts;
	u64 deadline;
	long bits;
	int error;

	if ((uarg && get_user(arg, uarg)) || (uts && get_user(ts, uts)))
		return -EFAULT;
	error = poll_deadline(uts ? &ts : NULL, &deadline);
	if (!error)
		error = signal_swap_mask(arg.mask, arg.size);
	if (error)
		return error;
	bits = do_select(nfds, user, deadline);
	signal_unswap_mask(bits == -ERESTARTNOHAND);
	if (uts && deadline != WAIT_FOREVER) {
		poll_time_left(deadline, &ts);
		if (put_user(ts, uts) && bits == -ERESTARTNOHAND)
			bits = -EINTR;
	}
	return bits;
}
