# Turns the events of a run (trace=, labs/02-usermode/run_trace.c), sorted by time, into the JSON
# format that Perfetto (ui.perfetto.dev) and chrome://tracing open: a track per CPU that shows
# which thread runs, and in each process a track per thread with its system calls and page faults.
BEGIN {
	CPUS = 1000000		# the process that the CPUs' tracks belong to
	DEAD = 3		# enum thread_state
	print "{\"traceEvents\":["
	meta(CPUS, 0, "process_name", "CPUs")
	meta(0, 0, "process_name", "kernel")
}

function quote(s) {
	gsub(/[^ -~]/, "?", s)
	gsub(/["\\]/, "\\\\&", s)
	return "\"" s "\""
}
function emit(phase, pid, tid, rest) {
	printf "%s{\"ph\":\"%s\",\"pid\":%d,\"tid\":%d%s}", separator, phase, pid, tid, rest
	separator = ",\n"
}
function meta(pid, tid, what, name) {
	emit("M", pid, tid, ",\"name\":\"" what "\",\"args\":{\"name\":" quote(name) "}")
}
function ts(ns) { return sprintf(",\"ts\":%.3f", ns / 1000) }
function close_slice(t, now, args) {
	emit("E", pid_of[t], t, ts(now) args)
	depth[t]--
}
function close_thread(t, now) {
	while (depth[t] > 0)
		close_slice(t, now, "")
}
# The CPU's track: what ran there until now.
function end_run(cpu, now,    name) {
	if (!(cpu in since) || on[cpu] == "0 0 idle")
		return
	name = on[cpu]
	sub(/^[0-9]+ [0-9]+ /, "", name)
	emit("X", CPUS, cpu, ts(since[cpu]) sprintf(",\"dur\":%.3f", (now - since[cpu]) / 1000) \
	     ",\"name\":" quote(name) ",\"args\":{\"pid\":" pid_on[cpu] ",\"tid\":" tid_on[cpu] "}")
}
function rest_of_line(n,    s) { for (s = $n; ++n <= NF; ) s = s " " $n; return s }

$3 == "S" {
	end_run($2, $1)
	if ($6 == DEAD && tid_on[$2] > 0)
		close_thread(tid_on[$2], $1)
	on[$2] = $4 " " $5 " " rest_of_line(7)
	since[$2] = $1; pid_on[$2] = $4; tid_on[$2] = $5
	cpus[$2] = 1
	if ($5 > 0) {
		name_of[$5] = rest_of_line(7)
		pid_of[$5] = $4
	}
}
# Kernel threads share the number 0, and so one track.
$3 == "B" {
	pid_of[$5] = $4
	depth[$5]++
	emit("B", $4, $5, ts($1) ",\"name\":" quote(rest_of_line(7)) ",\"args\":{\"value\":" quote($6) "}")
}
$3 == "E" && depth[$5] > 0 { close_slice($5, $1, ",\"args\":{\"result\":" quote($6) "}") }
NF > 1 { last = $1 }
/^end$/ { complete = 1 }

END {
	for (c in cpus) {
		end_run(c, last)
		meta(CPUS, c, "thread_name", "CPU " c)
	}
	for (t in depth)
		close_thread(t, last)
	for (t in name_of) {
		meta(pid_of[t], t, "thread_name", name_of[t])
		if (pid_of[t] == t)
			meta(t, t, "process_name", name_of[t])
	}
	print "\n]}"
	if (!complete)
		print "trace: the kernel did not end by itself; the trace is cut off" > "/dev/stderr"
}
