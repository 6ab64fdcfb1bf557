/* A set of 32-bit integers kept as ranges. */
#include "target/range_set.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 8, DIGITS = 4, DIGIT_VALUES = 1 << DIGIT_BITS };

static unsigned digit_of(struct range range, unsigned digit)
{
    return range.first >> (digit * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

static void count_digits(const struct range *ranges, size_t count,
                         size_t counts[DIGITS][DIGIT_VALUES])
{
    memset(counts, 0, DIGITS * sizeof counts[0]);
    for (size_t i = 0; i < count; i++) {
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(ranges[i], digit)]++;
    }
}

/* Copies the ranges in the order of one digit, equal ones in the order they had. */
static void scatter(struct range *restrict to, const struct range *restrict from, size_t count,
                    unsigned digit, const size_t counts[DIGIT_VALUES])
{
    size_t next[DIGIT_VALUES], sum = 0;
    for (unsigned value = 0; value < DIGIT_VALUES; value++) {
        next[value] = sum;
        sum += counts[value];
    }
    for (size_t i = 0; i < count; i++)
        to[next[digit_of(from[i], digit)]++] = from[i];
}

/* Sorts by `first`: a radix sort from the lowest digit up, leaving out digits that are all alike.
 */
static int sort(struct range_set *set, struct error *err)
{
    struct range *spare = reallocarray(NULL, set->capacity, sizeof *spare);
    if (spare == NULL)
        return error_set(err, "out of memory to sort %zu address or port ranges", set->count);
    size_t counts[DIGITS][DIGIT_VALUES];
    count_digits(set->ranges, set->count, counts);
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (counts[digit][digit_of(set->ranges[0], digit)] == set->count)
            continue;
        scatter(spare, set->ranges, set->count, digit, counts[digit]);
        struct range *sorted = spare;
        spare = set->ranges;
        set->ranges = sorted;
    }
    free(spare);
    return 0;
}

#define VALUE     uint32_t
#define RANGE     range
#define SET       range_set
#define METHOD(x) range_set_##x
#define SIZE      uint64_t
#define WHAT      "address or port ranges"
#include "target/range_set_code.h"
