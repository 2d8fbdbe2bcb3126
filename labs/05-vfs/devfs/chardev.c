/*
 * Character devices by number: who implements what opening a node leads to.
 *
 * A node on a disk or in /dev is only a number (mknod(2)); the linker set says whose it is. The
 * list is short and made when linking, so it is searched without a lock.
 */
#include "05-vfs/inode.h"

const struct char_device *char_device_find(dev_t dev)
{
	const struct char_device *c;

	linkset_for_each(char_devices, const struct char_device, c)
		if (c->major == MAJOR(dev) && MINOR(dev) >= c->first_minor &&
		    MINOR(dev) - c->first_minor < c->count)
			return c;
	return NULL;
}
