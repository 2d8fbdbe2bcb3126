# file solutions/04-elf/script.c
# loses 4
# A path that is longer than what was read is taken as far as it goes.
/if (!newline \&\& skip_word(name, end) == end)/,+1d
