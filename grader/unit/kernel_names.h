/*
 * Names that the kernel and the host's C library share get a prefix, so that a unit test can
 * link both. The kernel's files are compiled with this on the command line; a test includes it
 * behind the host's headers and before the kernel's.
 */
#pragma once

#define memcpy		k_memcpy
#define memmove		k_memmove
#define memset		k_memset
#define memcmp		k_memcmp
#define memchr		k_memchr
#define strlen		k_strlen
#define strnlen		k_strnlen
#define strcmp		k_strcmp
#define strncmp		k_strncmp
#define strchr		k_strchr
#define strrchr		k_strrchr
#define strstr		k_strstr
#define strlcpy		k_strlcpy
#define snprintf	k_snprintf
#define vsnprintf	k_vsnprintf
