#!/bin/sh
# gradescope.sh O LAB [HIDDEN]: make O/gradescope-0N.zip, an autograder bundle for one lab.
set -eu
O=$1 lab=0${2#0} hidden=${3:-}
here=$(dirname "$0") dir=$O/gradescope/$lab
sh "$here/base.sh" "$O" "$lab" "$hidden"
rm -rf "$dir" "$O/gradescope-$lab.zip"
mkdir -p "$dir/base"
cp -a "$O/class/$lab/tree" "$dir/base/tree"
cp "$here/gradescope/setup.sh" "$here/gradescope/run_autograder" "$here/submission.sh" "$here/objects.sh" "$dir"
chmod +x "$dir/setup.sh" "$dir/run_autograder"
echo "$lab" > "$dir/lab"
(cd "$dir" && zip -qr ../../"gradescope-$lab.zip" .)
echo "Upload $O/gradescope-$lab.zip as the autograder of lab $lab"
