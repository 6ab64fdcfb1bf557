/* Memory on pages of 2 MiB. */
#include "base/large_pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* linux/mman.h, since 6.1 */
#endif

/* The whole pages of the memory, if there are enough of them. What fails only leaves it slower. */
static void advise(uintptr_t memory, size_t size, int advice)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (memory + page - 1) & ~(page - 1), end = (memory + size) & ~(page - 1);
    if (size >= LARGE_PAGE)
        madvise((void *)first, end - first, advice);
}

void large_pages_wish(void *memory, size_t size)
{
    advise((uintptr_t)memory, size, MADV_HUGEPAGE);
}

void large_pages_collapse(const void *memory, size_t size)
{
    advise((uintptr_t)memory, size, MADV_HUGEPAGE);
    advise((uintptr_t)memory, size, MADV_COLLAPSE);
}
