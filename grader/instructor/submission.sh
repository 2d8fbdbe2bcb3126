#!/bin/sh
# submission.sh BASE LAB TREE RESULT: grade one submission of one lab. It stands alone: xargs, GNU parallel
# (also over ssh), a CI job or Gradescope can run any number of them.
#
#   BASE     made by base.sh: the pristine tree with its hidden tests, and all objects but the student's
#   LAB      03
#   TREE     the student's tree; only the files of exercises are taken from it
#   RESULT   a directory: results.json, results.xml, results.tap, output.txt, submitted, log/
#
# Environment: TIME=600 seconds in all, MEMORY=6 GiB for each process, FILE=512 MiB for each file,
# SMP=2, SUBMITTED=time (else when the newest of the files was changed), SANDBOX=no (where
# the machine is a container of its own and bubblewrap cannot work), KEEP=1 (leave the build).
# Exit status: 0 graded, however badly; 1 could not be graded (results.json says so); 2 wrong use.
set -u
[ $# = 4 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
base=$(readlink -f -- "$1") lab=$2 student=$(readlink -f -- "$3") result=$4
[ -e "$base/tree/reference/exercises" ] || { echo "$1 is no base; see base.sh" >&2; exit 2; }
[ -d "$student" ] || { echo "$3 is no directory" >&2; exit 2; }
mkdir -p "$result" || exit 2
result=$(readlink -f -- "$result")
rm -rf "$result/tree" "$result/build" "$result/log" "$result"/results.* "$result/output.txt"

# Say something to the student.
note()
{
	echo "note: $*" >> "$result/output.txt"
}

# The student's form of one exercise, if it is a plain file of sensible size where it should be.
newest=0
take()
{
	file=$student/$1
	if [ ! -e "$file" ]; then
		note "$1 is missing; it counts as blank"
	elif [ "$(readlink -f -- "$file")" != "$file" ] || [ ! -f "$file" ]; then
		note "$1 is not a plain file; it counts as blank"
	elif [ "$(stat -c %s -- "$file")" -gt 262144 ]; then
		note "$1 is larger than 256 KiB; it counts as blank"
	else
		rm -f "$result/tree/$1"
		cp -- "$file" "$result/tree/$1"
		changed=$(stat -c %Y -- "$file")
		[ "$changed" -le "$newest" ] || newest=$changed
	fi
}

assemble()
{
	cp -al "$base/tree" "$result/tree" 2> /dev/null || cp -a "$base/tree" "$result/tree" || exit 1
	while IFS='=' read -r name number; do
		[ "0${number%%.*}" -gt "$lab" ] || take "labs/$name"
	done < "$base/tree/reference/exercises"
	if [ -n "${SUBMITTED:-}" ]; then
		newest=$(date -d "$SUBMITTED" +%s) || exit 2
	fi
	echo "$newest" > "$result/submitted"
}

# Only the system's programs, the base (to read) and the result's build can be seen; no network.
sandbox()
{
	if [ "${SANDBOX:-}" = no ]; then
		(cd "$result/tree" && exec "$@")
		return
	fi
	mkdir -p "$result/build"
	set -- --ro-bind "$base" "$base" --ro-bind "$result/tree" "$result/tree" --bind "$result/build" \
		"$result/build" --chdir "$result/tree" -- "$@"
	for path in /sbin /lib64 /lib /bin /etc/alternatives /etc/ld.so.cache /etc/mke2fs.conf; do
		set -- --ro-bind-try $path $path "$@"
	done
	bwrap --unshare-all --die-with-parent --new-session --clearenv --setenv PATH "$PATH" --setenv LC_ALL C \
		--proc /proc --dev /dev --tmpfs /tmp --ro-bind /usr /usr "$@" < /dev/null
}

grade()
{
	sandbox prlimit --core=0 --as=$((${MEMORY:-6} << 30)) --fsize=$((${FILE:-512} << 20)) \
		timeout --kill-after=10 "${TIME:-600}" \
		"$base/objects/grader/grade" --student --lab "$lab" --smp "${SMP:-2}" --objects "$base/objects" \
		--out "$result/build" --patience "${PATIENCE:-1}" >> "$result/output.txt" 2>&1
}

# Results for a submission that could not be graded.
not_graded()
{
	note "$1"
	printf '{ "score": 0, "output": "%s", "extra_data": { "lab": %d }, "tests": [] }\n' "$1" "${lab#0}" \
		> "$result/results.json"
}

if [ "${SANDBOX:-}" != no ] && ! bwrap --ro-bind / / --unshare-all true 2> "$result/output.txt"; then
	not_graded "bubblewrap does not work on this machine: install it, or set SANDBOX=no in a container of its own"
	cat "$result/output.txt" >&2
	exit 1
fi
if [ ! -d "$student/labs" ]; then
	not_graded "there is no directory labs/ in what was handed in: hand in the whole repository"
	exit 1
fi
assemble
grade
status=$?
built=$result/build/grader/0${lab#0}
if [ -e "$built/results.json" ]; then
	cp "$built"/results.* "$result"
	mv "$result/build/grader/log" "$result/log"
	status=0
else
	[ $status = 124 ] && why="grading took longer than ${TIME:-600} seconds" || why="the grader ended with status $status"
	not_graded "$why; output.txt says more"
	status=1
fi
[ "${KEEP:-}" = 1 ] || rm -rf "$result/tree" "$result/build"
exit $status
