/*
 * What an error is called: errno_name(2) is "ENOENT", its text "No such file or directory". NULL:
 * unknown.
 */
#pragma once

#include "common/types.h"

const char *errno_name(u64 error);
const char *errno_text(u64 error);
