#!/bin/sh
# strace.sh [O]: does strace=1 print calls as strace does? The lines below must be in what each lab's
# kernel prints about grader/tools/strace_calls.c, from the lab on that is named, and in what strace
# prints on this machine (0). The output ends with "N passed, N failed".
set -u
O=${1:-build}
dir=$O/grader/strace
passed=0 failed=0
mkdir -p "$dir/root/tmp"
gcc -std=gnu17 -O1 -Wall -Wextra -Wno-unused-result -static -o "$dir/root/init" grader/tools/strace_calls.c || exit 1
(cd "$dir/root" && find . | cpio -o --quiet -H newc) >"$dir/initrd"

# LAB REGEX. The pid and what stands before it is not looked at.
cat >"$dir/expected" <<'END'
4 execve\("/[a-z/]+", \["[^"]+", "again"\], 0x[0-9a-f]+ /\* 0 vars \*/\) = 0$
4 write\(1, "written to a console, or where o"\.\.\., 43\) = 43$
4 writev\(1, \[\{iov_base="two ", iov_len=4\}, \{iov_base="parts\\n", iov_len=6\}\], 2\) = 10$
4 write\(77, "x", 1\) += -1 EBADF \(Bad file descriptor\)$
4 close\(-1\) += -1 EBADF \(Bad file descriptor\)$
4 mmap\(NULL, 8192, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0x[0-9a-f]+$
4 mprotect\(0x1000, 4096, PROT_NONE\) += -1 ENOMEM \(Cannot allocate memory\)$
4 clock_nanosleep\(CLOCK_REALTIME, 0, \{tv_sec=0, tv_nsec=1000000\}, NULL\) += 0$
4 fork\(\) += [0-9]+$
4 exit_group\(3\) += \?$
4 wait4\([0-9]+, \[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 3\}\], 0, NULL\) = [0-9]+$
5 open\("/nowhere/at all", O_RDONLY\) += -1 ENOENT \(No such file or directory\)$
5 openat\(AT_FDCWD, "/tmp/new", O_WRONLY\|O_CREAT\|O_EXCL\|O_CLOEXEC, 0640\) = [0-9]$
5 openat\(AT_FDCWD, "/", O_RDONLY\|O_DIRECTORY\) = [0-9]$
5 access\("/nowhere", R_OK\|X_OK\) += -1 ENOENT \(No such file or directory\)$
4 lseek\(77, 5, SEEK_END\) += -1 EBADF \(Bad file descriptor\)$
5 mkdir\("/tmp/new", 0700\) += -1 EEXIST \(File exists\)$
6 pipe2\(\[[0-9]+, [0-9]+\], O_CLOEXEC\) += 0$
6 write\([0-9]+, "a\\tb\\"c\\n\\1", 7\) += 7$
6 read\([0-9]+, "a\\tb\\"c\\n\\1", 64\) += 7$
6 kill\([0-9]+, SIGCONT\) += 0$
5 unlinkat\(AT_FDCWD, "/tmp/new", 0\) += 0$
4 syscall_0x1f3\(0x1, 0x2, 0x3(, [0-9a-fx]+){3}\) += -1 ENOSYS \(Function not implemented\)$
END

# judge LAB FILE EXPECTED
judge()
{
	while read -r from line; do
		[ "$1" -ge "$from" ] || continue
		if tr -d '\r' <"$2" | grep -qaE "(^|\] )$line"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL lab $1: no line $line in $2; perhaps:"
			grep -a "${line%%\\*}" "$2" | head -3
		fi
	done <"$3"
}

boot()
{
	set -- "$1" O="$O" LAB="$1" MODE=reference MINE= REF=
	lab=$1
	shift
	make -s --no-print-directory "$@" kernel || exit 1
	timeout 60 qemu-system-x86_64 -M q35 -m 128M -display none -no-reboot -nic none -serial "file:$dir/$lab" \
		-kernel "$(make -s --no-print-directory "$@" print-kernel)" -initrd "$dir/initrd" \
		-append "console=ttyS0 strace=1"
}

# Lab 03's own programs.
boot 3
cat >"$dir/expected-3" <<'END'
3 mmap\(NULL, 4096, PROT_READ\|PROT_WRITE, MAP_SHARED\|MAP_ANONYMOUS, -1, 0\) = 0x[0-9a-f]+$
3 fork\(\) += [0-9]+$
3 write\(1, "process 1 \(child of 0\) divides 0"\.\.\., 40\) = 40$
3 wait4\(-1, \[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0\}\], 0, NULL\) = [0-9]+$
3 wait4\(-1, 0x[0-9a-f]+, 0, NULL\) += -1 ECHILD \(No child processes\)$
3 exit_group\(0\) += \?$
END
judge 3 "$dir/3" "$dir/expected-3"
for lab in 4 5 6 7; do
	boot $lab
	judge $lab "$dir/$lab" "$dir/expected"
done
rm -rf /tmp/new
rm -f "$dir"/linux*
if strace -ff -o "$dir/linux" "$dir/root/init" >/dev/null 2>"$dir/error"; then
	cat "$dir"/linux.* >"$dir/linux"
	judge 9 "$dir/linux" "$dir/expected"
else
	echo "note: strace does not work here: Linux's own output is not looked at"
fi
rm -rf /tmp/new
echo "strace: $passed passed, $failed failed"
[ $failed = 0 ]
