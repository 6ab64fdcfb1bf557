/* Memory on pages of 2 MiB, where the kernel has some: a look-up in a large table is somewhere else
 * each time, and would miss the TLB as well as the cache. Where it has none all is as before. */
#ifndef BASE_LARGE_PAGES_H
#define BASE_LARGE_PAGES_H

#include <stddef.h>

enum { LARGE_PAGE = 2 << 20 };

/* Asks for them for memory that is not touched yet. (Not for what grows by realloc: the kernel
 * would fill all of it.) */
void large_pages_wish(void *memory, size_t size);

/* Moves memory in use onto them, once for all; what it holds stays. Takes a millisecond a MiB,
 * and no more memory. Needs Linux 6.1. */
void large_pages_collapse(const void *memory, size_t size);

#endif
