/*
 * Socket addresses between user memory and the kernel.
 *
 * An address is a family, two bytes, and whatever that family needs; its length travels beside it.
 * struct sockaddr_storage holds any. accept(2) and the like take the room there is and give the
 * length the address has, which may be more: the program then knows that it was cut.
 */
#pragma once

#include "06-posix/net/socket.h"

/* Copy a user's address of len bytes: 0, -EINVAL, -EFAULT. The rest of *addr is zero. */
int address_get(struct sockaddr_storage *addr, const void __user *user, int len);
/* Copy an address out as far as *ulen says there is room, and its whole length into *ulen: 0,
 * -EINVAL, -EFAULT. */
int address_put(const struct sockaddr_storage *addr, int len, void __user *user, int __user *ulen);
