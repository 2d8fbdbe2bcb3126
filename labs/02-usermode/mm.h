/*
 * Address spaces: a sorted tree of VM areas over a set of page tables. Areas say what
 * may be there, page faults put it there.
 *
 * Private memory belongs to whoever's page table maps it: a frame that several
 * address spaces share after fork has as many references, is mapped
 * read-only, and is copied by the first writer (or reused when it is the last). Shared memory and
 * file contents belong to a vm_object, which finds the frame for a page number.
 *
 * Locks: mm->lock (rwsem) protects the tree: read for faults, write for changes.
 * mm->pt_lock (spinlock) protects page-table entries. The TLB protocol (docs/locking.md):
 * clear entries under pt_lock, collect frames in a tlb_batch, flush every CPU that runs the mm,
 * then put the frames.
 */
#pragma once

#include "common/rbtree.h"
#include "01-memory/pagetable.h"
#include "02-usermode/mutex.h"

struct file;		/* 03-syscalls/file.h */
struct printer;
struct process;
struct process;

/* Protection and flags; the low three equal PROT_READ, PROT_WRITE, PROT_EXEC of mmap(2). */
#define VM_READ		BIT(0)
#define VM_WRITE	BIT(1)
#define VM_EXEC		BIT(2)
#define VM_PROT		(VM_READ | VM_WRITE | VM_EXEC)
#define VM_SHARED	BIT(3)
#define VM_GROWSDOWN	BIT(4)	/* a stack: grows on faults below its start */
/* mprotect may add write (shared mapping of a file opened for writing) */
#define VM_MAYWRITE	BIT(5)
#define VM_NORESERVE	BIT(6)
#define VM_DONTFORK	BIT(7)	/* madvise(MADV_DONTFORK) */
#define VM_WIPEONFORK	BIT(8)
#define VM_STACK	BIT(9)	/* the main stack, for /proc/PID/maps */
#define VM_HEAP		BIT(10)	/* brk's area */
#define VM_DEVICE	BIT(11)	/* frames are not RAM or not counted: never put, never copied */
#define VM_LOCKED	BIT(12)	/* mlock */
#define VM_MAYREAD	BIT(13)
#define VM_MAYEXEC	BIT(14)
/* a private mapping of an object of which pages have been written (copied) */
#define VM_COPIED	BIT(15)

struct vm_area;

/* What fills areas that are not plain private memory. */
struct vm_object;
struct vm_object_ops {
	/*
	 * A page is touched and not mapped. Return in *frame the frame for page number `index`
	 * with a reference for the caller. write: the access is a write to a *shared* area: the
	 * object makes it dirty. 0; -EFAULT beyond the end (SIGBUS); -ENOMEM; -EIO (SIGBUS).
	 * mm->lock is held for reading; may sleep.
	 */
	int (*fault)(struct vm_object *o, struct vm_area *a, u64 index, bool write,
		     struct frame **frame);
	/*
	 * A page of a shared area, mapped read-only, is written for the first time: make it dirty
	 * (reserve its place on disk): 0 or -ENOSPC, -EIO (SIGBUS). NULL: nothing to do.
	 */
	int (*write_fault)(struct vm_object *o, struct vm_area *a, u64 index, struct frame *frame);
	/*
	 * The frame of a page that is present and up to date, with a reference, or NULL; never
	 * sleeps. Serves neighbours of a faulting page ("fault-around"). NULL op: no such thing.
	 */
	struct frame *(*cached)(struct vm_object *o, u64 index);
	/*
	 * An area that maps the object appears (mmap, split, fork) or goes. Keep references here.
	 * May sleep.
	 */
	void (*open)(struct vm_area *a);
	void (*close)(struct vm_area *a);
	/* For /proc/PID/maps: device, inode number, name. NULL: anonymous. */
	void (*describe)(struct vm_area *a, struct printer *out);
	/* True if shared pages must start read-only so that write_fault sees the first write. */
	bool track_writes;
};

struct vm_object {
	const struct vm_object_ops *ops;
	struct rwsem lock;		/* RANK_OBJECT; protects: */
	struct list_head areas;		/* vm_area.object_link: all that map it */
};

void vm_object_init(struct vm_object *o, const struct vm_object_ops *ops);

struct vm_area {
	struct rb_node node;		/* mm->areas, by start; mm->lock */
	vaddr_t start, end;		/* page-aligned, end exclusive */
	u32 flags;			/* VM_ */
	struct vm_object *object;	/* NULL: private anonymous memory */
	u64 offset;			/* bytes into the object at start; page-aligned */
	struct list_head object_link;	/* object->areas */
	struct mm *mm;
	/* whose mapping this is; used by the object's open and close */
	struct file *file;
};

struct mm {
	refcount_t users;		/* threads and others that need the areas */
	struct rwsem lock;		/* RANK_MM; protects: */
	struct rb_root areas;
	struct vm_area *last_found;	/* cache of mm_find(); only a hint */
	int area_count;
	u64 total_pages, locked_pages, data_pages, stack_pages;	/* sizes, for limits and /proc */
	u64 peak_total_pages;		/* as of the last unmap */

	struct spinlock pt_lock;	/* RANK_PAGE_TABLE; protects the user half of: */
	pte_t *pt;
	u64 anon_pages, file_pages;	/* resident */
	u64 peak_resident;		/* as of the last unmap */

	/* CPUs whose CR3 is pt, changed atomically: whom to flush */
	u64 cpus;
	u64 tlb_generation;

	/* layout, set by exec; lock */
	vaddr_t mmap_base;		/* mmap searches downwards from here */
	vaddr_t gap_hint;		/* 0, or: no gap from here to mmap_base has more than */
	u64 gap_skipped;		/* so many bytes; so a search for more begins here */
	vaddr_t brk_start, brk;
	vaddr_t stack_top;
	vaddr_t code_start, code_end, data_start, data_end;
	vaddr_t arg_start, arg_end, env_start, env_end;
	vaddr_t vdso;
	u64 auxv[48];			/* for /proc/PID/auxv */
	int auxv_words;
	struct file *exe;		/* for /proc/PID/exe; 04 sets and puts it */
	void (*free_exe)(struct mm *mm);
	u32 default_flags;		/* of new areas: VM_LOCKED after mlockall(MCL_FUTURE) */
	/* copies of the resource limits, in bytes */
	u64 limit_as, limit_data, limit_stack, limit_memlock;
};

/* Page tables of the user half. mm->lock held. */
u64 mm_table_pages(const struct mm *mm);

/* Faults on user addresses since boot, over all CPUs; `major` of them had to wait for a disk. */
void mm_fault_counts(u64 *all, u64 *major);
/* For a vm_object's fault(): what is served is not in memory and has to be read. */
void mm_fault_is_major(void);

/* Pages that are in memory, now and at most so far. No lock: a moment's figures. */
static inline u64 mm_resident(const struct mm *mm)
{
	return READ_ONCE(mm->anon_pages) + READ_ONCE(mm->file_pages);
}
static inline u64 mm_peak_resident(const struct mm *mm)
{
	return MAX(READ_ONCE(mm->peak_resident), mm_resident(mm));
}

/* A new empty address space with one user, or NULL. */
struct mm *mm_create(void);
void mm_get(struct mm *mm);
/* The last put unmaps everything and frees the tables. May sleep. */
void mm_put(struct mm *mm);
/* The mm of p with a reference, or NULL if it has none (zombie, kernel). */
struct mm *process_mm(struct process *p);

/*
 * Copy an address space (fork). 02: -ENOSYS by a weak definition? No: 03-syscalls/fork_mm.c
 * provides it; lab 02 has no caller without CLONE_VM, its weak default returns ERR_PTR(-ENOSYS).
 */
struct mm *mm_clone(struct mm *parent);

/* Switch the current CPU to mm (NULL: keep borrowing). Interrupts off. For the scheduler and exec.
 */
void mm_switch(struct mm *prev, struct mm *next);
/* Give the current thread another address space (exec): drops the old user. May sleep. */
void mm_adopt(struct mm *mm);

/* Areas. All need mm->lock (find: at least read; the others: write). */

/* The area that contains addr or the first one above it; NULL if none. */
struct vm_area *mm_find(struct mm *mm, vaddr_t addr);
struct vm_area *mm_next_area(struct vm_area *a);
struct vm_area *mm_prev_area(struct vm_area *a);
struct vm_area *mm_first_area(struct mm *mm);

/*
 * Map [start, start + size) (page-aligned, free) with flags; object may be NULL; calls its open.
 * Merges with neighbours where equal. The area, or ERR_PTR(-ENOMEM) (memory,
 * limits, too many areas).
 */
struct vm_area *mm_map(struct mm *mm, vaddr_t start, u64 size, u32 flags,
		       struct vm_object *object, u64 offset, struct file *file);
/* Remove whatever is mapped in [start, start + size), splitting areas: 0 or -ENOMEM. */
int mm_unmap(struct mm *mm, vaddr_t start, u64 size);
/* Change protection as mprotect(2): 0, -ENOMEM (a hole), -EACCES. */
int mm_protect(struct mm *mm, vaddr_t start, u64 size, u32 prot);
/* A free range: top-down below mm->mmap_base; hint is tried first if not 0. Address or -ENOMEM. */
s64 mm_find_free(struct mm *mm, vaddr_t hint, u64 size, u64 align);
/* Split so that areas end and start at addr: 0 or -ENOMEM. */
int mm_split_at(struct mm *mm, vaddr_t addr);
/* Make one of areas in and next to [start, end) that have become equal. */
void mm_merge(struct mm *mm, vaddr_t start, vaddr_t end);

/*
 * Drop the frames mapped in the range, keep the areas (madvise DONTNEED, truncate). mm->lock at
 * least read.
 */
void mm_zap(struct mm *mm, struct vm_area *a, vaddr_t start, vaddr_t end);
/*
 * Remove or write-protect one page of an object wherever it is mapped; for truncate, write-back,
 * reclaim. Returns whether any mapping was dirty. object->lock is taken.
 */
bool vm_object_unmap(struct vm_object *o, u64 first, u64 last);
bool vm_object_clean(struct vm_object *o, u64 index);
/*
 * The object ends before page first now: nothing behind it stays mapped, private copies neither
 * (an access raises SIGBUS). object->lock is taken.
 */
void vm_object_cut(struct vm_object *o, u64 first);
/* Whether some mapping touched the page since the last call (accessed bits, cleared). */
bool vm_object_accessed(struct vm_object *o, u64 index);

/*
 * A page fault at addr: access is PF_WRITE / PF_EXEC bits. Takes mm->lock for reading.
 * 0; -EFAULT (no area or not allowed: SIGSEGV; *code tells SEGV_MAPERR or SEGV_ACCERR);
 * -EIO (SIGBUS); -ENOMEM (out of memory); -ERESTARTSYS (killed while waiting for I/O). May sleep.
 */
int mm_fault(struct mm *mm, vaddr_t addr, u64 access, int *code);

/*
 * Access another address space (ptrace, /proc/PID/mem, cmdline): copies up to n bytes, returns how
 * many. May sleep.
 */
size_t mm_access(struct mm *mm, vaddr_t addr, void *buf, size_t n, bool write);

/*
 * A frame of user memory, pinned: for futexes and direct I/O. 0 or -EFAULT. write: break
 * copy-on-write.
 */
int mm_get_frame(struct mm *mm, vaddr_t addr, bool write, struct frame **frame);

/* Collects what an unmap frees until all CPUs have flushed. */
struct tlb_batch {
	struct mm *mm;
	vaddr_t start, end;		/* range to flush; start > end: nothing */
	struct frame *frames[64];
	int count;
	struct list_head tables;	/* page tables, by frame.link */
};
void tlb_batch_init(struct tlb_batch *b, struct mm *mm);
/*
 * Add a page whose entry was cleared; frame may be NULL. With pt_lock. True: the batch is full and
 * must be flushed (unlock first).
 */
bool tlb_batch_add(struct tlb_batch *b, vaddr_t va, struct frame *f);
/* Flush everywhere and drop the frames. Interrupts on, no spinlock held. */
void tlb_batch_flush(struct tlb_batch *b);
/* Flush [start, end) of mm on every CPU that runs it and wait. Interrupts on, no spinlock held. */
void tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end);

/* The frame full of zeroes, mapped read-only (PTE_SPECIAL) where untouched memory is read. */
extern struct frame *zero_frame;

