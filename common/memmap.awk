# Draws the last map that a kernel printed (memmap=, labs/01-memory/memmap.h): as text, and as the
# SVG file named by -v svg=FILE. The sizes in the map are KiB; addresses are only copied.
BEGIN {
	split("free reserved kernel heap tables user cache", owner)
	split(". R K H T U C", letter)
	split("#f4f4f4 #9a9a9a #4878a8 #58a868 #e0a030 #d05858 #9068b8", colour)
}

# Only a map that is complete counts, the last one: lines are kept until its "end".
/^memmap / { n = 0 }
{ line[++n] = $0 }
/^end$/ {
	lines = n
	for (i = 1; i <= n; i++)
		map[i] = line[i]
}

function parse() {
	if ($1 == "ram" || $1 == "place") {
		kind[++ranges] = $1; from[ranges] = $2; to[ranges] = $3; kib[ranges] = $4; what[ranges] = rest(5)
	} else if ($1 == "chunk") {
		parse_chunk()
	} else if ($1 == "kernel") {
		parse_kernel(rest(7))
	} else if ($1 == "user") {
		user_from[++users] = $2; user_to[users] = $3; user_kib[users] = $4; user_perm[users] = $5
		user_resident[users] = $6; user_name[users] = $7 " (" rest(8) ")"
	}
}
# One line for equal chunks in a row.
function parse_chunk(    i, t) {
	for (t = 0; t < $3; t++) {
		chunk_kib[++chunks] = $2
		for (i = 1; i <= 7; i++) {
			count[chunks, i] = $(3 + i)
			total[i] += $(3 + i)
		}
	}
}
# Stacks and the like come in rows: one line for all of a row.
function parse_kernel(name) {
	if (maps && name == map_name[maps] && name !~ /^(image|direct)/) {
		map_to[maps] = $3; map_kib[maps] += $4; map_times[maps]++
		return
	}
	map_from[++maps] = $2; map_to[maps] = $3; map_kib[maps] = $4; map_perm[maps] = $5
	map_page[maps] = $6; map_name[maps] = name; map_times[maps] = 1
}

function rest(n,    s) { for (s = $n; ++n <= NF; ) s = s " " $n; return s }
function size(k) { return k && k % 1048576 == 0 ? k / 1048576 " GiB" : k && k % 1024 == 0 ? k / 1024 " MiB" : k " KiB" }

function address(c) { return sprintf("%09x", (c - 1) * chunk_kib[1] / 4) "000" }

# Who has most of a chunk, beside the free frames; 1 if all are free.
function main_owner(c,    i, best) {
	best = 1
	for (i = 2; i <= 7; i++)
		if (count[c, i] > (best == 1 ? 0 : count[c, best]))
			best = i
	return best
}
function used(c,    i, n, sum) {
	for (i = 1; i <= 7; i++) {
		sum += count[c, i]
		n += i > 1 ? count[c, i] : 0
	}
	return sum ? n / sum : 0
}

function times(i) { return map_times[i] > 1 ? ", " map_times[i] " times" : "" }

function draw_text(    c, i, l, line) {
	print "What the loader reported, and what lies there"
	for (i = 1; i <= ranges; i++)
		printf "  %s - %s %12s  %s%s\n", from[i], to[i], size(kib[i]), kind[i] == "place" ? "  " : "", what[i]
	printf "\nPhysical memory, %s per character; a small letter: less than half is in use\n ", size(chunk_kib[1])
	for (i = 1; i <= 7; i++)
		printf " %s %s (%s)", letter[i], owner[i], size(4 * total[i])
	for (c = 1; c <= chunks; c++) {
		if (c % 64 == 1)
			line = line "\n  " address(c) "  "
		l = letter[main_owner(c)]
		line = line (used(c) < 0.5 ? tolower(l) : l)
	}
	print line "\n\nThe kernel's half of the address space, from the page tables"
	for (i = 1; i <= maps; i++)
		printf "  %s - %s %12s  %s  %5s  %s%s\n", map_from[i], map_to[i], size(map_kib[i]), map_perm[i],
		       map_page[i], map_name[i], times(i)
	for (i = 1; i <= users; i++) {
		if (user_name[i] != user_name[i - 1])
			print "\nProcess " user_name[i] ": areas, and how much of each is in memory"
		printf "  %s - %s %12s  %s  %s\n", user_from[i], user_to[i], size(user_kib[i]), user_perm[i],
		       size(user_resident[i])
	}
}

function escape(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); return s }
function text(x, y, s) { printf "<text x=\"%d\" y=\"%d\">%s</text>\n", x, y, escape(s) > svg }
function box(x, y, w, h, fill, opacity, title) {
	printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" fill-opacity=\"%.2f\" stroke=\"#666\" stroke-width=\"0.5\"><title>%s</title></rect>\n",
		x, y, w, h, fill, opacity, escape(title) > svg
}
function perm_colour(p) { return p ~ /x/ ? colour[6] : p ~ /w/ ? colour[3] : colour[4] }
# A region of the address space: its height says little, its colour the permissions.
function region(y, name, from, to, k, perm) {
	box(10, y, 120, 18, perm_colour(perm), 0.6, name)
	text(16, y + 13, perm)
	text(140, y + 13, from " - " to "  " size(k) "  " name)
}

function draw_svg(    c, i, y, rows) {
	rows = int((chunks + 63) / 64)
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1000\" height=\"%d\" font-family=\"monospace\" font-size=\"12\">\n",
		160 + 13 * rows + 20 * (maps + 2 * users) > svg
	text(10, 20, "Physical memory, " size(chunk_kib[1]) " per square")
	for (i = 1; i <= 7; i++) {
		box(10 + 135 * (i - 1), 30, 12, 12, colour[i], 1, owner[i])
		text(26 + 135 * (i - 1), 41, owner[i] " " size(4 * total[i]))
	}
	for (c = 1; c <= chunks; c++) {
		i = main_owner(c)
		y = 52 + 13 * int((c - 1) / 64)
		if (c % 64 == 1)
			text(10, y + 10, address(c))
		box(110 + 13 * ((c - 1) % 64), y, 12, 12, colour[i], i == 1 ? 1 : 0.25 + 0.75 * used(c), address(c) ": " owner[i])
	}
	y = 85 + 13 * rows
	text(10, y, "The kernel's half of the address space, from the page tables")
	for (i = 1; i <= maps; i++)
		region(y += 20, map_name[i] times(i), map_from[i], map_to[i],
		       map_kib[i], map_perm[i])
	for (i = 1; i <= users; i++) {
		if (user_name[i] != user_name[i - 1])
			text(10, y += 38, "Process " user_name[i])
		region(y += 20, size(user_resident[i]) " in memory", user_from[i], user_to[i], user_kib[i], user_perm[i])
	}
	print "</svg>" > svg
}

END {
	for (i = 1; i <= lines; i++) {
		$0 = map[i]
		parse()
	}
	if (!lines) {
		print "memmap: the kernel printed no complete map" > "/dev/stderr"
		exit 1
	}
	draw_text()
	if (svg)
		draw_svg()
}
