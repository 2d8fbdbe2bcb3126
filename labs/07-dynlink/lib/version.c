/*
 * libversion.so: number() has two versions, version.map says which. A program that was linked
 * before VERSION_2 existed gets the first.
 */
int number_1(void);
int number_1(void)
{
	return 1;
}
__asm__(".symver number_1, number@VERSION_1");

int number_2(void);
int number_2(void)
{
	return 2;
}
__asm__(".symver number_2, number@@VERSION_2");

int only_new(void);
int only_new(void)
{
	return 22;
}

#ifdef FUTURE	/* versions-future is linked with this library, but does not find it */
int only_future(void);
int only_future(void)
{
	return 333;
}
#endif
