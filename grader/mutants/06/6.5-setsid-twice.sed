# file solutions/06-posix/job/control.c
# loses 4
# A group leader can start a session.
s/if (group_find(me->id)) {/if (false) {/
