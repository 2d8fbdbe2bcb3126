#!/bin/sh
# readme.sh write|check|run [LAB...]: the handouts, labs/NN-name/README.md.
#
#   write  fill in what stands between "<!-- generated: WHAT -->" and "<!-- end -->" (readme.awk):
#          points (the exercises and what each is worth), tests N.M (the tests of one exercise),
#          files (every file of the lab, the first sentence of its opening comment, and the
#          headers of earlier labs that it uses)
#   check  fail if `write` would change anything, a relative link leads nowhere, a list in docs/ is not the
#          code's, or a solution names a test that does not exist
#   run    run each block that opens with exactly ```sh, from the repository's root, with a time
#          limit; it must end with status 0. What is interactive or slow is a ```console block.
#
# Without LAB: all handouts; run and the links also take the README.md at the root. The
# output ends with "N passed, N failed".
set -u
mode=${1:-}
[ $# -gt 0 ] && shift
labs=${*:-1 2 3 4 5 6 7}
root_too=$([ $# = 0 ] && echo README.md)
: "${O:=build}" "${HANDOUT_LIMIT:=300}"
export O
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$O/handouts
passed=0 failed=0
mkdir -p "$dir"

# verdict STATUS TEXT [LOG]
verdict()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "  ok   $2"
	else
		failed=$((failed + 1))
		echo "  FAIL $2"
		[ -z "${3:-}" ] || sed 's/^/       /' "$3" | tail -40
	fi
}

# The opening comments' sentences and the headers used, one line per file
file_list()
{
	find "$1" -type f ! -name README.md ! -name Makefile | LC_ALL=C sort |
	while read -r file; do
		awk -v name="${file#"$1"/}" -v lab="$1" -f grader/readme_file.awk "$file"
	done
}

# handout LAB-DIRECTORY FILE: what the handout should be.
handout()
{
	number=${1#labs/}
	make -s --no-print-directory grade-points LAB="${number%%-*}" >"$dir/points" || return 1
	file_list "$1" >"$dir/files"
	awk -v points="$dir/points" -v files="$dir/files" -f grader/readme.awk "$1/README.md" "$1/README.md" >"$2"
}

# Relative links of a Markdown file that name no file, and anchors that name no heading.
bad_links()
{
	grep -oE '\]\([^)]+\)' "$1" | sed 's/^](//; s/)$//' | grep -vE '^[a-z]+:' |
	while read -r link; do
		target=${1%/*}/${link%%#*}
		case $1 in */*) ;; *) target=${link%%#*} ;; esac
		case $link in '#'*) target=$1 ;; esac
		if [ ! -e "$target" ]; then
			echo "$1: the link $link leads nowhere"
		elif [ "$link" != "${link#*#}" ] && ! sed -n 's/^##* //p' "$target" |
			tr 'A-Z ' 'a-z-' | sed 's/[^a-z0-9_-]//g' | grep -qx -- "${link#*#}"; then
			echo "$1: $target has no heading for $link"
		fi
	done
}

check_links()
{
	bad_links "$1" >"$dir/links"
	verdict "$([ ! -s "$dir/links" ]; echo $?)" "the links of $1" "$dir/links"
}

# Do the pages that list what stands in the code list just that? Ranks of locks, in their order; linker
# sets, weak hooks, parts of a process.
check_lists()
{
	sed -n 's/^\t\(RANK_[A-Z_]*\),.*/\1/p' common/lockrank.h | sed '/RANK_NONE/d' >"$dir/code"
	sed -n '/^| `RANK_/{s/ | .*//;p;}' docs/locking.md | grep -o 'RANK_[A-Z_]*' >"$dir/listed"
	diff "$dir/code" "$dir/listed" >"$dir/lists"
	{
		sed -n 's/^\t*SET(\([a-z_]*\))$/`\1`/p' common/kernel.ld
		grep -rhoE '__weak ([^;(]*[ *])?[a-z_]+\(' labs | sed 's/.*[ *]\([a-z_]*\)($/`\1()`/'
		grep -rhoE '^PART\([0-9]+, [a-z_]+' labs | sed 's/.* \(.*\)/`\1`/'
	} | sort -u | while read -r name; do
		grep -qF -- "$name" docs/extension-points.md || echo "docs/extension-points.md does not list $name"
	done >>"$dir/lists"
	verdict "$([ ! -s "$dir/lists" ]; echo $?)" "the lists in docs/" "$dir/lists"
}

# The tests that an exercise's comment names, behind "Tests:", exist.
check_test_names()
{
	find solutions -name '*.[cS]' -exec awk '
		/\* Tests: / { inside = 1 }
		inside {
			end = /\*\/|^[ \t]*\*[ \t]*$/
			gsub(/[^a-z0-9_]+/, " ")
			for (i = 1; i <= NF; i++)
				if ($i ~ /_/)
					print $i, FILENAME
			inside = !end
		}' {} + | while read -r test file; do
		grep -rqE "^[KU]TEST\($test," grader/ktest grader/user || echo "$file: there is no test $test"
	done >"$dir/names"
	verdict "$([ ! -s "$dir/names" ]; echo $?)" "the tests that solutions/ names" "$dir/names"
}

run_blocks()
{
	rm -f "$dir"/block-*
	awk -v dir="$dir" '
		/^```/ { if (out) { close(out); out = "" }
			 else if ($0 == "```sh") { out = sprintf("%s/block-%04d", dir, NR); inside = 1 }
			 next }
		out { print > out }' "$1"
	for block in "$dir"/block-*; do
		[ -e "$block" ] || continue
		began=$(date +%s)
		timeout "$HANDOUT_LIMIT" sh -eu "$block" >"$dir/log" 2>&1 </dev/null
		verdict $? "$1:$(echo "${block##*-}" | sed "s,^0*,,") ($(($(date +%s) - began)) s)" "$dir/log"
	done
}

for lab in $labs; do
	handouts=$(echo labs/0"${lab#0}"-*/README.md)
	[ -e "$handouts" ] || continue
	case $mode in
	write)
		handout "${handouts%/*}" "$dir/new" && { cmp -s "$dir/new" "$handouts" || cp "$dir/new" "$handouts"; }
		verdict $? "$handouts" ;;
	check)
		handout "${handouts%/*}" "$dir/new" && diff -u "$handouts" "$dir/new" >"$dir/diff"
		verdict $? "$handouts (make handouts)" "$dir/diff"
		check_links "$handouts" ;;
	run)
		run_blocks "$handouts" ;;
	*)
		echo "usage: readme.sh write|check|run [LAB...]" >&2
		exit 2 ;;
	esac
done
for file in $root_too $([ "$mode" = check ] && [ -n "$root_too" ] && ls docs/*.md common/README.md grader/README.md); do
	case $mode in
	check) check_links "$file" ;;
	run) run_blocks "$file" ;;
	esac
done
if [ "$mode" = check ] && [ -n "$root_too" ]; then
	check_lists
	check_test_names
fi
echo "handouts $mode: $passed passed, $failed failed"
[ $failed = 0 ]
