/* Unpredictable bytes from the kernel. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

#include "base/error.h"

/* Fills `bytes` from getrandom(2), waiting until the kernel's pool is ready. */
int random_bytes(void *bytes, size_t length, struct error *err);

#endif
