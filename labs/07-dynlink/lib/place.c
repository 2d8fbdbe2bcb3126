/* libplace.so, in several directories: place() says which of them this one is from. */
char place(void);
char place(void)
{
	return PLACE;
}
