/*
 * libunversioned.so uses libversion.so's functions without having been linked with it: as a
 * library from before it had versions, its references name none.
 */
int number(void);
int only_new(void);

int unversioned_number(void);
int unversioned_number(void)
{
	return number();
}

int unversioned_only_new(void);
int unversioned_only_new(void)
{
	return only_new();
}
