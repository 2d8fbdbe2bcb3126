# file solutions/01-memory/area.c
# loses 3
# Always behind the last area: addresses are never used again.
s/n && area_of(n)->start - at < need; n = /n; n = /
