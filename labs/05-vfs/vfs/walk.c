/*
 * Exercise 5.1: walking a path, component by component.
 *
 * Goal: from a path such as "/usr//lib/../bin/./sh" to the file it names, as path_resolution(7)
 * describes: slashes separate, "." stays, ".." goes up, everything else is looked up in the
 * directory that has been reached, and a symbolic link goes on with the link's text.
 * Invariant: before each component w->path is a directory that the caller may search, w->rest
 * points at what has not been walked yet, and no component is looked at twice.
 * Symptoms when wrong: "a//b" or "a/" is ENOENT (slashes not skipped); "file/x" is ENOENT instead
 * of ENOTDIR, or a directory without the x bit can be crossed (not checked before the component);
 * "link" or "link/" is opened as a link although "link/x" works (the last component); the
 * rest of the path behind a link is lost (texts not popped); mkdir finds no directory to work in
 * (LOOKUP_PARENT); a loop of links never ends (the count belongs to walk_link()).
 * Reading: vfs/namei.h, which has the steps; path_resolution(7), symlink(7).
 */
#include "common/errno.h"
#include "05-vfs/vfs/namei.h"

int walk_components(struct walk *w)
{
	/* EXERCISE 5.1: your code here. */
	exercise_blank("5.1");
	return -ENOSYS;
}
