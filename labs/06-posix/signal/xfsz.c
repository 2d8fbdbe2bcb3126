/*
 * SIGXFSZ: a write stopped by RLIMIT_FSIZE (setrlimit(2)). Lab 05 knows the limit but no signals,
 * so it calls file_too_big, which is set here; the write then fails with EFBIG.
 */
#include "common/abi/signal.h"
#include "common/init.h"
#include "05-vfs/inode.h"
#include "06-posix/signal/signal.h"

static void send_xfsz(void)
{
	signal_send_self(SIGXFSZ);
}

static void xfsz_init(void)
{
	file_too_big = send_xfsz;
}
INITCALL(50, xfsz_init);
