/* A rank's offset, for sets of many ranges.
 *
 * Theory of operation
 *
 * Ranks come in random order, so with long lists each lookup is a cache miss, and what counts is
 * how many there are and how many are under way at once. So the ranks are cut into lines of equal,
 * power-of-two width, and all that is known of a line's ranks stands in one cache line: up to
 * eleven pieces with an offset each, and the position in the line at which each but the final one
 * ends. A lookup is one miss, independent of all others, and the number of ends below the rank's
 * position. Lines are asked for some lanes before they are needed.
 *
 * Positions have 16 bits. Where a line is wider than 2^16 ranks they are rounded down, and a range
 * may begin inside a position. Such a position is a piece of its own with SEVERAL_OFFSETS for an
 * offset, and its ranks are looked up by binary search: fewer than one rank in 2^16 for each range
 * of the line.
 *
 * A line that would have too many pieces is crowded: all of it has SEVERAL_OFFSETS, and its ranks
 * are looked up in narrow lines of its own. If one of those is crowded again, by binary search in
 * its ranges. Lines are as wide as they can be while crowded ones are rare: five to ten ranges each
 * in a long list, where that is enough. Where ranges crowd in some places most lines are empty, but
 * those have most of the ranks, and are as fast as any.
 *
 * Measured on a Zen 5 core, the Internet less so many ranges, ns a probe (v4 / v3 / v2): 1,000 and
 * 0.02 MB of lines 0.58 / 0.63 / 0.87; 10,000 and 0.24 MB 0.67 / 0.72 / 1.0; 100,000 and 1.9 MB
 * 0.84 / 0.89 / 1.2; 1,000,000 and 7.6 MB 0.90 / 0.93 / 1.1. A million at random places: 10.6 MB,
 * 2.3 / 2.3 / 2.6; a million within a fifth of the Internet: 22 MB, 3.5 / 3.6 / 4.4. Making the
 * lines of a million ranges takes 7 to 13 ms. The ranges themselves take 8 bytes each. Huge pages
 * changed none of these times. */
#include "target/rank_lines.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    LINE_SIZE = 64,
    POSITION_BITS = 16,
    LAST_POSITION = (1 << POSITION_BITS) - 1, /* no position is behind it: the end of no piece */
    POSITION_BIAS = 1 << (POSITION_BITS - 1), /* x86-64 compares signed numbers */
    RANGES_PER_LINE_MOST = 10,
    RANGES_PER_LINE_LEAST = 5,
    SHORT_LIST_LINES = 1 << 17, /* lines that a short list may have all the same: 8 MiB */
    LINES_PER_CROWDED = 512,    /* one crowded line in so many is rare */
    RANGES_PER_NARROW_LINE = 6, /* at most, on average */
    NEAR_LINES = 1 << 13,       /* a table of so many, 512 KiB, is in the second-level cache */
    BLOCK = 8,                  /* lanes that are looked up together ... */
    AHEAD = 24,                 /* ... after their lines were asked for so many lanes before */
};

_Static_assert(sizeof(struct rank_line) == LINE_SIZE, "a line must be a cache line");

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* No offset of a set of two or more elements is as high. */
#define SEVERAL_OFFSETS UINT32_MAX

static inline unsigned position_shift(unsigned line_shift)
{
    return line_shift > POSITION_BITS ? line_shift - POSITION_BITS : 0;
}

static inline uint32_t width_mask(unsigned line_shift)
{
    return (uint32_t)((1ull << line_shift) - 1);
}

/* A position, as it is stored and compared. */
static inline int16_t biased(uint32_t position)
{
    return (int16_t)(position - POSITION_BIAS);
}

/* A line under construction. */
struct draft {
    struct rank_line *line;
    unsigned pieces;
};

static struct draft draft_begin(struct rank_line *line, uint32_t offset)
{
    for (unsigned i = 0; i < RANK_LINE_PIECES - 1; i++)
        line->last[i] = biased(LAST_POSITION);
    line->offset[0] = offset;
    return (struct draft){line, 1};
}

/* From `position` on ranks have this offset; false if there is no place for it. A position before
 * the latest piece is in a piece of its own already. */
static bool draft_add(struct draft *draft, uint32_t position, uint32_t offset)
{
    struct rank_line *line = draft->line;
    uint32_t begin =
        draft->pieces == 1 ? 0 : (uint32_t)(line->last[draft->pieces - 2] + POSITION_BIAS + 1);
    if (position < begin || position > LAST_POSITION)
        return true;
    if (position > begin) {
        if (draft->pieces == RANK_LINE_PIECES)
            return false;
        line->last[draft->pieces++ - 1] = biased(position - 1);
    }
    line->offset[draft->pieces - 1] = offset;
    return true;
}

/* A range begins `distance` ranks into the line. */
static bool draft_add_range(struct draft *draft, uint64_t distance, unsigned shift, uint32_t offset)
{
    uint32_t position = (uint32_t)(distance >> shift);
    if ((uint64_t)position << shift == distance)
        return draft_add(draft, position, offset);
    return draft_add(draft, position, SEVERAL_OFFSETS) && draft_add(draft, position + 1, offset);
}

static inline bool is_crowded(const struct rank_line *line)
{
    return line->offset[0] == SEVERAL_OFFSETS && line->last[0] == biased(LAST_POSITION);
}

/* Describes the ranks from `begin` on, 2^shift of them, of which the first is in range `first`.
 * Returns the range of the last one. */
static size_t fill_line(struct rank_line *line, const struct rank_ranges *ranges, uint64_t begin,
                        unsigned shift, size_t first)
{
    struct draft draft = draft_begin(line, ranges->at[first].offset);
    const uint64_t end = begin + (1ull << shift);
    bool fits = true;
    size_t last = first;
    for (; last + 1 < ranges->count && ranges->at[last + 1].rank < end; last++) {
        const struct rank_range *next = &ranges->at[last + 1];
        fits = fits &&
               draft_add_range(&draft, next->rank - begin, position_shift(shift), next->offset);
    }
    if (!fits) {
        draft_begin(line, SEVERAL_OFFSETS);
        line->crowd.first_range = (uint32_t)first;
        line->crowd.last_range = (uint32_t)last;
    }
    return last;
}

/* Fills `count` neighbouring lines from rank `begin`, which is in range `range`, on. Returns how
 * many are crowded, or of them `limit` + 1. */
static size_t fill_lines(struct rank_line *line, size_t count, const struct rank_ranges *ranges,
                         uint64_t begin, unsigned shift, size_t range, size_t limit)
{
    size_t crowded = 0;
    for (size_t i = 0; i < count && crowded <= limit; i++, begin += 1ull << shift) {
        if (range + 1 < ranges->count && ranges->at[range + 1].rank == begin)
            range++;
        range = fill_line(&line[i], ranges, begin, shift, range);
        crowded += is_crowded(&line[i]);
    }
    return crowded;
}
/* How many lines it takes with 2^shift ranks each. */
static size_t lines_of(const struct rank_ranges *ranges, unsigned shift)
{
    return (size_t)((ranges->size - 1) >> shift) + 1;
}

static struct rank_line *allocate(size_t count, const struct rank_lines *lines, struct error *err)
{
    struct rank_line *memory = aligned_alloc(LINE_SIZE, count * sizeof *memory);
    if (memory == NULL)
        error_set(err, "out of memory for the lookup of %zu ranges", lines->ranges.count);
    return memory;
}

/* Fills lines of 2^shift ranks; returns how many are crowded, or of them more than `limit`, or -1.
 */
static int64_t make_lines(struct rank_lines *lines, unsigned shift, size_t limit, struct error *err)
{
    free(lines->at);
    lines->shift = shift;
    lines->count = lines_of(&lines->ranges, shift);
    lines->at = allocate(lines->count, lines, err);
    if (lines->at == NULL)
        return -1;
    return (int64_t)fill_lines(lines->at, lines->count, &lines->ranges, 0, shift, 0, limit);
}

/* Gives each crowded line its place among the narrow ones. */
static void place_narrow_lines(struct rank_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        struct rank_crowd *crowd = &lines->at[i].crowd;
        if (!is_crowded(&lines->at[i]))
            continue;
        uint32_t ranges = crowd->last_range - crowd->first_range + 1, narrower = 0;
        while (ranges >> narrower > RANGES_PER_NARROW_LINE)
            narrower++;
        crowd->narrow = (uint32_t)lines->narrow_count;
        crowd->narrow_shift = lines->shift - narrower;
        lines->narrow_count += (size_t)1 << narrower;
    }
}

static int make_narrow_lines(struct rank_lines *lines, struct error *err)
{
    place_narrow_lines(lines);
    lines->narrow = allocate(lines->narrow_count, lines, err);
    if (lines->narrow == NULL)
        return -1;
    for (size_t i = 0; i < lines->count; i++) {
        const struct rank_crowd *crowd = &lines->at[i].crowd;
        if (!is_crowded(&lines->at[i]))
            continue;
        fill_lines(&lines->narrow[crowd->narrow], (size_t)1 << (lines->shift - crowd->narrow_shift),
                   &lines->ranges, (uint64_t)i << lines->shift, crowd->narrow_shift,
                   crowd->first_range, SIZE_MAX);
    }
    return 0;
}

int rank_lines_init(struct rank_lines *lines, struct rank_ranges ranges, struct error *err)
{
    *lines = (struct rank_lines){.ranges = ranges};
    size_t most = ranges.count / RANGES_PER_LINE_LEAST;
    if (most < SHORT_LIST_LINES)
        most = SHORT_LIST_LINES;
    unsigned shift = 32;
    while (lines_of(&ranges, shift) < ranges.count / RANGES_PER_LINE_MOST)
        shift--;
    for (;; shift--) {
        bool is_final = shift == 0 || lines_of(&ranges, shift - 1) > most;
        size_t limit = is_final ? SIZE_MAX : lines_of(&ranges, shift) / LINES_PER_CROWDED;
        int64_t crowded = make_lines(lines, shift, limit, err);
        if (crowded < 0)
            return -1;
        if ((uint64_t)crowded <= limit)
            return crowded > 0 ? make_narrow_lines(lines, err) : 0;
    }
}

void rank_lines_fini(struct rank_lines *lines)
{
    free(lines->at);
    free(lines->narrow);
    *lines = (struct rank_lines){0};
}

/* Where the ranks of a batch are to be looked up. */
struct places {
    alignas(64) uint32_t line[BATCH_LANES]; /* in bytes from the first one */
    alignas(64) int16_t position[BATCH_LANES];
    bool are_far; /* not in a near cache, most of them */
};

MULTIVERSION(void, find_places,
             (const struct rank_lines *lines, const uint32_t *restrict ranks,
              struct places *restrict places),
             (lines, ranks, places))
{
    const unsigned shift = lines->shift, rounding = position_shift(shift);
    const uint32_t mask = width_mask(shift);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        places->line[i] = (ranks[i] >> shift) * LINE_SIZE;
        places->position[i] = biased((ranks[i] & mask) >> rounding);
    }
}

static inline const struct rank_line *line_at(const struct rank_line *lines, uint32_t bytes)
{
    return (const struct rank_line *)((const char *)lines + bytes);
}

/* Asks for the lines of a block of lanes. (To gcc 12 a function that only does that does nothing,
 * and calls of it are left out.) */
ALWAYS_INLINE void prefetch(const struct rank_line *lines, const struct places *places,
                            unsigned first)
{
    for (unsigned i = first; i < first + BLOCK; i++)
        __builtin_prefetch(line_at(lines, places->line[i]));
}

/* Before the lanes of a block are looked up, those of one ahead are asked for, if the table is far
 * away. (At the end that is the beginning again: no loss.) */
ALWAYS_INLINE void prefetch_ahead(const struct rank_line *lines, const struct places *places,
                                  unsigned first)
{
    if (places->are_far)
        prefetch(lines, places, (first + AHEAD) % BATCH_LANES);
}

/* How many of the ten ends are below the position. Without a branch, because here none can be
 * predicted: each comparison adds to the number or does not. */
static inline unsigned piece_of(const struct rank_line *line, int16_t position)
{
    unsigned piece = 5 & -(unsigned)(line->last[4] < position);
    piece += 3 & -(unsigned)(line->last[piece + 2] < position);
    piece += line->last[piece] < position;
    piece += line->last[piece] < position;
    return piece;
}

static void load_plain(const struct rank_line *lines, const struct places *places,
                       uint32_t *restrict offsets)
{
    for (unsigned first = 0; first < BATCH_LANES; first += BLOCK) {
        prefetch_ahead(lines, places, first);
        for (unsigned i = first; i < first + BLOCK; i++) {
            const struct rank_line *line = line_at(lines, places->line[i]);
            offsets[i] = line->offset[piece_of(line, places->position[i])];
        }
    }
}

#ifdef CPU_HAS_LEVELS

#include <immintrin.h>

/* All ends are compared at once, and what stands behind them. */
MULTIVERSION_V2 static inline uint32_t offset_v2(const struct rank_line *line, int16_t position)
{
    const __m128i *last = (const __m128i *)line->last;
    const __m128i positions = _mm_set1_epi16(position);
    __m128i first_eight = _mm_cmpgt_epi16(positions, _mm_load_si128(last));
    __m128i others = _mm_cmpgt_epi16(positions, _mm_load_si128(last + 1));
    unsigned below = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(first_eight, others));
    return line->offset[__builtin_popcount(below & 0x3ff)];
}

MULTIVERSION_V2 static void load_v2(const struct rank_line *lines, const struct places *places,
                                    uint32_t *restrict offsets)
{
    for (unsigned first = 0; first < BATCH_LANES; first += BLOCK) {
        prefetch_ahead(lines, places, first);
        for (unsigned i = first; i < first + BLOCK; i++)
            offsets[i] = offset_v2(line_at(lines, places->line[i]), places->position[i]);
    }
}

MULTIVERSION_V3 static inline __m256i ends_below(int16_t position, const struct rank_line *line)
{
    __m256i last = _mm256_load_si256((const __m256i *)line->last);
    return _mm256_cmpgt_epi16(_mm256_set1_epi16(position), last);
}

/* Two lanes share what brings their results from vectors to numbers. */
MULTIVERSION_V3 static void load_v3(const struct rank_line *lines, const struct places *places,
                                    uint32_t *restrict offsets)
{
    for (unsigned first = 0; first < BATCH_LANES; first += BLOCK) {
        prefetch_ahead(lines, places, first);
        for (unsigned i = first; i < first + BLOCK; i += 2) {
            const struct rank_line *a = line_at(lines, places->line[i]);
            const struct rank_line *b = line_at(lines, places->line[i + 1]);
            __m256i below_a = ends_below(places->position[i], a);
            __m256i below_b = ends_below(places->position[i + 1], b);
            unsigned below = (unsigned)_mm256_movemask_epi8(_mm256_packs_epi16(below_a, below_b));
            offsets[i] = a->offset[__builtin_popcount(below & 0x000300ff)];
            offsets[i + 1] = b->offset[__builtin_popcount(below & 0x0300ff00)];
        }
    }
}

#endif

static void (*const load_offsets[CPU_LEVELS])(const struct rank_line *lines,
                                              const struct places *places,
                                              uint32_t *restrict offsets) = {
    [CPU_BASE] = load_plain,
#ifdef CPU_HAS_LEVELS
    [CPU_V2] = load_v2,
    [CPU_V3] = load_v3,
    [CPU_V4] = load_v3,
#endif
};

/* Adds the offsets of all lanes that have one; were there others? */
MULTIVERSION(uint32_t, add_offsets, (uint32_t *restrict values, const uint32_t *restrict offsets),
             (values, offsets))
{
    uint32_t several = 0;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        bool is_several = offsets[i] == SEVERAL_OFFSETS;
        values[i] += is_several ? 0 : offsets[i];
        several |= is_several;
    }
    return several;
}

/* The offset at `rank`, which is in one of ranges[first..last]. */
static uint32_t search(const struct rank_range *ranges, size_t first, size_t last, uint32_t rank)
{
    size_t left = last - first + 1;
    while (left > 1) {
        size_t half = left / 2;
        first = ranges[first + half].rank <= rank ? first + half : first;
        left -= half;
    }
    return ranges[first].offset;
}

/* The line that tells most about the rank. */
static const struct rank_line *narrowest_line(const struct rank_lines *lines, uint32_t rank,
                                              unsigned *shift)
{
    const struct rank_line *line = &lines->at[rank >> lines->shift];
    *shift = lines->shift;
    if (!is_crowded(line))
        return line;
    *shift = line->crowd.narrow_shift;
    return &lines->narrow[line->crowd.narrow + ((rank & width_mask(lines->shift)) >> *shift)];
}

static uint32_t offset_of(const struct rank_lines *lines, uint32_t rank)
{
    const struct rank_ranges *ranges = &lines->ranges;
    unsigned shift;
    const struct rank_line *line = narrowest_line(lines, rank, &shift);
    if (is_crowded(line))
        return search(ranges->at, line->crowd.first_range, line->crowd.last_range, rank);
    int16_t position = biased((rank & width_mask(shift)) >> position_shift(shift));
    uint32_t offset = line->offset[piece_of(line, position)];
    return offset != SEVERAL_OFFSETS ? offset : search(ranges->at, 0, ranges->count - 1, rank);
}

/* Looks the lanes up that the first attempt left. */
static void look_further(const struct rank_lines *lines, uint32_t *values, const uint32_t *offsets)
{
    unsigned lanes[BATCH_LANES], count = 0, shift;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        lanes[count] = i;
        count += offsets[i] == SEVERAL_OFFSETS;
    }
    for (unsigned i = 0; i < count; i++)
        __builtin_prefetch(narrowest_line(lines, values[lanes[i]], &shift));
    for (unsigned i = 0; i < count; i++)
        values[lanes[i]] += offset_of(lines, values[lanes[i]]);
}

void rank_lines_batch(const struct rank_lines *lines, enum cpu_level level,
                      uint32_t values[BATCH_LANES])
{
    struct places places;
    alignas(64) uint32_t offsets[BATCH_LANES];
    find_places[level](lines, values, &places);
    places.are_far = lines->count > NEAR_LINES;
    for (unsigned first = 0; places.are_far && first < AHEAD; first += BLOCK)
        prefetch(lines->at, &places, first);
    load_offsets[level](lines->at, &places, offsets);
    if (add_offsets[level](values, offsets))
        look_further(lines, values, offsets);
}
