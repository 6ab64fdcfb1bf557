/* What sets of ranges have in common, whatever their integers are.
 *
 * The file of a kind of set includes this once, behind its own `sort`, with
 *     VALUE        the type of the integers, unsigned
 *     RANGE, SET   the tags of the structs of one range and of a set
 *     METHOD(x)    the name of the public function x
 *     SIZE         the type that a size is returned in
 *     WHAT         what error messages call the ranges */
#ifndef TARGET_RANGE_SET_CODE_H
#define TARGET_RANGE_SET_CODE_H

enum { FIRST_CAPACITY = 16 };

void METHOD(init)(struct SET *set)
{
    *set = (struct SET){.normal = true};
}

void METHOD(fini)(struct SET *set)
{
    free(set->ranges);
    METHOD(init)(set);
}

static int reserve(struct SET *set, size_t more, struct error *err)
{
    if (more <= set->capacity - set->count)
        return 0;
    size_t capacity = set->capacity ? set->capacity : FIRST_CAPACITY;
    while (capacity - set->count < more)
        capacity *= 2;
    struct RANGE *ranges = reallocarray(set->ranges, capacity, sizeof *ranges);
    if (ranges == NULL)
        return error_set(err, "out of memory for %zu " WHAT, capacity);
    set->ranges = ranges;
    set->capacity = capacity;
    return 0;
}

/* Does `b`, which begins no lower than `a`, overlap or touch it? */
static bool joins(struct RANGE a, struct RANGE b)
{
    return b.first <= a.last || b.first == a.last + 1;
}

int METHOD(add)(struct SET *set, VALUE first, VALUE last, struct error *err)
{
    const struct RANGE added = {first, last};
    if (set->count == 0) {
        set->normal = true;
    } else {
        struct RANGE *tail = &set->ranges[set->count - 1];
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

int METHOD(add_all)(struct SET *set, const struct SET *other, struct error *err)
{
    if (set == other)
        return 0;
    if (reserve(set, other->count, err) < 0)
        return -1;
    for (size_t i = 0; i < other->count; i++) {
        if (METHOD(add)(set, other->ranges[i].first, other->ranges[i].last, err) < 0)
            return -1;
    }
    return 0;
}

/* Joins sorted ranges that overlap or touch. */
static void merge(struct SET *set)
{
    size_t kept = 0;
    for (size_t i = 1; i < set->count; i++) {
        struct RANGE *tail = &set->ranges[kept];
        const struct RANGE next = set->ranges[i];
        if (!joins(*tail, next))
            set->ranges[++kept] = next;
        else if (next.last > tail->last)
            tail->last = next.last;
    }
    set->count = kept + 1;
}

int METHOD(normalise)(struct SET *set, struct error *err)
{
    if (set->count > 0 && !set->normal) {
        if (sort(set, err) < 0)
            return -1;
        merge(set);
    }
    set->normal = true;
    return 0;
}

/* Writes the parts of `range` that `removed` leaves to ranges[*kept] and on. `*at` is the first
 * removed range that ends at or behind the range's beginning, and moves on for the next range. */
static void keep_rest(struct SET *set, size_t *kept, struct RANGE range, const struct SET *removed,
                      size_t *at)
{
    for (;;) {
        while (*at < removed->count && removed->ranges[*at].last < range.first)
            ++*at;
        if (*at == removed->count || removed->ranges[*at].first > range.last) {
            set->ranges[(*kept)++] = range;
            return;
        }
        const struct RANGE hole = removed->ranges[*at];
        if (hole.first > range.first)
            set->ranges[(*kept)++] = (struct RANGE){range.first, hole.first - 1};
        if (hole.last >= range.last)
            return;
        range.first = hole.last + 1;
    }
}

/* In place: each removed range cuts at most one range in two, so when all ranges first move up by
 * as many places as ranges are removed, what is written never meets what is still to be read. */
int METHOD(subtract)(struct SET *set, const struct SET *removed, struct error *err)
{
    const size_t count = set->count, ahead = removed->count;
    if (ahead == 0 || count == 0)
        return 0;
    if (reserve(set, ahead, err) < 0)
        return -1;
    memmove(set->ranges + ahead, set->ranges, count * sizeof *set->ranges);
    size_t at = 0, kept = 0;
    for (size_t i = 0; i < count; i++)
        keep_rest(set, &kept, set->ranges[ahead + i], removed, &at);
    set->count = kept;
    return 0;
}

/* The one size that does not fit, of all integers of 128 bits, comes out one less. */
static SIZE fitting(const struct SET *set, SIZE size)
{
    return size == 0 && set->count > 0 ? ~size : size;
}

SIZE METHOD(size)(const struct SET *set)
{
    SIZE size = 0;
    for (size_t i = 0; i < set->count; i++)
        size += (SIZE)set->ranges[i].last - set->ranges[i].first + 1;
    return fitting(set, size);
}

SIZE METHOD(count_between)(const struct SET *set, VALUE first, VALUE last)
{
    SIZE count = 0;
    bool any = false;
    for (size_t i = 0; i < set->count; i++) {
        struct RANGE r = set->ranges[i];
        if (r.first > last || r.last < first)
            continue;
        count += (SIZE)(r.last < last ? r.last : last) - (r.first > first ? r.first : first) + 1;
        any = true;
    }
    return any ? fitting(set, count) : 0;
}

bool METHOD(contains)(const struct SET *set, VALUE value)
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

#endif
