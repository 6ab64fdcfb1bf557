/* Random addresses: the first of all that may be chosen, in the order of a scan of them all. */
#include "target/random.h"

#include <inttypes.h>
#include <stdalign.h>

#include "target/space.h"

#define BLOCK(a, b, c, d, prefix)                                                                  \
    {                                                                                              \
        (uint32_t) a << 24 | b << 16 | c << 8 | d,                                                 \
            (uint32_t)(((uint32_t)a << 24 | b << 16 | c << 8 | d) | 0xffffffffull >> prefix)       \
    }

/* What is not globally reachable by IANA's IPv4 Special-Purpose Address Registry (RFC 6890 and its
 * updates), and multicast (RFC 5771). */
static const struct range special[] = {
    BLOCK(0, 0, 0, 0, 8),      BLOCK(10, 0, 0, 0, 8),     BLOCK(100, 64, 0, 0, 10),
    BLOCK(127, 0, 0, 0, 8),    BLOCK(169, 254, 0, 0, 16), BLOCK(172, 16, 0, 0, 12),
    BLOCK(192, 0, 0, 0, 24),   BLOCK(192, 0, 2, 0, 24),   BLOCK(192, 88, 99, 0, 24),
    BLOCK(192, 168, 0, 0, 16), BLOCK(198, 18, 0, 0, 15),  BLOCK(198, 51, 100, 0, 24),
    BLOCK(203, 0, 113, 0, 24), BLOCK(224, 0, 0, 0, 4),    BLOCK(240, 0, 0, 0, 4),
};

static int subtract_special(struct range_set *pool, struct error *err)
{
    struct range_set set = {0};
    int status = 0;
    for (size_t i = 0; i < sizeof special / sizeof *special && status == 0; i++)
        status = range_set_add(&set, special[i].first, special[i].last, err);
    if (status == 0)
        status = range_set_normalise(&set, err);
    if (status == 0)
        status = range_set_subtract(pool, &set, err);
    range_set_fini(&set);
    return status;
}

/* All that may be chosen. */
static int make_pool(struct range_set *pool, const struct range_set *removed, struct error *err)
{
    if (range_set_add(pool, 0, UINT32_MAX, err) < 0 || range_set_normalise(pool, err) < 0 ||
        subtract_special(pool, err) < 0)
        return -1;
    return range_set_subtract(pool, removed, err);
}

static int take_first(struct range_set *chosen, const struct target_space *space, uint64_t count,
                      struct error *err)
{
    alignas(64) uint32_t address[BATCH_LANES], port[BATCH_LANES];
    for (uint64_t done = 0; done < count; done += BATCH_LANES) {
        unsigned lanes = count - done < BATCH_LANES ? (unsigned)(count - done) : BATCH_LANES;
        target_space_batch(space, done, 1, lanes, address, port);
        for (unsigned i = 0; i < lanes; i++)
            if (range_set_add(chosen, address[i], address[i], err) < 0)
                return -1;
    }
    return 0;
}

static int choose_from(struct range_set *chosen, uint64_t count, const struct range_set *pool,
                       uint64_t seed, struct error *err)
{
    const struct address_set addresses = {.v4 = *pool};
    struct range any = {0, 0};
    const struct range_set one = {.ranges = &any, .count = 1, .capacity = 1, .normal = true};
    uint64_t size = range_set_size(pool);
    if (count > size)
        return error_set(err, "%" PRIu64 " random addresses are more than there are (%" PRIu64 ")",
                         count, size);
    struct target_space *space = target_space_new(&addresses, &one, seed, err);
    if (space == NULL)
        return -1;
    int status = take_first(chosen, space, count, err);
    target_space_free(space);
    return status;
}

int target_choose_random(struct range_set *chosen, uint64_t count, const struct range_set *removed,
                         uint64_t seed, struct error *err)
{
    struct range_set pool = {0};
    int status = make_pool(&pool, removed, err);
    if (status == 0 && count > 0)
        status = choose_from(chosen, count, &pool, seed, err);
    range_set_fini(&pool);
    return status;
}
