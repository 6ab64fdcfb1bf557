/* From a rank to the element of a set that has it, a batch at a time.
 *
 * Theory of operation
 *
 * Inside one range element - rank is constant, so a lookup is an addition once the range is known.
 * A binary search for it costs a dozen unpredictable steps; instead the ranks are cut into buckets
 * of equal, power-of-two width, and each bucket names the offset of its ranks. Only a bucket that
 * an edge between two ranges crosses has several offsets; there the search runs over that bucket's
 * few ranges.
 *
 * A batch first takes the offset of every lane's bucket, and collects, without a branch, the lanes
 * whose bucket has several; those are then searched. The number of buckets follows the number of
 * ranges: as few as keep the searched lanes rare (so that the table stays in the first-level cache
 * for the common small sets), up to SEARCH_FREE_BUCKETS; a very long list gets more, so that a
 * bucket keeps to a few ranges and all of them lie in a cache line. A set whose size is below the
 * number of buckets gets one bucket a rank: a plain table, never searched. A single range, such as
 * one port, needs no table at all. */
#include "target/rank_lookup.h"

#include <stdlib.h>

enum {
    LEAST_BUCKETS = 1 << 10,
    SEARCH_FREE_BUCKETS = 1 << 17,
    BUCKETS_PER_RANGE = 32, /* while that is no more than SEARCH_FREE_BUCKETS */
    RANGES_PER_BUCKET = 4,  /* beyond */
};

/* No offset of a set of two or more elements is as high. */
#define SEVERAL_RANGES UINT32_MAX

/* The first power of two from LEAST_BUCKETS that serves `ranges`. */
static size_t wanted_buckets(size_t ranges)
{
    size_t wanted = LEAST_BUCKETS;
    while (wanted < SEARCH_FREE_BUCKETS && wanted / BUCKETS_PER_RANGE < ranges)
        wanted *= 2;
    while (wanted * RANGES_PER_BUCKET < ranges)
        wanted *= 2;
    return wanted;
}

static void fill_ranges(struct rank_lookup *lookup, const struct range_set *set)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct range range = set->ranges[i];
        lookup->ranges[i] = (struct rank_range){(uint32_t)rank, range.first - (uint32_t)rank};
        rank += (uint64_t)range.last - range.first + 1;
    }
}

/* The first rank behind range `i`. */
static uint64_t range_end(const struct rank_lookup *lookup, size_t i)
{
    return i + 1 < lookup->count ? lookup->ranges[i + 1].rank : lookup->size;
}

static void fill_buckets(struct rank_lookup *lookup)
{
    size_t range = 0;
    for (size_t bucket = 0; bucket < lookup->bucket_count; bucket++) {
        uint64_t begin = (uint64_t)bucket << lookup->shift;
        uint64_t end = (uint64_t)(bucket + 1) << lookup->shift;
        if (end > lookup->size)
            end = lookup->size;
        while (range_end(lookup, range) <= begin)
            range++;
        bool single = range_end(lookup, range) >= end;
        lookup->bucket_offset[bucket] = single ? lookup->ranges[range].offset : SEVERAL_RANGES;
        lookup->bucket_range[bucket] = (uint32_t)range;
    }
    lookup->bucket_range[lookup->bucket_count] = (uint32_t)(lookup->count - 1);
}

int rank_lookup_init(struct rank_lookup *lookup, const struct range_set *set, struct error *err)
{
    *lookup = (struct rank_lookup){.size = range_set_size(set), .count = set->count};
    size_t wanted = wanted_buckets(set->count);
    while ((lookup->size - 1) >> lookup->shift >= wanted)
        lookup->shift++;
    lookup->bucket_count = (size_t)((lookup->size - 1) >> lookup->shift) + 1;
    lookup->ranges = calloc(lookup->count, sizeof *lookup->ranges);
    lookup->bucket_offset = calloc(lookup->bucket_count, sizeof *lookup->bucket_offset);
    lookup->bucket_range = calloc(lookup->bucket_count + 1, sizeof *lookup->bucket_range);
    if (lookup->ranges == NULL || lookup->bucket_offset == NULL || lookup->bucket_range == NULL) {
        rank_lookup_fini(lookup);
        return error_set(err, "out of memory for the lookup of %zu ranges", set->count);
    }
    fill_ranges(lookup, set);
    fill_buckets(lookup);
    return 0;
}

void rank_lookup_fini(struct rank_lookup *lookup)
{
    free(lookup->ranges);
    free(lookup->bucket_offset);
    free(lookup->bucket_range);
    *lookup = (struct rank_lookup){0};
}

/* The last of ranges[first..last] that begins at or before `rank`. */
static const struct rank_range *search(const struct rank_range *ranges, size_t first, size_t last,
                                       uint32_t rank)
{
    size_t left = last - first + 1;
    while (left > 1) {
        size_t half = left / 2;
        first = ranges[first + half].rank <= rank ? first + half : first;
        left -= half;
    }
    return &ranges[first];
}

static uint32_t search_bucket(const struct rank_lookup *lookup, uint32_t rank)
{
    const uint32_t *bounds = &lookup->bucket_range[rank >> lookup->shift];
    return rank + search(lookup->ranges, bounds[0], bounds[1], rank)->offset;
}

/* Adds the offsets of all lanes whose bucket has one; lists the others in `lanes` and returns how
 * many they are. */
static unsigned add_offsets(const struct rank_lookup *lookup, uint32_t *restrict values,
                            uint16_t *restrict lanes)
{
    const uint32_t *offsets = lookup->bucket_offset;
    const unsigned shift = lookup->shift;
    unsigned several = 0;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t offset = offsets[values[i] >> shift];
        bool is_several = offset == SEVERAL_RANGES;
        values[i] += is_several ? 0 : offset;
        lanes[several] = (uint16_t)i;
        several += is_several;
    }
    return several;
}

static void search_lanes(const struct rank_lookup *lookup, uint32_t *values, const uint16_t *lanes,
                         unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t first = lookup->bucket_range[values[lanes[i]] >> lookup->shift];
        __builtin_prefetch(&lookup->ranges[first]);
    }
    for (unsigned i = 0; i < count; i++)
        values[lanes[i]] = search_bucket(lookup, values[lanes[i]]);
}

static void add_one_offset(uint32_t *values, uint32_t offset)
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        values[i] += offset;
}

void rank_lookup_batch(const struct rank_lookup *lookup, uint32_t values[BATCH_LANES])
{
    uint16_t lanes[BATCH_LANES];
    if (lookup->count == 1)
        add_one_offset(values, lookup->ranges[0].offset);
    else
        search_lanes(lookup, values, lanes, add_offsets(lookup, values, lanes));
}

static uint32_t first_element(struct rank_range range)
{
    return range.rank + range.offset;
}

bool rank_lookup_contains(const struct rank_lookup *lookup, uint32_t value)
{
    if (value < first_element(lookup->ranges[0]))
        return false;
    size_t low = 0, high = lookup->count; /* the range, if any, is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (first_element(lookup->ranges[middle]) <= value)
            low = middle;
        else
            high = middle;
    }
    uint64_t length = range_end(lookup, low) - lookup->ranges[low].rank;
    return value - first_element(lookup->ranges[low]) < length;
}
