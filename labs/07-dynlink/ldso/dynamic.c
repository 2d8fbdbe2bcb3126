/*
 * Reading a dynamic section (gABI chapter 5, "Dynamic Section"): a list of {tag, value} that ends
 * with DT_NULL and says where everything else is. Addresses in it are those of the file.
 */
#include "07-dynlink/ldso/ldso.h"

static void read_flags(struct object *o, u64 flags, u64 flags_1)
{
	o->symbolic = (flags & DF_SYMBOLIC) || o->tag[DT_SYMBOLIC];
	o->bind_now = (flags & DF_BIND_NOW) || (flags_1 & DF_1_NOW) || o->tag[DT_BIND_NOW];
	o->nodelete = (flags_1 & DF_1_NODELETE) != 0;
	o->static_tls = (flags & DF_STATIC_TLS) != 0;
	if (o->tag[DT_TEXTREL] || (flags & DF_TEXTREL))
		fail(object_name(o), ": relocations in its text: compile it with -fPIC", NULL);
}

void read_dynamic(struct object *o)
{
	u64 flags_1 = 0;

	for (const struct elf64_dyn *d = o->dynamic; d && d->d_tag != DT_NULL; d++) {
		const void *table = (const void *)(o->base + d->d_val);

		switch (d->d_tag) {
		case DT_SYMTAB:
			o->symbols = table;
			break;
		case DT_STRTAB:
			o->strings = table;
			break;
		case DT_HASH:
			o->sysv_hash = table;
			break;
		case DT_GNU_HASH:
			o->gnu_hash = table;
			break;
		case DT_VERSYM:
			o->versym = table;
			break;
		case DT_VERDEF:
			o->verdef = table;
			break;
		case DT_VERNEED:
			o->verneed = table;
			break;
		case DT_FLAGS_1:
			flags_1 = d->d_val;
			break;
		case DT_RELR:
			fail(object_name(o), " has packed relocations: link it without them", NULL);
		case DT_SYMBOLIC:
		case DT_BIND_NOW:
		case DT_TEXTREL:
			o->tag[d->d_tag] = 1;	/* the value means nothing */
			break;
		default:
			if (d->d_tag > 0 && d->d_tag < DT_COUNT)
				o->tag[d->d_tag] = d->d_val;
		}
	}
	read_flags(o, o->tag[DT_FLAGS], flags_1);
}
