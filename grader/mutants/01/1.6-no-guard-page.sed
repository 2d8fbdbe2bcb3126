# file solutions/01-memory/area.c
# loses 10
# Areas touch each other.
s/at = area_of(n)->start + area_of(n)->size + PAGE_SIZE;/at = area_of(n)->start + area_of(n)->size;/
