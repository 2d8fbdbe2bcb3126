/*
 * The kernel command line (bootparam(7)): split once at boot, asked by name ever after.
 *
 * Three kinds of words, as Linux has them: those the kernel consumes (declared by CMDLINE_WORD
 * where they are used, or listed below because Linux consumes them and programs' boot scripts
 * pass them), words with a dot before any '=' (module parameters, consumed), and the rest, which is
 * init's. Pure but for the linker set, so the unit tests build it on the host.
 */
#include "common/cmdline.h"
#include "common/string.h"

#define MAX_WORDS	256

static char text[2048];
static char *words[MAX_WORDS];
static int word_count;
static int kernel_words;	/* words before "--" */

/* Linux's words that mean nothing here, or that are read by cmdline_get() in common/. */
static const char *const consumed[] = {
	"BOOT_IMAGE", "acpi", "acpi_osi", "amd_iommu", "apic", "audit", "cgroup_disable",
	"clocksource", "console", "cpuidle.off", "crashkernel", "debug", "default_hugepagesz",
	"dyndbg", "earlycon", "earlyprintk", "ftrace", "hpet", "hugepages", "hugepagesz", "idle",
	"ignore_loglevel", "init", "initcall_debug", "initrd", "intel_iommu", "iommu", "ip",
	"ipv6.disable", "isolcpus", "kaslr", "keep_bootcon", "ktap", "log_buf_len", "loglevel",
	"lpj", "maxcpus", "mce", "mem", "memmap", "memtest", "mitigations", "module_blacklist",
	"netdev", "nmi_watchdog", "no_timer_check", "noacpi", "noapic", "nohz", "noinitrd",
	"nokaslr", "nolapic", "nomodeset", "nopti", "norandmaps", "nosmap", "nosmep", "nosmp",
	"notsc", "nowatchdog", "nr_cpus", "nvme", "oops", "panic", "panic_on_oops", "parport",
	"pause_on_oops", "pci", "possible_cpus", "print_fatal_signals", "printk_time", "pti",
	"quiet", "rcupdate", "rdinit", "reboot", "resume", "retain_initrd", "ro", "rodata", "root",
	"rootdelay", "rootflags", "rootfstype", "rootwait", "rw", "selinux", "apparmor", "security",
	"spectre_v2", "strace", "swapaccount", "swiotlb", "sysrq_always_enabled", "threadirqs",
	"transparent_hugepage", "tsc", "vdso", "vga", "video", "vsyscall", "watchdog",
	"x2apic_phys", "noreplace-smp", "nox2apic", "noxsave", "no-kvmclock", "virtio_mmio",
};

/* Cut at spaces outside double quotes; the quotes go. */
void cmdline_parse(const char *line)
{
	char *out = text, *end = text + sizeof(text) - 1;

	word_count = 0;
	kernel_words = -1;
	while (*line && word_count < MAX_WORDS && out < end) {
		bool quoted = false;
		char *word = out;

		while (*line == ' ' || *line == '\t' || *line == '\n')
			line++;
		for (; *line && (quoted || (*line != ' ' && *line != '\t' && *line != '\n'));
		     line++) {
			if (*line == '"')
				quoted = !quoted;
			else if (out < end)
				*out++ = *line;
		}
		if (out == word)
			continue;
		if (out < end)
			*out++ = '\0';
		if (kernel_words < 0 && !strcmp(word, "--"))
			kernel_words = word_count;
		words[word_count++] = word;
	}
	if (kernel_words < 0)
		kernel_words = word_count;
}

static char same(char c)
{
	return c == '-' ? '_' : c;
}

/* If word is `name` or `name=value`: the value ("" for the bare name); else NULL. */
static const char *match(const char *word, const char *name)
{
	while (*name && same(*word) == same(*name))
		word++, name++;
	if (*name)
		return NULL;
	return *word == '=' ? word + 1 : *word == '\0' ? word : NULL;
}

const char *cmdline_get(const char *name)
{
	const char *found = NULL;

	for (int i = 0; i < kernel_words; i++) {
		const char *value = match(words[i], name);

		if (value)
			found = value;
	}
	return found;
}

bool cmdline_has(const char *name)
{
	return cmdline_get(name) != NULL;
}

void cmdline_for_each(const char *name, void (*visit)(const char *value))
{
	for (int i = 0; i < kernel_words; i++) {
		const char *value = match(words[i], name);

		if (value)
			visit(value);
	}
}

u64 cmdline_get_u64(const char *name, u64 def)
{
	const char *value = cmdline_get(name), *end;
	u64 n;

	if (!value || !*value)
		return def;
	n = parse_u64(value, &end, 0);
	return *end ? def : n;
}

static bool is_consumed(const char *word)
{
	const struct cmdline_word *w;
	const char *equals = strchr(word, '='), *dot = strchr(word, '.');

	if (dot && (!equals || dot < equals))
		return true;
	for (int i = 0; i < ARRAY_SIZE(consumed); i++)
		if (match(word, consumed[i]))
			return true;
	linkset_for_each(cmdline_words, const struct cmdline_word, w)
		if (match(word, w->name))
			return true;
	return false;
}

int cmdline_init_args(const char **argv, int max)
{
	int n = 0;

	for (int i = 0; i < word_count && n < max; i++) {
		if (i == kernel_words)		/* the "--" itself */
			continue;
		if (i > kernel_words || (!strchr(words[i], '=') && !is_consumed(words[i])))
			argv[n++] = words[i];
	}
	return n;
}

int cmdline_init_env(const char **envp, int max)
{
	int n = 0;

	for (int i = 0; i < kernel_words && n < max; i++)
		if (strchr(words[i], '=') && !is_consumed(words[i]))
			envp[n++] = words[i];
	return n;
}
