# How much a student writes (DESIGN R6): the lines between the marks of all solutions named, without
# empty ones, comments and lone braces. Prints "2.1 15" for each exercise, and "2 239" for each lab.

function code(line)
{
	if (comment && !sub(/^.*\*\//, "", line))
		return 0
	comment = 0
	while (match(line, /\/\*/) && match(substr(line, RSTART), /\*\//))
		sub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
	comment = sub(/\/\*.*$/, "", line)
	return line ~ /[^ \t{}]/
}

/\/\* EXERCISE [0-9.]+ BEGIN/ {
	exercise = $3
	in_mark = !/\*\//
	next
}
in_mark { in_mark = !/\*\//; next }
/\/\* EXERCISE [0-9.]+ END/ { exercise = ""; next }
exercise != "" && code($0) {
	lines[exercise]++
	lines[int(exercise)]++
}

END {
	for (e in lines)
		print e, lines[e]
}
