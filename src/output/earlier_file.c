/* An earlier document, as a writer sees it that is to go on with it. */
#include "output/earlier_file.h"

enum { PIECE = 1 << 12 };

int earlier_zeros(const struct earlier_file *file, uint64_t *begin, struct error *err)
{
    uint8_t piece[PIECE];
    *begin = file->size;
    while (*begin > 0) {
        size_t length = *begin < PIECE ? (size_t)*begin : PIECE;
        int result = file->read(file->context, *begin - length, piece, length, err);
        if (result < 0)
            return result;
        size_t kept = length;
        while (kept > 0 && piece[kept - 1] == 0)
            kept--;
        *begin -= length - kept;
        if (kept > 0)
            break;
    }
    return 0;
}
