/*
 * Files that are nothing but their operations (epoll, eventfd, timerfd, signalfd, pidfd): what
 * fstat(2) says.
 */
#pragma once

#include "03-syscalls/file.h"

int anon_stat(struct file *f, struct stat *st);
