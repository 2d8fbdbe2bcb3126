# readme.awk: a handout with its generated parts written anew. Called with the handout twice: the
# first pass collects the headings "### Exercise N.M: title", from which the tables take the title
# and the link. Variables: points (a file with the table of `make grade-points`), files (a file with
# the lines of readme_file.awk).

function anchor(s)
{
	s = tolower(s)
	gsub(/ /, "-", s)
	gsub(/[^a-z0-9_-]/, "", s)
	return s
}

function fail(s)
{
	print FILENAME ": " s > "/dev/stderr"
	failed = 1
}

function read_points(	line, cell, number)
{
	while ((getline line < points) > 0) {
		split(line, cell, / *\| */)
		if (cell[2] ~ /^\*\*[0-9]/) {
			gsub(/\*/, "", cell[2])
			gsub(/\*/, "", cell[5])
			number = cell[2]
			numbers[++count] = number
			worth[number] = cell[5]
			file[number] = cell[3]
		} else if (cell[3] ~ /^`/) {
			tests[number] = tests[number] sprintf("| %s | %s | %s |\n", cell[3], cell[4], cell[5])
		}
	}
}

function print_points(	i, n)
{
	print "| exercise | file | | points |"
	print "|---|---|---|--:|"
	for (i = 1; i <= count; i++) {
		n = numbers[i]
		if (title[n] == "")
			fail("no heading \"### Exercise " n ": ...\"")
		printf "| [%s](#%s) | %s | %s | %d |\n", n, link[n], file[n], title[n], worth[n]
		sum += worth[n]
	}
	printf "| | | | **%d** |\n", sum
}

function print_tests(n)
{
	if (!(n in title))
		fail("tests " n ": no heading \"### Exercise " n ": ...\"")
	if (!(n in tests))
		fail("exercise " n " has no tests")
	printf "Tests (`make -C %s grade TEST=%s`):\n\n", directory, n
	print "| test | what is tested | points |"
	print "|---|---|--:|"
	printf "%s", tests[n]
}

# Files of the lab's own directory first, then each subdirectory under a row of its own.
function print_files(	line, field, lines, i, n, d, dirs, seen, total, where, uses)
{
	while ((getline line < files) > 0) {
		lines[++n] = line
		split(line, field, "\t")
		uses = uses field[4]
		d = index(field[1], "/") ? substr(field[1], 1, index(field[1], "/")) : ""
		where[n] = d
		if (!(d in seen)) {
			seen[d] = 1
			if (d != "")
				dirs[++total] = d
		}
	}
	dirs[0] = ""
	print "| file | what it is |" (uses == "" ? "" : " of earlier labs it uses |")
	print "|---|---|" (uses == "" ? "" : "---|")
	for (d = 0; d <= total; d++) {
		if (d)
			printf "| **`%s`** | |%s\n", dirs[d], uses == "" ? "" : " |"
		for (i = 1; i <= n; i++) {
			if (where[i] != dirs[d])
				continue
			split(lines[i], field, "\t")
			printf "| %s`%s` | %s |%s\n", field[2] == "" ? "" : "**" field[2] "** ",
				substr(field[1], length(dirs[d]) + 1), field[3],
				uses == "" ? "" : " " field[4] " |"
		}
	}
}

NR == FNR {
	if (NR == 1) {
		directory = FILENAME
		sub(/\/[^\/]*$/, "", directory)
	}
	if (/^```/)
		code = !code
	else if (!code && match($0, /^### Exercise [0-9]+\.[0-9]+: /)) {
		n = $3
		sub(/:$/, "", n)
		title[n] = substr($0, RLENGTH + 1)
		link[n] = anchor(substr($0, 5))
	}
	next
}

FNR == 1 {
	read_points()
	for (i = 1; i <= count; i++)
		if (!(numbers[i] in title))
			title[numbers[i]] = ""
}

!inside {
	print
}

/^<!-- generated: [a-z]+.* -->$/ {
	inside = 1
	if ($3 == "points")
		print_points()
	else if ($3 == "tests")
		print_tests($4)
	else if ($3 == "files")
		print_files()
	else
		fail("unknown mark: " $0)
}

/^<!-- end -->$/ && inside {
	inside = 0
	print
}

END {
	if (inside)
		fail("a generated part has no end")
	exit failed
}
