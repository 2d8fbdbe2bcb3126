# file solutions/01-memory/area.c
# loses 1
# The end of the space is not looked at.
s/if (!n && (at > s->end || s->end - at < need))/if (false)/
