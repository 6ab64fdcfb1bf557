/* Cookies, one at a time and a batch at a time.
 *
 * Sources. The upper 16 bits of the tag choose where a probe leaves from: the address takes them
 * from the low end, the port from the high end. While both ranges together need no more than 16
 * bits, the choices are independent. Beyond that the bits in the middle serve both: every address
 * and every port is still used evenly, but not every combination of them. A range of more than 2^16
 * addresses takes the missing bits from the lower half of the tag, which also is the IP
 * identification; then the identification tells nothing that the address does not tell already. */
#include "probe/cookie.h"

#include "probe/hash_lanes.h"

enum { MESSAGE_IPV6 = 19 }; /* the longest */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* How the tag chooses the source. */
struct source_choice {
    uint32_t address, address_mask;
    uint64_t ipv6_low;
    uint32_t ipv6_mask;
    uint32_t port, port_mask;
    uint32_t port_shift; /* brings the port's bits from the top of the tag's upper half down */
};

static struct source_choice source_choice_of(const struct probe_setup *setup)
{
    return (struct source_choice){
        .address = setup->source_address,
        .address_mask = setup->source_address_mask,
        .ipv6_low = setup->source_ipv6.low,
        .ipv6_mask = setup->source_ipv6_mask,
        .port = setup->source_port,
        .port_mask = setup->source_port_mask,
        .port_shift = 16 - (uint32_t)__builtin_popcount(setup->source_port_mask),
    };
}

ALWAYS_INLINE uint32_t choose_address(const struct source_choice *choice, uint32_t tag)
{
    return choice->address + ((tag >> 16 | tag << 16) & choice->address_mask);
}

ALWAYS_INLINE uint64_t choose_ipv6_low(const struct source_choice *choice, uint32_t tag)
{
    return choice->ipv6_low + ((tag >> 16 | tag << 16) & choice->ipv6_mask);
}

ALWAYS_INLINE uint32_t choose_port(const struct source_choice *choice, uint32_t tag)
{
    return choice->port + (tag >> 16 >> choice->port_shift & choice->port_mask);
}

MULTIVERSION(void, choose_lanes,
             (const struct source_choice *given, struct probe_batch *restrict batch),
             (given, batch))
{
    const struct source_choice choice = *given;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        batch->source_address[i] = choose_address(&choice, batch->tag[i]);
        batch->source_port[i] = choose_port(&choice, batch->tag[i]);
    }
}

MULTIVERSION(void, choose_lanes_ipv6,
             (const struct source_choice *given, struct probe_batch *restrict batch,
              uint64_t *restrict source_low),
             (given, batch, source_low))
{
    const struct source_choice choice = *given;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        source_low[i] = choose_ipv6_low(&choice, batch->tag[i]);
        batch->source_port[i] = choose_port(&choice, batch->tag[i]);
    }
}

void cookie_batch(const struct probe_setup *setup, struct probe_batch *batch)
{
    const struct source_choice choice = source_choice_of(setup);
    hash_lanes(setup->level, &setup->key, batch);
    if (batch->ipv6 != NULL)
        choose_lanes_ipv6[setup->level](&choice, batch, batch->ipv6->source_low);
    else
        choose_lanes[setup->level](&choice, batch);
}

/* Writes the lowest `length` bytes of a number, the lowest first. */
static uint8_t *put_low_bytes(uint8_t *at, uint64_t value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)(value >> (8 * i));
    return at + length;
}

static uint64_t hash_of(const struct siphash_key *key, struct ip_number address, uint32_t port)
{
    uint8_t message[MESSAGE_IPV6], *at = message;
    if (ip_number_is_v4(address)) {
        at = put_low_bytes(at, address.low, 4);
    } else {
        at = put_low_bytes(at, address.low, 8);
        at = put_low_bytes(at, address.high, 8);
    }
    at = put_low_bytes(at, port, 3);
    return siphash_2_4(key, message, (size_t)(at - message));
}

struct cookie cookie_of(const struct probe_setup *setup, struct ip_number address, uint32_t port)
{
    const struct source_choice choice = source_choice_of(setup);
    uint64_t hash = hash_of(&setup->key, address, port);
    uint32_t tag = (uint32_t)(hash >> 32);
    return (struct cookie){
        .cookie = (uint32_t)hash,
        .tag = tag,
        .source_address =
            ip_number_is_v4(address)
                ? ip_number_v4(choose_address(&choice, tag))
                : (struct ip_number){setup->source_ipv6.high, choose_ipv6_low(&choice, tag)},
        .source_port = (uint16_t)choose_port(&choice, tag),
    };
}
