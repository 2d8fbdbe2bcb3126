/*
 * libempty: a library that exports nothing, so that its hash table is as empty as one can be.
 */
static int value = 1;

__attribute__((constructor)) static void construct(void)
{
	value++;
}
