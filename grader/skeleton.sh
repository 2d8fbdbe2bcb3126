#!/bin/sh
# skeleton.sh make|check [ROOT]: derive labs/NN-name/FILE from every solutions/NN-name/FILE, or
# compare and see that no exercise became too long. `make` leaves a file alone in which the blank is
# gone (somebody's work); FORCE=1 overwrites it. The output ends with "N passed, N failed".
set -u
mode=$1
root=${2:-.}
here=$(dirname "$0")
passed=0 failed=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

complain()
{
	echo "skeleton: $*" >&2
	failed=$((failed + 1))
}

# Has the student begun to work on this file?
worked_on()
{
	[ -e "$1" ] && ! grep -qE '(exercise_blank\(|EXERCISE_BLANK_ASM )"' "$1"
}

one()
{
	solution=$root/solutions/$1 lab=$root/labs/$1
	case $1 in *.S) asm=1 ;; *) asm=0 ;; esac
	if ! awk -v asm=$asm -v name="$solution" -f "$here/skeleton.awk" "$solution" >"$out"; then
		complain "$solution: bad marks"
	elif cmp -s "$out" "$lab"; then
		passed=$((passed + 1))
	elif [ "$mode" = check ]; then
		complain "$lab differs from what $solution gives; run make skeleton"
		diff -u "$lab" "$out" 2>&1 | head -20 >&2
	elif worked_on "$lab" && [ "${FORCE:-}" != 1 ]; then
		complain "$lab is no longer blank; FORCE=1 overwrites it"
	else
		mkdir -p "$(dirname "$lab")" && cp "$out" "$lab" && chmod 644 "$lab"
		echo "  SKEL    labs/$1"
		passed=$((passed + 1))
	fi
}

for file in $(cd "$root/solutions" 2>/dev/null && find . -type f -name '*.[cS]' -printf '%P\n' | sort); do
	one "$file"
done
# "At most about 60 lines", "200 to 400 lines per lab" (DESIGN R6).
sizes()
{
	find "$root/solutions" -name "*.[cS]" -exec awk -f "$here/lines.awk" {} + >"$out"
	while read -r what lines; do
		case $what in *.*) least=1 most=66 ;; *) least=190 most=400 ;; esac
		if [ "$lines" -lt $least ] || [ "$lines" -gt $most ]; then
			complain "$what asks for $lines lines, not for $least to $most"
		else
			passed=$((passed + 1))
		fi
	done <"$out"
}

[ "$mode" != check ] || sizes
echo "skeleton $mode: $passed passed, $failed failed"
[ "$failed" = 0 ]
