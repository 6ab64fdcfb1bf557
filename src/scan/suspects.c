/* Hosts whose open ports are worth little; the theory is in suspects.h. */
#include "scan/suspects.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/port.h"
#include "base/random.h"
#include "base/uint128.h"

enum { WAYS = 4, BUCKETS = 1 << 16 };
enum { TARPIT_WINDOW = 20, OPEN_LEAST = 40, OPEN_SHARE = 2 /* one in so many */ };

/* A cache line. */
struct suspects_bucket {
    struct host {
        uint64_t hash; /* of the address; 0: free */
        uint64_t open;
    } host[WAYS];
};

static uint64_t least_of(uint64_t asked)
{
    uint64_t share = (asked + OPEN_SHARE - 1) / OPEN_SHARE;
    if (asked < OPEN_LEAST)
        return 0;
    return share > OPEN_LEAST ? share : OPEN_LEAST;
}

int suspects_init(struct suspects *suspects, uint64_t asked, struct error *err)
{
    *suspects = (struct suspects){.asked = asked, .least = least_of(asked)};
    if (suspects->least == 0)
        return 0;
    if (random_bytes(&suspects->key, sizeof suspects->key, err) < 0 ||
        random_bytes(&suspects->draws, sizeof suspects->draws, err) < 0)
        return -1;
    suspects->draws |= 1; /* what the generator makes of 0 is 0 */
    suspects->buckets = calloc(BUCKETS, sizeof *suspects->buckets);
    return suspects->buckets == NULL ? error_set(err, "out of memory for suspicious hosts") : 0;
}

void suspects_fini(struct suspects *suspects)
{
    free(suspects->buckets);
    suspects->buckets = NULL;
}

uint64_t suspects_asked(const struct target_space *space, uint64_t pairs)
{
    uint64_t ports = range_set_count_between(target_space_ports(space), port_code(PORT_TCP, 0),
                                             port_code(PORT_TCP, 0xffff));
    uint64_t size = target_space_size(space);
    return (uint64_t)(((uint128)ports * pairs + size / 2) / size);
}

enum suspect_sign suspects_sign_of(const struct packet *packet)
{
    const uint8_t both = TCP_SYN | TCP_ACK;
    if (packet->kind != PACKET_TCP || (packet->tcp.flags & both) != both)
        return SUSPECT_NONE;
    if (packet->tcp.options_length == 0)
        return packet->tcp.window <= TARPIT_WINDOW ? SUSPECT_TARPIT : SUSPECT_NONE;
    return packet->tcp.window == 0 ? SUSPECT_SYN_PROXY : SUSPECT_NONE;
}

/* ---- counts ---- */

/* Marsaglia's xorshift (2003), 64 bits: fair enough, and begun where nobody knows. */
static uint64_t draw(struct suspects *suspects)
{
    uint64_t x = suspects->draws;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return suspects->draws = x;
}

/* Where the host with this hash is, or else the place that it would have: the last one with the
 * least count, a free one if there is any. */
static struct host *find(struct suspects_bucket *bucket, uint64_t hash)
{
    struct host *least = &bucket->host[0];
    for (unsigned i = 0; i < WAYS; i++) {
        if (bucket->host[i].hash == hash)
            return &bucket->host[i];
        if (bucket->host[i].open <= least->open)
            least = &bucket->host[i];
    }
    return least;
}

/* May a newcomer take this place? */
static bool gives_way(struct suspects *suspects, const struct host *host)
{
    if (host->hash == 0)
        return true;
    if (draw(suspects) % (host->open + 1) != 0)
        return false;
    suspects->displaced++;
    return true;
}

bool suspects_count(struct suspects *suspects, struct ip_number address)
{
    if (suspects->buckets == NULL)
        return false;
    uint64_t hash = siphash_2_4(&suspects->key, &address, sizeof address);
    struct suspects_bucket *bucket = &suspects->buckets[hash % BUCKETS];
    hash |= 1ull << 63; /* none is 0 */
    struct host *host = find(bucket, hash);
    if (host->hash == hash)
        host->open++;
    else if (gives_way(suspects, host))
        *host = (struct host){.hash = hash, .open = 1};
    else
        return false;
    return host->open == suspects->least;
}

/* ---- words ---- */

static const struct {
    const char *name, *reason;
} signs[SUSPECT_SIGNS] = {
    [SUSPECT_TARPIT] = {"tarpit", "a window of next to nothing, and no options"},
    [SUSPECT_SYN_PROXY] = {"syn-proxy", "a window of 0: who answers may not be the server"},
    [SUSPECT_MOST_OPEN] = {"most-open", NULL},
};

const char *suspects_name(enum suspect_sign sign)
{
    return signs[sign].name;
}

void suspects_describe(const struct suspects *suspects, enum suspect_sign sign, struct buffer *out)
{
    buffer_printf(out, "%s: ", signs[sign].name);
    if (signs[sign].reason != NULL)
        buffer_text(out, signs[sign].reason);
    else
        buffer_printf(out, "%" PRIu64 " of %" PRIu64 " TCP ports are open so far", suspects->least,
                      suspects->asked);
}
