#!/bin/sh
# handout.sh O [no]: make the students' repository O/handout from this tree: everything but the solutions,
# the mutants, the checks of the graders themselves and the instructor's tools. The exercises are blank,
# whatever labs/ holds now. For each of them there is the reference as a stripped object (DESIGN R4), or,
# with "no", there is none: then students can grade only what they have.
set -eu
O=$1 objects=${2:-yes}
dest=$O/handout
unset MAKEFLAGS MFLAGS MAKELEVEL

case $dest in ''|/) exit 2 ;; esac
rm -rf "$dest"
mkdir -p "$dest/reference" "$dest/grader" "$dest/.github/workflows"
cp -p Makefile LICENSE .clang-format .gitignore "$dest"
cp -pR common docs labs solutions "$dest"
for part in grader/*.[ch] grader/grader.mk grader/ktest grader/user grader/bench grader/debian; do
	cp -pR "$part" "$dest/grader"
done
cp -p grader/instructor/README.student.md "$dest/README.md"
cp -p grader/instructor/grade.yml "$dest/.github/workflows"
FORCE=1 sh grader/skeleton.sh make "$dest" > "$O/handout.log"
rm -r "$dest/solutions"

make -s --no-print-directory O="$O" print-exercises > "$dest/reference/exercises"
(cd "$dest" && find common labs -name '*.h' | LC_ALL=C sort | xargs sha256sum > reference/headers)
if [ "$objects" != no ]; then
	for debug in 0 1; do
		echo "  HANDOUT reference objects, DEBUG=$debug"
		make -s --no-print-directory -j2 O="$O" DEBUG=$debug DEST="$dest" reference-objects
	done
fi

# A repository with one commit, for the instructor to push.
if command -v git > /dev/null; then
	cd "$dest"
	git init -q -b main
	git add -A
	git -c user.name=Trellis -c user.email=trellis@localhost commit -q -m "Trellis: the labs"
fi
echo "The students' repository is $dest"
