/* Exercise 5.1: walking a path. */
#include "vfs_test.h"

static void make_tree(void)
{
	in_new_directory();
	UT_OK(mkdir("a", 0755));
	UT_OK(mkdir("a/b", 0755));
	make_file("a/b/f", "deep");
	make_file("f", "top");
}

UTEST(walk_slashes, "5.1", 3, "slashes may be doubled anywhere, and follow a directory's name")
{
	make_tree();
	UT_STREQ(text_of("a/b/f"), "deep");
	UT_STREQ(text_of("a//b///f"), "deep");
	UT_STREQ(text_of(".//a/b//f"), "deep");
	UT_EQ(ino_of("a/b/"), ino_of("a/b"));
	UT_EQ(ino_of("a/b///"), ino_of("a/b"));
	UT_EQ(ino_of("////"), ino_of("/"));
	UT_ERRNO(open("f/", O_RDONLY), ENOTDIR);
	UT_ERRNO(open("a/b/f//", O_RDONLY), ENOTDIR);
}

UTEST(walk_dots, "5.1", 3, "\".\" stays and \"..\" goes to the parent, but not above the root")
{
	char cwd[PATH_MAX], path[PATH_MAX + 64];

	make_tree();
	UT_STREQ(text_of("./a/./b/./f"), "deep");
	UT_STREQ(text_of("a/../f"), "top");
	UT_STREQ(text_of("a/b/../../a/b/f"), "deep");
	UT_EQ(ino_of("a/b/.."), ino_of("a"));
	UT_EQ(ino_of("/.."), ino_of("/"));
	UT_EQ(ino_of("/../../.."), ino_of("/"));
	UT_ASSERT(getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(path, sizeof(path), "/../..%s/f", cwd);
	UT_STREQ(text_of(path), "top");
	UT_OK(chdir("a/b"));
	UT_STREQ(text_of("../../f"), "top");
	UT_OK(chdir(".."));
	UT_STREQ(text_of("b/f"), "deep");
}

UTEST(walk_symlinks, "5.1", 5, "a link's text is walked from where the link stands, or from the root; the rest follows")
{
	char cwd[PATH_MAX], target[PATH_MAX + 8], text[64];
	struct stat st;

	make_tree();
	UT_ASSERT(getcwd(cwd, sizeof(cwd)) != NULL);
	UT_OK(symlink("b", "a/rel"));
	UT_STREQ(text_of("a/rel/f"), "deep");
	UT_OK(symlink("a/rel", "twice"));
	UT_STREQ(text_of("twice/f"), "deep");
	UT_STREQ(text_of("twice/../b/f"), "deep");
	UT_OK(symlink("../f", "a/up"));
	UT_STREQ(text_of("a/up"), "top");
	snprintf(target, sizeof(target), "%s/a", cwd);
	UT_OK(symlink(target, "abs"));
	UT_STREQ(text_of("abs/b/f"), "deep");
	UT_OK(symlink("abs//b/", "slashed"));
	UT_STREQ(text_of("slashed/f"), "deep");
	UT_OK(lstat("a/rel", &st));
	UT_ASSERT(S_ISLNK(st.st_mode));
	UT_OK(stat("a/rel", &st));
	UT_ASSERT(S_ISDIR(st.st_mode));
	UT_OK(lstat("a/rel/", &st));
	UT_ASSERT(S_ISDIR(st.st_mode));
	UT_EQ(readlink("a/up", text, sizeof(text)), 4);
	UT_ERRNO(open("a/up", O_RDONLY | O_NOFOLLOW), ELOOP);
	UT_OK(open("a/rel/f", O_RDONLY | O_NOFOLLOW));
	UT_OK(symlink("nowhere", "dangling"));
	UT_ERRNO(stat("dangling", &st), ENOENT);
}

UTEST(walk_slash_links, "5.0", 0, "a slash behind a link means the directory that it leads to, over further links")
{
	struct stat st;
	char buf[8];

	in_new_directory();
	UT_OK(mkdir("dir", 0755));
	UT_OK(symlink("dir", "one"));
	UT_OK(symlink("one", "two"));
	UT_OK(symlink("loop", "loop"));
	UT_OK(lstat("two", &st));
	UT_ASSERT(S_ISLNK(st.st_mode));
	UT_OK(lstat("two/", &st));
	UT_ASSERT(S_ISDIR(st.st_mode));
	UT_EQ(readlink("two", buf, sizeof(buf)), 3);
	UT_ERRNO(readlink("two/", buf, sizeof(buf)), EINVAL);
	UT_OK(lstat("loop", &st));
	UT_ERRNO(lstat("loop/", &st), ELOOP);
	UT_ERRNO(link("loop/", "new"), ELOOP);
}

UTEST(walk_link_loop, "5.1", 3, "forty links in one path are followed, the next is ELOOP")
{
	char name[16], target[16];

	make_tree();
	UT_OK(symlink("f", "l0"));
	for (int i = 1; i <= 40; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		UT_OK(symlink(target, name));
	}
	UT_STREQ(text_of("l39"), "top");
	UT_ERRNO(open("l40", O_RDONLY), ELOOP);
	UT_OK(symlink("self", "self"));
	UT_ERRNO(open("self", O_RDONLY), ELOOP);
	UT_ERRNO(open("self/x", O_RDONLY), ELOOP);
}

UTEST(walk_errors, "5.1", 4, "ENOENT, ENOTDIR and ENAMETOOLONG come as path_resolution(7) says")
{
	char name[300], path[PATH_MAX + 16];

	make_tree();
	UT_OK(open("a/b/f", O_RDONLY));
	UT_ERRNO(open("x", O_RDONLY), ENOENT);
	UT_ERRNO(open("x/y", O_RDONLY), ENOENT);
	UT_ERRNO(open("a/x/../b/f", O_RDONLY), ENOENT);
	UT_ERRNO(open("", O_RDONLY), ENOENT);
	UT_ERRNO(open("f/x", O_RDONLY), ENOTDIR);
	UT_ERRNO(open("f/.", O_RDONLY), ENOTDIR);
	UT_ERRNO(open("f/..", O_RDONLY), ENOTDIR);
	UT_ERRNO(open("a/b/f/../f", O_RDONLY), ENOTDIR);
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	make_file(name, "long");
	UT_STREQ(text_of(name), "long");
	name[255] = 'n';
	name[256] = '\0';
	UT_ERRNO(open(name, O_RDONLY), ENAMETOOLONG);
	memset(path, '/', sizeof(path));
	memcpy(path, "./", 2);
	path[PATH_MAX - 2] = 'f';
	path[PATH_MAX - 1] = '\0';
	UT_STREQ(text_of(path), "top");
	path[PATH_MAX - 1] = '/';
	path[PATH_MAX] = '\0';
	UT_ERRNO(open(path, O_RDONLY), ENAMETOOLONG);
	UT_ERRNO(open((char *)1, O_RDONLY), EFAULT);
}

UTEST(walk_search, "5.1", 4, "a directory is crossed only with its execute permission")
{
	make_tree();
	UT_OK(chmod("a", 0711));
	UT_OK(chmod("a/b", 0644));
	become_nobody();
	UT_OK(open("a/b", O_RDONLY));
	UT_ERRNO(open("a", O_RDONLY), EACCES);
	UT_ERRNO(open("a/b/f", O_RDONLY), EACCES);
	UT_ERRNO(open("a/b/.", O_RDONLY), EACCES);
	UT_ERRNO(open("a/b/..", O_RDONLY), EACCES);
	UT_ERRNO(access("a/b/none", F_OK), EACCES);
}

UTEST(walk_parent, "5.1", 4, "what is made or removed is looked for in the directory that the rest of the path names")
{
	struct stat st;

	make_tree();
	UT_OK(symlink("a/b", "l"));
	UT_OK(mkdir("l/new", 0755));
	UT_OK(stat("a/b/new", &st));
	UT_OK(mkdir("a//slashes//", 0755));
	UT_OK(stat("a/slashes", &st));
	make_file("a/../a/./made", "x");
	UT_STREQ(text_of("a/made"), "x");
	UT_OK(rename("l/f", "l/../moved"));
	UT_STREQ(text_of("a/moved"), "deep");
	UT_OK(unlink("l"));
	UT_OK(stat("a/b", &st));
	UT_ERRNO(mkdir("a/..", 0755), EEXIST);
	UT_ERRNO(mkdir("/", 0755), EEXIST);
	UT_ERRNO(mkdir("none/new", 0755), ENOENT);
	UT_ERRNO(rmdir("a/."), EINVAL);
	UT_ERRNO(rmdir("a/.."), ENOTEMPTY);
	UT_ERRNO(open("new/", O_CREAT | O_WRONLY, 0644), EISDIR);
	/* O_CREAT through a dangling link makes what it points to. */
	UT_OK(symlink("a/target", "dangling"));
	make_file("dangling", "made");
	UT_STREQ(text_of("a/target"), "made");
}

UTEST_MAIN(walk_slashes, walk_dots, walk_symlinks, walk_slash_links, walk_link_loop, walk_errors,
	   walk_search, walk_parent)
