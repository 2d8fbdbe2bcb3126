# readme_file.awk: one line about a source file for its handout, its fields divided by tabs: name,
# exercise number or nothing, sentence, headers.
#
# The sentence is the first one of the opening comment, without the exercise's number before it;
# the headers are those of earlier labs that the file includes.
BEGIN {
	sub(/^labs\//, "", lab)
}

# The opening comment, without its stars, up to the first empty line.
FNR == 1 && /^(\/\*|\/\/|#)/ {
	state = 1
}
state == 1 {
	line = $0
	end = line ~ /\*\//
	sub(/^[ \t]*(\/\*\**|\*\/|\/\/|#+!?|\*)[ \t]*/, "", line)
	sub(/[ \t]*\*\/.*/, "", line)
	sub(/[ \t]+$/, "", line)
	if (line == "" && text != "")
		state = 2
	else if (line != "")
		text = text (text == "" ? "" : " ") line
	if (end)
		state = 2
}
state != 1 && number == "" && match($0, /E(XERCISE|xercise) [0-9]+\.[0-9]+/) {
	number = substr($0, RSTART + 9, RLENGTH - 9)
}
/^#include "0[0-9]-/ {
	split($2, part, "\"")
	if (substr(part[2], 1, index(part[2], "/") - 1) < lab) {
		header = substr(part[2], 1, 2) substr(part[2], index(part[2], "/"))
		headers = headers (headers == "" ? "" : ", ") header
	}
}

# Where the first sentence ends: a full stop before a space, which is not an abbreviation's.
function sentence(s,	at, rest, done)
{
	done = ""
	rest = s
	while ((at = index(rest, ". ")) > 0) {
		done = done substr(rest, 1, at)
		if (done !~ /(^|[ (])(vol|fig|sec|e\.g|i\.e|etc|[A-Z])\.$/)
			return done
		rest = substr(rest, at + 1)
	}
	return s
}

# A long sentence up to the last colon or semicolon that leaves at most 120 characters.
function shorter(s,	i)
{
	for (i = 121; i > 30; i--)
		if (substr(s, i, 2) ~ /^[:;] $/)
			return substr(s, 1, i - 1)
	return s
}

END {
	if (match(text, /^E(XERCISE|xercise) [0-9]+\.[0-9]+/)) {
		number = substr(text, RSTART + 9, RLENGTH - 9)
		sub(/^E[A-Za-z]+ [0-9]+\.[0-9]+[:.]?[ ]*/, "", text)
		if (sub(/^, [a-z]+ part: /, "", text))
			text = toupper(substr(text, 1, 1)) substr(text, 2)
	}
	text = sentence(text)
	sub(/[.:]$/, "", text)
	gsub(/\|/, "\\|", text)
	if (length(text) > 120)
		text = shorter(text)
	print name "\t" number "\t" text "\t" headers
}
