# Address spaces: page tables and VM areas.

# Physical memory as seen through the direct map (common/layout.h).
define trellis-read-entry
	set $e = ((unsigned long *)(0xffff800000000000 + $arg0))[$arg1]
end
document trellis-read-entry
trellis-read-entry TABLE INDEX: put an entry of the page table at physical address TABLE into $e.
end

define trellis-print-entry
	printf "  level %d  [%3d]  %#018lx  ", $level, $index, $e
	if !($e & 1)
		printf "not present\n"
	else
		if $e & 2
			printf "write "
		else
			printf "read-only "
		end
		if $e & 4
			printf "user "
		end
		if $e & 0x8000000000000000
			printf "no-execute "
		end
		if $e & 0x20
			printf "accessed "
		end
		if $e & 0x40
			printf "dirty "
		end
		if $level > 1 && ($e & 0x80)
			printf "large "
		end
		printf "-> %#lx\n", $e & 0xffffffffff000
	end
end
document trellis-print-entry
Explain the page-table entry in $e.
end

define trellis-walk
	set $va = (unsigned long)$arg0
	if $argc > 1
		set $table = (unsigned long)$arg1 & 0xffffffffff000
	else
		set $table = $cr3 & 0xffffffffff000
	end
	set $level = 4
	while $level > 0
		set $index = ($va >> (12 + 9 * ($level - 1))) & 511
		trellis-read-entry $table $index
		trellis-print-entry
		set $table = $e & 0xffffffffff000
		set $size = 1UL << (12 + 9 * ($level - 1))
		if !($e & 1) || ($level > 1 && ($e & 0x80))
			set $level = 1
		end
		set $level = $level - 1
	end
	if $e & 1
		printf "  physical address %#lx\n", (($e & 0xffffffffff000) & ~($size - 1)) + ($va & ($size - 1))
	end
end
document trellis-walk
trellis-walk ADDRESS [CR3]: every step of the page-table walk, in the current address space or in
the one whose top-level table is at physical address CR3.
end

define trellis-print-area
	printf "  %012lx-%012lx ", $area->start, $area->end
	if $area->flags & 1
		printf "r"
	else
		printf "-"
	end
	if $area->flags & 2
		printf "w"
	else
		printf "-"
	end
	if $area->flags & 4
		printf "x"
	else
		printf "-"
	end
	if $area->flags & 8
		printf "s"
	else
		printf "p"
	end
	if $area->object
		printf "  object %p + %#lx", $area->object, $area->offset
	end
	if $area->file
		if $area->file->dentry
			printf "  "
			trellis-print-dentry $area->file->dentry
		end
	end
	printf "\n"
end
document trellis-print-area
One line about the struct vm_area in $area.
end

# In order through the red-black tree; node is the first member of struct vm_area.
define trellis-areas
	trellis-find-thread $arg0
	if !$found || !$found->process->mm
		printf "no thread %d, or it has no address space\n", $arg0
	else
		set $mm = $found->process->mm
		printf "%d areas, %lu pages anonymous, %lu of files, tables at %p\n", $mm->area_count, $mm->anon_pages, $mm->file_pages, $mm->pt
		set $node = $mm->areas.node
		while $node && $node->left
			set $node = $node->left
		end
		while $node
			set $area = (struct vm_area *)$node
			trellis-print-area
			if $node->right
				set $node = $node->right
				while $node->left
					set $node = $node->left
				end
			else
				while $node->parent && $node == $node->parent->right
					set $node = $node->parent
				end
				set $node = $node->parent
			end
		end
	end
end
document trellis-areas
trellis-areas PID: the VM areas of a process, like /proc/PID/maps.
end
