#!/bin/sh
# class.sh O LAB RESULTS JOBS [COURSE] < list: grade the submissions that standard input lists, one
# directory on each line, JOBS at a time, each into RESULTS/its-name; then write RESULTS/class.csv with the
# weights and deadlines of the file COURSE. Whatever a submission does, the others go on.
set -u
O=$1 lab=0${2#0} results=$3 jobs=$4 course=${5:-}
base=$(readlink -f "$O/class/$lab")
[ -z "$course" ] || course=$(readlink -f "$course")
here=$(dirname "$0")
mkdir -p "$results" || exit 2
list=$(mktemp) || exit 2
trap 'rm -f "$list"' EXIT
sed 's,/*$,,' | sort -u > "$list"
total=$(wc -l < "$list")
[ "$total" -gt 0 ] || { echo "no submissions" >&2; exit 2; }
if [ "$(sed 's,.*/,,' "$list" | sort | uniq -d | wc -l)" -gt 0 ]; then
	echo "two submissions have the same name: $(sed 's,.*/,,' "$list" | sort | uniq -d | tr '\n' ' ')" >&2
	exit 2
fi

# shellcheck disable=SC2016
tr '\n' '\0' < "$list" | xargs -0 -P "$jobs" -I '{}' sh -c '
	name=${5##*/}
	began=$(date +%s)
	sh "$1/submission.sh" "$2" "$3" "$5" "$4/$name"
	points=$(sed -n "s/^lab .*: \([0-9]* of [0-9]* points\)$/\1/p" "$4/$name/output.txt" | tail -1)
	printf "  %-24s %-22s %3d s\n" "$name" "${points:-not graded}" $(($(date +%s) - began))
' class "$here" "$base" "$lab" "$results" '{}'

sed 's,.*/,,' "$list" | (cd "$results" && xargs -d '\n' "$base/objects/grader/grade" \
	${course:+--course "$course"} --csv) > "$results/class.csv"
echo "$total submissions; $results/class.csv"
