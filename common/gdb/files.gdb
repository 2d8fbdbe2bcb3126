# Open files.

define trellis-files
	trellis-find-thread $arg0
	if $found
		set $table = (struct fd_table *)$found->parts[files_part.slot]
		set $fd = 0
		while $table && $fd < $table->size
			set $file = $table->files[$fd]
			if $file
				printf "%4d  %p  refs %d  flags %#o  pos %ld  ", $fd, $file, $file->refs.n, $file->flags, $file->pos
				output $file->ops
				printf "\n"
			end
			set $fd = $fd + 1
		end
	else
		printf "no thread %d\n", $arg0
	end
end
document trellis-files
trellis-files TID: the open descriptors of a thread, with position, flags and operations.
end
