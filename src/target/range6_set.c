/* A set of 128-bit integers kept as ranges.
 *
 * Sorting. A copy to sort into, as sets of 32 bits have it, would double what a long list takes. So
 * this radix sort works in place ("American flag sort": P. M. McIlroy, K. Bostic, M. D. McIlroy,
 * Engineering Radix Sort, 1993): from the highest digit down, the ranges are dealt out to where
 * those of each digit belong, and each such part is sorted by the next digit. What real lists have
 * in common in front is passed over at once, and short parts are sorted by insertion. Ranges of a
 * long list are dealt out all over it, which large pages make faster. */
#include "target/range6_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/large_pages.h"

enum { DIGIT_BITS = 8, DIGITS = 16, DIGIT_VALUES = 1 << DIGIT_BITS, INSERTION_MOST = 24 };

static unsigned digit_of(const struct range6 *range, unsigned digit)
{
    return (unsigned)(range->first >> (128 - DIGIT_BITS * (digit + 1))) & (DIGIT_VALUES - 1);
}

static void sort_by_insertion(struct range6 *ranges, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct range6 inserted = ranges[i];
        size_t at = i;
        for (; at > 0 && ranges[at - 1].first > inserted.first; at--)
            ranges[at] = ranges[at - 1];
        ranges[at] = inserted;
    }
}

/* Where the ranges of each digit begin and, behind them, end. */
struct parts {
    size_t begin[DIGIT_VALUES + 1];
};

/* False if all ranges have the same digit. */
static bool measure_parts(struct parts *parts, const struct range6 *ranges, size_t count,
                          unsigned digit)
{
    size_t counts[DIGIT_VALUES] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++)
        counts[digit_of(&ranges[i], digit)]++;
    for (unsigned value = 0; value < DIGIT_VALUES; value++) {
        parts->begin[value] = sum;
        sum += counts[value];
    }
    parts->begin[DIGIT_VALUES] = sum;
    return counts[digit_of(&ranges[0], digit)] != count;
}

/* Takes up the range at the next free place of each part in turn, and puts it where it belongs,
 * taking up what is there, until one comes that belongs here. */
static void deal_out(struct range6 *ranges, const struct parts *parts, unsigned digit)
{
    size_t next[DIGIT_VALUES];
    memcpy(next, parts->begin, sizeof next);
    for (unsigned value = 0; value < DIGIT_VALUES; value++) {
        while (next[value] < parts->begin[value + 1]) {
            struct range6 held = ranges[next[value]];
            unsigned belongs;
            while ((belongs = digit_of(&held, digit)) != value) {
                struct range6 *place = &ranges[next[belongs]++];
                const struct range6 displaced = *place;
                *place = held;
                held = displaced;
            }
            ranges[next[value]++] = held;
        }
    }
}

/* The first digit in which not all ranges are the same; DIGITS if there is none. */
static unsigned first_difference(const struct range6 *ranges, size_t count)
{
    uint128 difference = 0;
    for (size_t i = 1; i < count; i++)
        difference |= ranges[i].first ^ ranges[0].first;
    unsigned digit = 0;
    while (digit < DIGITS && difference >> (128 - DIGIT_BITS * (digit + 1)) == 0)
        digit++;
    return digit;
}

/* At most DIGITS calls deep. */
static void sort_from(struct range6 *ranges, size_t count, unsigned digit)
{
    struct parts parts;
    if (count <= INSERTION_MOST) {
        sort_by_insertion(ranges, count);
        return;
    }
    if (digit == DIGITS)
        return;
    if (!measure_parts(&parts, ranges, count, digit)) {
        digit = first_difference(ranges, count);
        if (digit == DIGITS)
            return;
        measure_parts(&parts, ranges, count, digit);
    }
    deal_out(ranges, &parts, digit);
    for (unsigned value = 0; value < DIGIT_VALUES; value++)
        sort_from(ranges + parts.begin[value], parts.begin[value + 1] - parts.begin[value],
                  digit + 1);
}

static int sort(struct range6_set *set, struct error *err)
{
    (void)err;
    large_pages_collapse(set->ranges, set->count * sizeof *set->ranges);
    sort_from(set->ranges, set->count, 0);
    return 0;
}

#define VALUE     uint128
#define RANGE     range6
#define SET       range6_set
#define METHOD(x) range6_set_##x
#define SIZE      uint128
#define WHAT      "IPv6 address ranges"
#include "target/range_set_code.h"
