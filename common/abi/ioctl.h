/* Numbers of ioctl(2) requests that every kind of file understands, and how others are made. */
#pragma once

#define IOC_NONE	0U
#define IOC_WRITE	1U
#define IOC_READ	2U
#define IOC(dir, type, nr, size)	((dir) << 30 | (size) << 16 | (type) << 8 | (nr))
#define IO(type, nr)			IOC(IOC_NONE, (type), (nr), 0)
#define IOR(type, nr, t)		IOC(IOC_READ, (type), (nr), (unsigned)sizeof(t))
#define IOW(type, nr, t)		IOC(IOC_WRITE, (type), (nr), (unsigned)sizeof(t))
#define IOWR(type, nr, t)		IOC(IOC_READ | IOC_WRITE, (type), (nr), (unsigned)sizeof(t))
#define IOC_SIZE(cmd)			((cmd) >> 16 & 0x3fff)

#define FIONREAD	0x541b
#define FIONBIO		0x5421
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451
#define FIOASYNC	0x5452
#define FIOQSIZE	0x5460
