/* From a rank to the element of a set of 128-bit integers, a batch at a time.
 *
 * Theory of operation
 *
 * Inside one range element - rank is constant. Which form the lookup takes depends on the set:
 * - A few ranges are steps: each lane takes the offset of the last step at or below its rank. No
 *   table is read.
 * - A hitlist whose addresses all stand alone is its own table: rank i is the i-th range.
 * - All others have anchors. A long list of ranges leaves no memory for a rank beside each, so only
 *   every fourth has one (in short lists each), and from there the way goes from range to range.
 * The anchor is found in two steps: the ranks are cut into at least as many buckets of equal width
 * as there are anchors, a directory tells which anchors begin in a bucket, and among those a binary
 *   search decides. However unevenly ranges are spread, that is short: ranks come evenly, so by
 *   Jensen's inequality the mean of log2(1 + anchors in the bucket) is at most
 *   log2(1 + anchors / buckets), which is one.
 *
 * Measured on a Zen 5 core, the order included, ns a probe (v4 / v3 / v2): one range 1.1 / 1.5
 * / 3.4; 10 ranges 1.8 / 3.7 / 10; 3,400 ranges 5.7 / 6.0 / 7.6; a million ranges of 1 to 2^20
 * addresses 12 / 12 / 14; ten million addresses that stand alone 6.4 / 6.6 / 8.3; ten million of
 * which some are neighbours, in 335 MiB, 36 / 36 / 44.
 *
 * Lanes do not wait for each other: what a lane needs next is asked for in all lanes before the
 * first is looked at. */
#include "target/rank6_lookup.h"

#include <stdlib.h>

#include "base/large_pages.h"

enum {
    SHORT_LIST = 1 << 21, /* ranges that may have an anchor each */
    LONG_LIST_DISTANCE = 4,
};

static enum rank6_form choose_form(const struct rank6_lookup *lookup)
{
    if (lookup->set->count <= RANK6_STEPS_MOST)
        return RANK6_STEPS;
    return lookup->size == lookup->set->count ? RANK6_SINGLES : RANK6_ANCHORS;
}

static uint64_t length_of(const struct range6 *range)
{
    return (uint64_t)(range->last - range->first) + 1;
}

static void fill_steps(struct rank6_lookup *lookup)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < lookup->set->count; i++) {
        const struct range6 *range = &lookup->set->ranges[i];
        uint128 offset = range->first - rank;
        lookup->steps[lookup->step_count++] =
            (struct rank6_step){rank, (uint64_t)(offset >> 64), (uint64_t)offset};
        rank += length_of(range);
    }
}

static void fill_anchors(struct rank6_lookup *lookup)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < lookup->set->count; i++) {
        if (i % lookup->anchor_distance == 0)
            lookup->anchors[i / lookup->anchor_distance] = rank;
        rank += length_of(&lookup->set->ranges[i]);
    }
}

/* The last entry, behind all buckets, is the last anchor. */
static void fill_directory(struct rank6_lookup *lookup)
{
    uint32_t anchor = 0;
    for (uint32_t bucket = 0; bucket < lookup->bucket_count; bucket++) {
        uint64_t first = (uint64_t)bucket << lookup->bucket_shift;
        while (anchor + 1 < lookup->anchor_count && lookup->anchors[anchor + 1] <= first)
            anchor++;
        lookup->directory[bucket] = anchor;
    }
    lookup->directory[lookup->bucket_count] = lookup->anchor_count - 1;
}

/* Buckets of a power of two ranks, at least as many as anchors. */
static void choose_buckets(struct rank6_lookup *lookup)
{
    unsigned shift = 63;
    while (shift > 0 && (lookup->size - 1) >> shift < lookup->anchor_count)
        shift--;
    lookup->bucket_shift = shift;
    lookup->bucket_count = (uint32_t)((lookup->size - 1) >> shift) + 1;
}

static int make_anchors(struct rank6_lookup *lookup, struct error *err)
{
    size_t count = lookup->set->count;
    lookup->anchor_distance = count <= SHORT_LIST ? 1 : LONG_LIST_DISTANCE;
    size_t anchors = (count + lookup->anchor_distance - 1) / lookup->anchor_distance;
    if (anchors > UINT32_MAX / 4)
        return error_set(err, "%zu IPv6 address ranges are too many for one scan", count);
    lookup->anchor_count = (uint32_t)anchors;
    choose_buckets(lookup);
    lookup->anchors = calloc(anchors, sizeof *lookup->anchors);
    lookup->directory = calloc((size_t)lookup->bucket_count + 1, sizeof *lookup->directory);
    if (lookup->anchors == NULL || lookup->directory == NULL)
        return error_set(err, "out of memory for the lookup of %zu IPv6 address ranges", count);
    large_pages_wish(lookup->anchors, anchors * sizeof *lookup->anchors);
    large_pages_wish(lookup->directory, lookup->bucket_count * sizeof *lookup->directory);
    fill_anchors(lookup);
    fill_directory(lookup);
    return 0;
}

int rank6_lookup_init(struct rank6_lookup *lookup, const struct range6_set *set, struct error *err)
{
    *lookup = (struct rank6_lookup){.set = set, .size = (uint64_t)range6_set_size(set)};
    lookup->form = choose_form(lookup);
    if (lookup->form == RANK6_STEPS)
        fill_steps(lookup);
    else
        large_pages_collapse(set->ranges, set->count * sizeof *set->ranges);
    if (lookup->form != RANK6_ANCHORS)
        return 0;
    int result = make_anchors(lookup, err);
    if (result < 0)
        rank6_lookup_fini(lookup);
    return result;
}

void rank6_lookup_fini(struct rank6_lookup *lookup)
{
    free(lookup->anchors);
    free(lookup->directory);
    *lookup = (struct rank6_lookup){0};
}

/* Lanes at `step` or above take its offset. Ranks are below 2^63, so they compare as signed
 * numbers, as x86-64 does it. */
MULTIVERSION(void, take_step,
             (const struct rank6_step *step, const uint64_t *restrict rank, uint64_t *restrict high,
              uint64_t *restrict low),
             (step, rank, high, low))
{
    const int64_t from = (int64_t)step->rank;
    const uint64_t offset_high = step->offset_high, offset_low = step->offset_low;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        bool above = (int64_t)rank[i] >= from;
        high[i] = above ? offset_high : high[i];
        low[i] = above ? offset_low : low[i];
    }
}

MULTIVERSION(void, add_rank,
             (const uint64_t *restrict rank, uint64_t *restrict high, uint64_t *restrict low),
             (rank, high, low))
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint64_t sum = low[i] + rank[i];
        high[i] += sum < rank[i];
        low[i] = sum;
    }
}

static void batch_steps(const struct rank6_lookup *lookup, const uint64_t *rank, uint64_t *high,
                        uint64_t *low)
{
    for (size_t i = 0; i < lookup->step_count; i++)
        take_step[lookup->level](&lookup->steps[i], rank, high, low);
    add_rank[lookup->level](rank, high, low);
}

static void put(uint64_t *high, uint64_t *low, uint128 element)
{
    *high = (uint64_t)(element >> 64);
    *low = (uint64_t)element;
}

static void batch_singles(const struct rank6_lookup *lookup, const uint64_t *rank, uint64_t *high,
                          uint64_t *low)
{
    const struct range6 *ranges = lookup->set->ranges;
    for (unsigned i = 0; i < BATCH_LANES; i++)
        __builtin_prefetch(&ranges[rank[i]]);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        put(&high[i], &low[i], ranges[rank[i]].first);
}

/* The last anchor at or before `rank`. */
static uint32_t anchor_of(const struct rank6_lookup *lookup, uint64_t rank)
{
    const uint32_t *entry = &lookup->directory[rank >> lookup->bucket_shift];
    uint32_t anchor = entry[0], left = entry[1] - entry[0] + 1;
    while (left > 1) {
        uint32_t half = left / 2;
        anchor = lookup->anchors[anchor + half] <= rank ? anchor + half : anchor;
        left -= half;
    }
    return anchor;
}

/* The element at `rank`, which is in the range of the anchor or one of the next few. */
static uint128 element_from(const struct rank6_lookup *lookup, uint32_t anchor, uint64_t rank)
{
    const struct range6 *range = &lookup->set->ranges[(size_t)anchor * lookup->anchor_distance];
    uint64_t left = rank - lookup->anchors[anchor];
    for (; left > (uint64_t)(range->last - range->first); range++)
        left -= length_of(range);
    return range->first + left;
}

static void batch_anchors(const struct rank6_lookup *lookup, const uint64_t *rank, uint64_t *high,
                          uint64_t *low)
{
    uint32_t anchor[BATCH_LANES];
    for (unsigned i = 0; i < BATCH_LANES; i++)
        __builtin_prefetch(&lookup->directory[rank[i] >> lookup->bucket_shift]);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        __builtin_prefetch(&lookup->anchors[lookup->directory[rank[i] >> lookup->bucket_shift]]);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        anchor[i] = anchor_of(lookup, rank[i]);
        const struct range6 *range =
            &lookup->set->ranges[(size_t)anchor[i] * lookup->anchor_distance];
        __builtin_prefetch(range);
        __builtin_prefetch(range + lookup->anchor_distance / 2);
    }
    for (unsigned i = 0; i < BATCH_LANES; i++)
        put(&high[i], &low[i], element_from(lookup, anchor[i], rank[i]));
}

bool rank6_lookup_has_places(const struct rank6_lookup *lookup)
{
    return lookup->form != RANK6_STEPS;
}

void rank6_lookup_places(const struct rank6_lookup *lookup,
                         const uint64_t rank[restrict BATCH_LANES],
                         const void *place[restrict BATCH_LANES])
{
    bool is_table = lookup->form == RANK6_SINGLES;
    for (unsigned i = 0; i < BATCH_LANES; i++)
        place[i] = is_table ? (const void *)&lookup->set->ranges[rank[i]]
                            : &lookup->directory[rank[i] >> lookup->bucket_shift];
}

void rank6_lookup_batch(const struct rank6_lookup *lookup,
                        const uint64_t rank[restrict BATCH_LANES],
                        uint64_t high[restrict BATCH_LANES], uint64_t low[restrict BATCH_LANES])
{
    static void (*const batch[RANK6_FORMS])(const struct rank6_lookup *lookup, const uint64_t *rank,
                                            uint64_t *high, uint64_t *low) = {
        [RANK6_STEPS] = batch_steps,
        [RANK6_SINGLES] = batch_singles,
        [RANK6_ANCHORS] = batch_anchors,
    };
    batch[lookup->form](lookup, rank, high, low);
}
