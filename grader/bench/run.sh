#!/bin/sh
# run.sh count|time|both OUTDIR KERNEL LINUXDIR DISK [NAME...]: run bench.c on Trellis and on Linux in
# QEMU and print a table with ratios.
#
# count: -icount makes one nanosecond of the guest one instruction: exact, but blind to TLB misses and code
# translation. time: CPU time of the virtual CPU's thread on the host, between the marks that bench.c
# prints; the least of RUNS runs. One CPU, address space randomisation off, on both.
set -u

mode=$1 out=$2 kernel=$3 linux=$4 disk=$5
shift 5
names=$*
: "${QEMU:=qemu-system-x86_64}" "${RUNS:=1}" "${TIMEOUT:=120}"
mkdir -p "$out"
cmdline="console=ttyS0 root=/dev/vda rootfstype=ext2 rw init=/sbin/trellis-init norandmaps mitigations=off quiet"

# boot SYSTEM MODE: the guest's output
boot()
{
	if [ "$1" = linux ]; then
		set -- "$1" "$2" -kernel "$linux/vmlinuz" -initrd "$linux/initrd"
	else
		set -- "$1" "$2" -kernel "$kernel"
	fi
	system=$1 guest=$2
	shift 2
	if [ "$guest" = count ]; then
		set -- "$@" -icount shift=0,sleep=off
	fi
	timeout "$TIMEOUT" "$QEMU" -M q35 -m 512M -smp 1 -display none -monitor none -serial stdio \
		-no-reboot -nic none -name "bench,debug-threads=on" -pidfile "$out/pid" \
		-drive "file=$disk,format=raw,if=none,id=disk,snapshot=on" \
		-device virtio-blk-pci,drive=disk \
		-append "$cmdline -- /opt/trellis/bench $guest $names" "$@" < /dev/null 2>&1
}

# The CPU time in ns of the virtual CPU's thread.
vcpu_ns()
{
	{ read -r ns _ < "/proc/$pid/task/$tid/schedstat"; } 2> /dev/null || ns=0
	echo "$ns"
}

# From the guest's output: "NAME UNIT REPETITIONS GUEST_NS HOST_NS" per measurement.
collect()
{
	pid= tid= begin=0
	while IFS= read -r line; do
		case $line in
		@begin*)
			if [ -z "$tid" ]; then
				pid=$(cat "$out/pid" 2> /dev/null)
				for t in "/proc/$pid/task/"*; do
					case $(cat "$t/comm" 2> /dev/null) in *CPU*) tid=${t##*/} ;; esac
				done
			fi
			begin=$(vcpu_ns) ;;
		@end*)
			end=$(vcpu_ns)
			# shellcheck disable=SC2086
			set -- ${line%"$(printf '\r')"}
			echo "$2 $3 $4 $5 $((end - begin))" ;;
		esac
		printf '%s\n' "$line" >> "$out/log"
	done
}

measure()
{
	: > "$out/log"
	boot "$1" "$2" | collect > "$out/$1.$2.$3"
	mv "$out/log" "$out/$1.$2.$3.log"
	if ! grep -q '^@done' "$out/$1.$2.$3.log"; then
		echo "bench: $1 did not finish; its last lines:" >&2
		tail -5 "$out/$1.$2.$3.log" >&2
	fi
}

# table COLUMN UNIT FILES: per measurement, Trellis, Linux, ratio; the least of several runs.
table()
{
	column=$1 unit=$2
	shift 2
	awk -v column="$column" -v unit="$unit" '
		FNR == 1 { n = split(FILENAME, part, "/"); system_ = part[n]; sub("[.].*", "", system_) }
		NF == 5 && $3 > 0 {
			v = $column / $3
			if (!($1 in seen)) { seen[$1] = ++count; name[count] = $1; per[$1] = $2 }
			if (v > 0 && (!((system_, $1) in best) || v < best[system_, $1]))
				best[system_, $1] = v
		}
		function show(v) { return v == "" ? "-" : sprintf(v < 100 ? "%.1f" : "%.0f", v) }
		END {
			printf "%-20s %-8s %14s %14s %9s\n", unit, "per", "Trellis", "Linux", "ratio"
			for (i = 1; i <= count; i++) {
				t = best["trellis", name[i]]; l = best["linux", name[i]]
				printf "%-20s %-8s %14s %14s %9s\n", name[i], per[name[i]], show(t), show(l),
					(t != "" && l > 0) ? sprintf("%.2f", t / l) : "-"
			}
		}' "$@"
}

if [ "$mode" != time ]; then
	for system in trellis linux; do
		measure $system count 1
	done
	table 4 instructions "$out"/trellis.count.1 "$out"/linux.count.1
fi
if [ "$mode" != count ]; then
	i=1
	while [ "$i" -le "$RUNS" ]; do
		for system in trellis linux; do
			measure $system time "$i"
		done
		i=$((i + 1))
	done
	[ "$mode" = time ] || echo
	table 5 "ns of CPU time" "$out"/trellis.time.? "$out"/linux.time.?
fi
