/*
 * Which program becomes process 1: for the main.c of the labs from 05 on.
 */
#pragma once

#include "common/types.h"

/*
 * Whether the initial ramdisk brought the program that is to be run from it: /init, or what rdinit=
 * says.
 */
bool initramfs_has_init(void);

/*
 * The first code of process 1: becomes that program, or what init= names, or /sbin/init and so on;
 * else panics.
 */
void init_thread(void *arg);
