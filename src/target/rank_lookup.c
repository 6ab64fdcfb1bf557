/* From a rank to the element of a set that has it, a batch at a time.
 *
 * Inside one range element - rank is constant. Which form the lookup takes depends on how many
 * ranges there are:
 * - A few are steps: to each rank the first offset is added, then to those from the second range on
 *   what the second offset is more than the first, and so on. No table is read.
 * - A set that is small, or whose ranges are short, is a table of its elements.
 * - All others are lines (rank_lines.c). */
#include "target/rank_lookup.h"

#include <stdlib.h>

enum {
    STEPS_MOST = 12,
    TABLE_SIZE = 1 << 14,      /* a table up to 64 KiB is no loss */
    TABLE_RANKS_PER_RANGE = 4, /* up to that a table is no larger than lines */
    PREFETCHED_SIZE = 1 << 20, /* bytes; smaller tables are in the second-level cache */
};

static enum rank_form choose_form(const struct rank_ranges *ranges)
{
    if (ranges->count <= STEPS_MOST)
        return RANK_STEPS;
    if (ranges->size <= TABLE_SIZE || ranges->size <= ranges->count * TABLE_RANKS_PER_RANGE)
        return RANK_TABLE;
    return RANK_LINES;
}

static void fill_ranges(struct rank_ranges *ranges, const struct range_set *set)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct range range = set->ranges[i];
        ranges->at[i] = (struct rank_range){(uint32_t)rank, range.first - (uint32_t)rank};
        rank += (uint64_t)range.last - range.first + 1;
    }
}

static void fill_table(uint32_t *table, const struct range_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        for (uint64_t element = set->ranges[i].first; element <= set->ranges[i].last; element++)
            *table++ = (uint32_t)element;
}

static int build(struct rank_lookup *lookup, const struct range_set *set, struct error *err)
{
    struct rank_ranges *ranges = &lookup->ranges;
    ranges->at = calloc(ranges->count, sizeof *ranges->at);
    if (ranges->at == NULL)
        return error_set(err, "out of memory for the lookup of %zu ranges", ranges->count);
    fill_ranges(ranges, set);
    if (lookup->form == RANK_LINES)
        return rank_lines_init(&lookup->lines, *ranges, err);
    if (lookup->form == RANK_TABLE) {
        lookup->table = calloc(ranges->size, sizeof *lookup->table);
        if (lookup->table == NULL)
            return error_set(err, "out of memory for a table of %zu elements",
                             (size_t)ranges->size);
        fill_table(lookup->table, set);
    }
    return 0;
}

int rank_lookup_init(struct rank_lookup *lookup, const struct range_set *set, struct error *err)
{
    *lookup = (struct rank_lookup){.ranges = {.count = set->count, .size = range_set_size(set)}};
    lookup->size = lookup->ranges.size;
    lookup->form = choose_form(&lookup->ranges);
    int result = build(lookup, set, err);
    if (result < 0)
        rank_lookup_fini(lookup);
    return result;
}

void rank_lookup_fini(struct rank_lookup *lookup)
{
    free(lookup->ranges.at);
    free(lookup->table);
    rank_lines_fini(&lookup->lines);
    *lookup = (struct rank_lookup){0};
}

MULTIVERSION(void, add_offset, (uint32_t *restrict values, uint32_t offset), (values, offset))
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        values[i] += offset;
}

/* What lies at `from` or above goes up. */
MULTIVERSION(void, add_step, (uint32_t *restrict values, uint32_t from, uint32_t step),
             (values, from, step))
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        values[i] += values[i] >= from ? step : 0;
}

/* Before step i all values from range i on are as if it went on from the range before. */
static void batch_steps(const struct rank_lookup *lookup, uint32_t *values)
{
    const struct rank_range *ranges = lookup->ranges.at;
    add_offset[lookup->level](values, ranges[0].offset);
    for (size_t i = 1; i < lookup->ranges.count; i++) {
        uint32_t step = ranges[i].offset - ranges[i - 1].offset;
        add_step[lookup->level](values, ranges[i].rank + ranges[i - 1].offset, step);
    }
}

/* One load a lane; the gathering instructions of v3 and v4 take a little longer. */
static void batch_table(const struct rank_lookup *lookup, uint32_t *values)
{
    const uint32_t *table = lookup->table;
    if (lookup->size * sizeof *table > PREFETCHED_SIZE)
        for (unsigned i = 0; i < BATCH_LANES; i++)
            __builtin_prefetch(&table[values[i]]);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        values[i] = table[values[i]];
}

static void batch_lines(const struct rank_lookup *lookup, uint32_t *values)
{
    rank_lines_batch(&lookup->lines, lookup->level, values);
}

void rank_lookup_batch(const struct rank_lookup *lookup, uint32_t values[BATCH_LANES])
{
    static void (*const batch[RANK_FORMS])(const struct rank_lookup *lookup, uint32_t *values) = {
        [RANK_STEPS] = batch_steps,
        [RANK_TABLE] = batch_table,
        [RANK_LINES] = batch_lines,
    };
    batch[lookup->form](lookup, values);
}

static uint32_t first_element(struct rank_range range)
{
    return range.rank + range.offset;
}

/* The first rank behind range `i`. */
static uint64_t range_end(const struct rank_ranges *ranges, size_t i)
{
    return i + 1 < ranges->count ? ranges->at[i + 1].rank : ranges->size;
}

bool rank_lookup_contains(const struct rank_lookup *lookup, uint32_t value)
{
    const struct rank_ranges *ranges = &lookup->ranges;
    if (value < first_element(ranges->at[0]))
        return false;
    size_t low = 0, high = ranges->count; /* the range, if any, is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (first_element(ranges->at[middle]) <= value)
            low = middle;
        else
            high = middle;
    }
    uint64_t length = range_end(ranges, low) - ranges->at[low].rank;
    return value - first_element(ranges->at[low]) < length;
}
