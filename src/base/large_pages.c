/* Memory on pages of 2 MiB. */
#include "base/large_pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* linux/mman.h, since 6.1 */
#endif

/* The whole pages of the memory, if there are enough of them. What fails only leaves it slower. */
static void advise(void *memory, size_t size, int advice)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = -(uintptr_t)memory & (page - 1);
    if (size >= LARGE_PAGE)
        madvise((char *)memory + before, (size - before) & ~(page - 1), advice);
}

void large_pages_wish(void *memory, size_t size)
{
    advise(memory, size, MADV_HUGEPAGE);
}

void large_pages_collapse(const void *memory, size_t size)
{
    advise((void *)memory, size, MADV_HUGEPAGE); /* which is not to write to it */
    advise((void *)memory, size, MADV_COLLAPSE);
}
