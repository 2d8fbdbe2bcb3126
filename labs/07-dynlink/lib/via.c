/* libvia.so needs libplace.so and has no search path of its own. */
char place(void);
char via_place(void);
char via_place(void)
{
	return place();
}
