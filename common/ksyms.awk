# From `nm -n` to assembly: the table of functions that ksym_lookup() searches. Sorted by
# address: 32-bit offsets from KERNEL_BASE, then the places of the names, then the names.
$2 ~ /^[tTwW]$/ && $3 !~ /^[.$]/ && $1 ~ /^ffffffff/ {
	if ($1 == last)
		next
	last = $1
	n++
	address[n] = substr($1, 9)
	name[n] = $3
}
END {
	print "\t.section .ksyms,\"a\"\n\t.balign 8\n\t.globl ksym_count\nksym_count:\t.quad " n + 0
	print "\t.globl ksym_address\nksym_address:"
	for (i = 1; i <= n; i++)
		print "\t.long 0x" address[i] " - 0x80000000"
	print "\t.globl ksym_name\nksym_name:"
	place = 0
	for (i = 1; i <= n; i++) {
		print "\t.long " place
		place += length(name[i]) + 1
	}
	print "\t.globl ksym_text\nksym_text:"
	for (i = 1; i <= n; i++)
		print "\t.asciz \"" name[i] "\""
	print "\t.section .note.GNU-stack,\"\",@progbits"
}
