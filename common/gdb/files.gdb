# Open files.

# Follows the parents up to a root (whose parent is itself), then prints on the way back.
define trellis-print-dentry
	if $arg0->parent != $arg0
		trellis-print-dentry $arg0->parent
		printf "/%s", $arg0->name
	end
end
document trellis-print-dentry
trellis-print-dentry DENTRY: its path within its file system.
end

define trellis-files
	trellis-find-thread $arg0
	if $found
		set $table = (struct fd_table *)$found->parts[files_part.slot]
		set $fd = 0
		while $table && $fd < $table->size
			set $file = $table->files[$fd]
			if $file
				printf "%4d  %p  refs %d  flags %#o  pos %ld  ", $fd, $file, $file->refs.n, $file->flags, $file->pos
				output/a $file->ops
				if $file->dentry
					printf "  "
					trellis-print-dentry $file->dentry
				end
				printf "\n"
			end
			set $fd = $fd + 1
		end
	else
		printf "no thread %d\n", $arg0
	end
end
document trellis-files
trellis-files TID: the open descriptors of a thread, with position, flags, operations and, from lab 05
on, the path within the file system.
end
