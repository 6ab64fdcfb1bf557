/* A set of 32-bit integers kept as ranges. */
#include "target/range_set.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

void range_set_init(struct range_set *set)
{
    *set = (struct range_set){.normal = true};
}

void range_set_fini(struct range_set *set)
{
    free(set->ranges);
    range_set_init(set);
}

static int reserve(struct range_set *set, size_t more, struct error *err)
{
    if (more <= set->capacity - set->count)
        return 0;
    size_t capacity = set->capacity ? set->capacity : FIRST_CAPACITY;
    while (capacity - set->count < more)
        capacity *= 2;
    struct range *ranges = reallocarray(set->ranges, capacity, sizeof *ranges);
    if (ranges == NULL)
        return error_set(err, "out of memory for %zu address or port ranges", capacity);
    set->ranges = ranges;
    set->capacity = capacity;
    return 0;
}

/* Does `b`, which begins no lower than `a`, overlap or touch it? */
static bool joins(struct range a, struct range b)
{
    return b.first <= a.last || b.first == a.last + 1;
}

int range_set_add(struct range_set *set, uint32_t first, uint32_t last, struct error *err)
{
    const struct range added = {first, last};
    if (set->count == 0) {
        set->normal = true;
    } else {
        struct range *tail = &set->ranges[set->count - 1];
        if (first < tail->first) {
            set->normal = false;
        } else if (joins(*tail, added)) {
            tail->last = last > tail->last ? last : tail->last;
            return 0;
        }
    }
    if (reserve(set, 1, err) < 0)
        return -1;
    set->ranges[set->count++] = added;
    return 0;
}

int range_set_add_all(struct range_set *set, const struct range_set *other, struct error *err)
{
    if (set == other)
        return 0;
    if (reserve(set, other->count, err) < 0)
        return -1;
    for (size_t i = 0; i < other->count; i++) {
        if (range_set_add(set, other->ranges[i].first, other->ranges[i].last, err) < 0)
            return -1;
    }
    return 0;
}

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

/* Joins sorted ranges that overlap or touch. */
static void merge(struct range_set *set)
{
    size_t kept = 0;
    for (size_t i = 1; i < set->count; i++) {
        struct range *tail = &set->ranges[kept];
        const struct range next = set->ranges[i];
        if (!joins(*tail, next))
            set->ranges[++kept] = next;
        else if (next.last > tail->last)
            tail->last = next.last;
    }
    set->count = kept + 1;
}

int range_set_normalise(struct range_set *set, struct error *err)
{
    if (set->count > 0 && !set->normal) {
        if (sort(set, err) < 0)
            return -1;
        merge(set);
    }
    set->normal = true;
    return 0;
}

/* Appends the parts of `range` that `removed` leaves. `*at` is the first removed range that ends at
 * or behind the range's beginning, and moves on for the next range. */
static int add_rest(struct range_set *rest, struct range range, const struct range_set *removed,
                    size_t *at, struct error *err)
{
    for (;;) {
        while (*at < removed->count && removed->ranges[*at].last < range.first)
            ++*at;
        if (*at == removed->count || removed->ranges[*at].first > range.last)
            return range_set_add(rest, range.first, range.last, err);
        const struct range hole = removed->ranges[*at];
        if (hole.first > range.first && range_set_add(rest, range.first, hole.first - 1, err) < 0)
            return -1;
        if (hole.last >= range.last)
            return 0;
        range.first = hole.last + 1;
    }
}

int range_set_subtract(struct range_set *set, const struct range_set *removed, struct error *err)
{
    struct range_set rest;
    if (removed->count == 0)
        return 0;
    range_set_init(&rest);
    size_t at = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (add_rest(&rest, set->ranges[i], removed, &at, err) < 0) {
            range_set_fini(&rest);
            return -1;
        }
    }
    range_set_fini(set);
    *set = rest;
    return 0;
}

uint64_t range_set_size(const struct range_set *set)
{
    uint64_t size = 0;
    for (size_t i = 0; i < set->count; i++)
        size += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
    return size;
}

uint64_t range_set_count_between(const struct range_set *set, uint32_t first, uint32_t last)
{
    uint64_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct range r = set->ranges[i];
        if (r.first <= last && r.last >= first)
            count +=
                (uint64_t)(r.last < last ? r.last : last) - (r.first > first ? r.first : first) + 1;
    }
    return count;
}

bool range_set_contains(const struct range_set *set, uint32_t value)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (value < set->ranges[middle].first)
            high = middle;
        else if (value > set->ranges[middle].last)
            low = middle + 1;
        else
            return true;
    }
    return false;
}
