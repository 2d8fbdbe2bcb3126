/*
 * Files of the initial ramdisk, as far as exec needs them: they can be read and mapped. The
 * archive's contents do not lie on page boundaries, so each page that is mapped is a copy, made
 * when it is first touched and kept: all who run a program share its pages.
 *
 * This is the smallest file system there is: a node per file with an object for its pages, a struct
 * file with operations that refer to the node. Lab 05 puts inodes and its page cache in the same
 * place.
 *
 * Nodes are never freed: their number is bounded by the archive, and so are the copies.
 */
#include "common/radix.h"
#include "common/string.h"
#include "common/abi/fcntl.h"
#include "01-memory/kmem.h"
#include "03-syscalls/file.h"
#include "04-elf/exec.h"
#include "04-elf/initrd.h"

struct ram_node {
	struct vm_object object;
	struct list_head link;		/* nodes */
	struct cpio_entry entry;
	struct spinlock lock;		/* RANK_PAGE_CACHE; protects: */
	struct radix_tree pages;
};

/* Every file that was opened once; they stay, like the archive. */
static LIST_HEAD(nodes);
static DEFINE_MUTEX(nodes_lock, RANK_SLEEP_LEAF);

static struct ram_node *node_of(struct vm_object *o)
{
	return container_of(o, struct ram_node, object);
}

/* The page at index with a reference, or NULL. */
static struct frame *find_page(struct vm_object *o, u64 index)
{
	struct ram_node *n = node_of(o);
	struct frame *f;

	spin_lock(&n->lock);
	f = radix_lookup(&n->pages, index);
	if (f)
		frame_get(f);
	spin_unlock(&n->lock);
	return f;
}

/* A copy of the page's part of the archive, zero behind the end. One reference. */
static struct frame *copy_page_of(struct ram_node *n, u64 index)
{
	struct frame *f = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_CACHE);
	u64 at = index << PAGE_SHIFT;

	if (!f)
		return NULL;
	f->object = &n->object;
	f->index = index;
	memcpy(frame_to_virt(f), (const char *)n->entry.data + at,
	       MIN(n->entry.size - at, PAGE_SIZE));
	return f;
}

/*
 * The page is made without the lock, as allocating may sleep; if two threads do that at the same
 * time, the tree decides which one stays.
 */
static int ram_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
		     struct frame **frame)
{
	struct ram_node *n = node_of(o);
	struct frame *f = find_page(o, index);
	int error;

	*frame = f;
	if (f)
		return 0;
	if (index >= ALIGN_UP(n->entry.size, PAGE_SIZE) >> PAGE_SHIFT)
		return -EFAULT;
	f = copy_page_of(n, index);
	if (!f)
		return -ENOMEM;
	frame_get(f);			/* one for the tree, one for the caller */
	spin_lock(&n->lock);
	error = radix_insert(&n->pages, index, f);
	spin_unlock(&n->lock);
	*frame = f;
	if (!error)
		return 0;
	frame_put(f);
	frame_put(f);
	*frame = find_page(o, index);	/* another thread was faster, or there is no memory */
	return *frame ? 0 : error;
}

static const struct vm_object_ops ram_object_ops = {
	.fault = ram_fault,
	.cached = find_page,
};

/* Straight from the archive: what is read once needs no page. */
static ssize_t ram_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	const struct ram_node *n = f->private;
	size_t size, done;

	if (*pos < 0)
		return -EINVAL;
	if ((u64)*pos >= n->entry.size || !it->count)
		return 0;
	size = MIN(it->count, n->entry.size - *pos);
	done = copy_to_iter((const char *)n->entry.data + *pos, size, it);
	*pos += done;
	return done ? (ssize_t)done : -EFAULT;
}

static loff_t ram_lseek(struct file *f, loff_t off, int whence)
{
	const struct ram_node *n = f->private;
	loff_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? f->pos : (loff_t)n->entry.size;

	if (whence > SEEK_END || base + off < 0)
		return -EINVAL;
	return f->pos = base + off;
}

static int ram_stat(struct file *f, struct stat *st)
{
	const struct cpio_entry *e = &((const struct ram_node *)f->private)->entry;

	st->st_ino = e->ino;
	st->st_mode = e->mode;
	st->st_nlink = e->nlink;
	st->st_uid = e->uid;
	st->st_gid = e->gid;
	st->st_size = e->size;
	st->st_blksize = PAGE_SIZE;
	st->st_blocks = DIV_ROUND_UP(e->size, 512);
	st->st_atim.tv_sec = st->st_mtim.tv_sec = st->st_ctim.tv_sec = e->mtime;
	return 0;
}

static struct vm_object *ram_object(struct file *f)
{
	return &((struct ram_node *)f->private)->object;
}

static const struct file_ops ram_file_ops = {
	.read = ram_read,
	.lseek = ram_lseek,
	.stat = ram_stat,
	.object = ram_object,
};

/* The node of an entry, which is known by where its contents are; hard links share theirs. */
static struct ram_node *get_node(const struct cpio_entry *e)
{
	struct ram_node *n;

	mutex_lock(&nodes_lock);
	list_for_each_entry(n, &nodes, link)
		if (n->entry.data == e->data)
			goto out;
	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (n) {
		vm_object_init(&n->object, &ram_object_ops);
		n->entry = *e;
		spin_init(&n->lock, "ramdisk file", RANK_PAGE_CACHE);
		n->pages = RADIX_TREE_INIT;
		list_add(&n->link, &nodes);
	}
out:
	mutex_unlock(&nodes_lock);
	return n;
}

/*
 * The program behind a descriptor, for execveat(2) with AT_EMPTY_PATH. What cannot be mapped cannot
 * be executed.
 */
static struct file *exec_fd(int fd)
{
	struct file *f = fd_get_path(fd);

	if (!f)
		return ERR_PTR(-EBADF);
	if (!f->ops->object) {
		file_put(f);
		return ERR_PTR(-EACCES);
	}
	return f;
}

/* dirfd matters for an empty path only: there are no directories that a descriptor could name. */
__weak struct file *open_exec(int dirfd, const char *path, int flags)
{
	struct cpio_entry e;
	struct ram_node *n;
	struct file *f;
	int error;

	if (!*path)
		return exec_fd(dirfd);
	error = initrd_lookup(path, &e);
	if (error)
		return ERR_PTR(error);
	if (!S_ISREG(e.mode) || !(e.mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return ERR_PTR(-EACCES);
	n = get_node(&e);
	if (!n)
		return ERR_PTR(-ENOMEM);
	f = file_alloc(&ram_file_ops, O_RDONLY, n);
	return f ? f : ERR_PTR(-ENOMEM);
}
