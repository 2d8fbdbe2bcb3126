/* The smallest program, for measuring exec. */
int main(void)
{
	return 0;
}
