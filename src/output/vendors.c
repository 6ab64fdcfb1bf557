/* Who made a network adapter. */
#include "output/vendors.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hex.h"

enum {
    MAC_DIGITS = 12,
    DIGITS_FEWEST = 6,
    DIGIT_COUNT_BITS = 8,
};

/* How many digits blocks have, the smallest blocks first (MA-S, MA-M, MA-L of the IEEE). */
static const unsigned block_digits[] = {9, 7, DIGITS_FEWEST};

static uint64_t block_of(uint64_t digits, unsigned count)
{
    return digits << DIGIT_COUNT_BITS | count;
}

/* Reads "00000C" or "00-00-0C" and steps behind; 0 if no block stands there. */
static uint64_t take_block(const char **at, const char *end)
{
    uint64_t digits = 0;
    unsigned count = 0;
    for (; *at < end && count <= MAC_DIGITS; (*at)++) {
        int digit = hex_digit(**at);
        if (digit < 0 && **at != '-' && **at != ':')
            break;
        if (digit < 0)
            continue;
        digits = digits << 4 | (unsigned)digit;
        count++;
    }
    for (size_t i = 0; i < sizeof block_digits / sizeof *block_digits; i++)
        if (count == block_digits[i] && *at < end && (**at == ' ' || **at == '\t'))
            return block_of(digits, count);
    return 0;
}

static void skip_blanks(const char **at, const char *end)
{
    while (*at < end && (**at == ' ' || **at == '\t'))
        (*at)++;
}

static int add(struct vendors *vendors, struct vendor vendor, struct error *err)
{
    if (vendors->count == vendors->capacity) {
        size_t capacity = vendors->capacity ? 2 * vendors->capacity : 4096;
        struct vendor *larger = reallocarray(vendors->vendors, capacity, sizeof *larger);
        if (larger == NULL)
            return error_set(err, "out of memory for the names of vendors");
        vendors->vendors = larger;
        vendors->capacity = capacity;
    }
    vendors->vendors[vendors->count++] = vendor;
    return 0;
}

static int add_line(struct vendors *vendors, const char *at, const char *end, struct error *err)
{
    static const char mark[] = "(hex)";
    const char *text = (const char *)vendors->text.bytes;
    uint64_t block = take_block(&at, end);
    if (block == 0)
        return 0;
    skip_blanks(&at, end);
    if ((size_t)(end - at) > strlen(mark) && memcmp(at, mark, strlen(mark)) == 0)
        at += strlen(mark);
    skip_blanks(&at, end);
    while (end > at && (end[-1] == '\r' || end[-1] == ' '))
        end--;
    if (at == end)
        return 0;
    return add(vendors, (struct vendor){block, (uint32_t)(at - text), (uint32_t)(end - at)}, err);
}

/* By block, and by line among those of one. */
static int compare(const void *a, const void *b)
{
    const struct vendor *left = a, *right = b;
    if (left->block != right->block)
        return left->block < right->block ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

int vendors_read(struct vendors *vendors, const char *path, struct error *err)
{
    *vendors = (struct vendors){0};
    buffer_init(&vendors->text, VENDORS_FILE_MAX);
    int result = file_read(path, &vendors->text, err);
    const char *at = buffer_string(&vendors->text), *end = at + vendors->text.length;
    while (result == 0 && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        result = add_line(vendors, at, line_end, err);
        at = line_end + (line_end < end);
    }
    if (result < 0)
        vendors_fini(vendors);
    else if (vendors->count > 0)
        qsort(vendors->vendors, vendors->count, sizeof *vendors->vendors, compare);
    return result;
}

void vendors_fini(struct vendors *vendors)
{
    buffer_fini(&vendors->text);
    free(vendors->vendors);
    *vendors = (struct vendors){0};
}

/* The first of this block; NULL if there is none. */
static const struct vendor *look_up(const struct vendors *vendors, uint64_t block)
{
    size_t low = 0, high = vendors->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (vendors->vendors[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < vendors->count && vendors->vendors[low].block == block;
    return found ? &vendors->vendors[low] : NULL;
}

const char *vendors_find(const struct vendors *vendors, const struct mac_address *mac,
                         size_t *length)
{
    uint64_t digits = 0;
    for (size_t i = 0; i < sizeof mac->bytes; i++)
        digits = digits << 8 | mac->bytes[i];
    for (size_t i = 0; i < sizeof block_digits / sizeof *block_digits; i++) {
        unsigned count = block_digits[i];
        const struct vendor *vendor =
            look_up(vendors, block_of(digits >> 4 * (MAC_DIGITS - count), count));
        if (vendor == NULL)
            continue;
        *length = vendor->length;
        return (const char *)vendors->text.bytes + vendor->at;
    }
    return NULL;
}
