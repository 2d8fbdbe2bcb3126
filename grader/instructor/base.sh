#!/bin/sh
# base.sh O LAB [HIDDEN]: make O/class/0N, what all submissions of a lab share: tree/ (what students were
# given, with the tests of the instructor's directory HIDDEN added) and objects/ (everything compiled
# but the student's exercises). HIDDEN has grader/'s layout: ktest/0N/*.c, user/0N/*.c.
set -eu
O=$1 lab=0${2#0} hidden=${3:-}
base=$O/class/$lab
sh grader/instructor/handout.sh "$O"
rm -rf "$base"
mkdir -p "$base"
cp -a "$O/handout" "$base/tree"
rm -rf "$base/tree/.git"
if [ -n "$hidden" ]; then
	for part in ktest user; do
		[ ! -d "$hidden/$part" ] || cp -R "$hidden/$part/." "$base/tree/grader/$part"
	done
fi
sh grader/instructor/objects.sh "$base" "$lab"
echo "All submissions of lab $lab share $base"
