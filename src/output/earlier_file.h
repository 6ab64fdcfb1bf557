/* An earlier document, as a writer sees it that is to go on with it. */
#ifndef OUTPUT_EARLIER_FILE_H
#define OUTPUT_EARLIER_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct earlier_file {
    uint64_t size; /* more than 0 */
    void *context;
    /* Fills `bytes` with the `length` bytes at `offset`; fewer are an error. */
    int (*read)(void *context, uint64_t offset, void *bytes, size_t length, struct error *err);
};

/* Where the zeros begin that the file ends with; its size if it ends with another byte. A machine
 * that lost its power may leave them in the place of what never reached the disk. */
int earlier_zeros(const struct earlier_file *file, uint64_t *begin, struct error *err);

#endif
