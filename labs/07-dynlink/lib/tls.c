/*
 * Thread-local variables of a program and of the libraries that it starts with, in its threads.
 */
#include "mini.h"
#include "tls.h"

static __thread int own = 111;
static __thread char own_aligned[64] __attribute__((aligned(64))) = "own";

static int fresh(void)
{
	for (int i = 0; i < 20; i++)
		if (tls1_zeros()[i])
			return 0;
	return own == 111 && mini_equal(own_aligned, "own") &&
	       mini_equal(tls1_address(), "aligned") && *tls2_address() == 222;
}

/* Fill all with what nobody else has. */
static void spoil(char c)
{
	own = c;
	tls2_number = c;
	for (int i = 0; i < 64; i++)
		own_aligned[i] = c;
	for (int i = 0; i < 128; i++)
		tls1_address()[i] = c;
	for (int i = 0; i < 20; i++)
		tls1_zeros()[i] = c;
}

static int spoilt(char c)
{
	int ok = own == c && *tls2_address() == c;

	for (int i = 0; i < 64; i++)
		ok &= own_aligned[i] == c;
	for (int i = 0; i < 128; i++)
		ok &= tls1_address()[i] == c;
	for (int i = 0; i < 20; i++)
		ok &= tls1_zeros()[i] == c;
	return ok;
}

static int check_layout(void)
{
	if (!fresh() || (unsigned long)own_aligned % 64 || (unsigned long)tls1_address() % 128)
		return 0;
	spoil('m');
	return spoilt('m') && tls1_address() == tls1_aligned && tls2_address() == &tls2_number;
}

static int was_fresh[4], stayed[4], arrived;

static void run(void *arg)
{
	int i = (int)(long)arg;

	was_fresh[i] = fresh();
	spoil((char)('0' + i));
	/* Until all have spoilt theirs. */
	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
	mini_wake(&arrived);
	for (int n; (n = __atomic_load_n(&arrived, __ATOMIC_SEQ_CST)) < 4; )
		mini_wait(&arrived, n);
	stayed[i] = spoilt((char)('0' + i)) && (unsigned long)tls1_address() % 128 == 0;
}

static int check_threads(void)
{
	struct mini_thread t[4];
	int ok = 1;

	spoil('m');
	for (long i = 0; i < 4; i++)
		if (mini_thread_start(&t[i], run, (void *)i))
			return 0;
	for (int i = 0; i < 4; i++) {
		mini_thread_join(&t[i]);
		ok &= was_fresh[i] && stayed[i];
	}
	return ok && spoilt('m');
}

static const struct mini_check checks[] = {
	{ "layout", check_layout }, { "threads", check_threads }, { 0 },
};

int main(int argc, char **argv)
{
	return mini_checks(checks, argc, argv);
}
