# file solutions/06-posix/job/control.c
# loses 0-100
# A group leader can start a session.
s/if (group_find(me->id)) {/if (false) {/
