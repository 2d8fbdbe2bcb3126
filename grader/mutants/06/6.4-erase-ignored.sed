# file solutions/06-posix/tty/input.c
# loses 6
# ^H and ^U are ordinary characters.
s/if (is_cc(tty, c, VERASE) || is_cc(tty, c, VKILL) || (extended && is_cc(tty, c, VWERASE))) {/if (false) {/
s/^static void erase(/__unused static void erase(/
