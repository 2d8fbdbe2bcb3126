# The blank form of one exercise file (DESIGN R3), from its solution on standard input.
#
#	/* EXERCISE 1.2 BEGIN  blank: return 0; */		a part between these marks becomes
#	...						/* EXERCISE 1.2: your code here. */
#	/* EXERCISE 1.2 END */				exercise_blank("1.2");
#							return 0;
#
# With "blank-toplevel" instead of "blank:" the part vanishes (helpers that only the solution
# uses). A file may have several parts of one exercise. In assembly (-v asm=1) the call is
# EXERCISE_BLANK_ASM. The BEGIN mark may run over several lines. Exit status 1: bad marks.

function fail(message)
{
	printf "%s:%d: %s\n", name, NR, message > "/dev/stderr"
	bad = 1
}

# The statements of a blank, one per line; a semicolon inside parentheses or braces does not split.
function print_statements(indent, text,    i, c, depth, line)
{
	gsub(/[ \t\n]+/, " ", text)
	sub(/^ /, "", text)
	sub(/ $/, "", text)
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c ~ /[({]/)
			depth++
		if (c ~ /[)}]/)
			depth--
		line = line c
		if (c == ";" && depth == 0) {
			if (asm)
				sub(/;$/, "", line)
			sub(/^ /, "", line)
			print indent line
			line = ""
		}
	}
	sub(/^ /, "", line)
	if (line != "")
		print indent line
}

function begin_part(mark,    number, indent, text)
{
	number = mark
	sub(/^.*EXERCISE /, "", number)
	sub(/ .*$/, "", number)
	indent = mark
	sub(/\/\*.*$/, "", indent)
	sub(/\n.*$/, "", indent)
	if (only == "")
		only = number
	else if (only != number)
		fail("two exercises in one file: " only " and " number)
	part = number
	if (mark ~ /BEGIN[ \t\n*]+blank-toplevel/) {
		drop_blank = last_blank
		return
	}
	if (mark !~ /blank:/) {
		fail("a BEGIN mark needs blank: or blank-toplevel")
		return
	}
	text = mark
	sub(/^.*blank:/, "", text)
	sub(/\*\/.*$/, "", text)
	gsub(/\n[ \t]*\*/, "\n", text)
	print indent "/* EXERCISE " number ": your code here. */"
	print indent (asm ? "EXERCISE_BLANK_ASM \"" number "\"" : "exercise_blank(\"" number "\");")
	print_statements(indent, text)
	last_blank = 0
}

mark != "" {
	mark = mark "\n" $0
	if (/\*\//) {
		begin_part(mark)
		mark = ""
	}
	next
}
/\/\* EXERCISE [0-9]+\.[0-9]+ BEGIN/ {
	if (part != "")
		fail("BEGIN inside exercise " part)
	if (/\*\//)
		begin_part($0)
	else
		mark = $0
	next
}
/\/\* EXERCISE [0-9]+\.[0-9]+ END \*\// {
	if (part == "" || index($0, "EXERCISE " part " END") == 0)
		fail("END without its BEGIN")
	part = ""
	next
}
/EXERCISE .*(BEGIN|END)/ { fail("malformed mark") }
part == "" {
	if (drop_blank && /^$/)
		next
	drop_blank = 0
	print
	last_blank = /^$/
}
END {
	if (part != "" || mark != "")
		fail("no END of exercise " part)
	if (only == "" && !bad)
		fail("no exercise in this file")
	exit bad
}
