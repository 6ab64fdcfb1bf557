/* What is true in the simulated network: which hosts are up and which ports are open.
 *
 * Nothing is stored. The state of a pair (address, port code) is a keyed hash of the pair, compared
 * with the shares asked for, so a network of 2^32 addresses costs no memory, and whoever knows the
 * key can list what a scan must find. The BPF program, `sim truth` and the tests share this header.
 *
 *   mix(x)  = the finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
 *             generators", 2014)
 *   hash    = mix(mix((address << 32 | code) ^ key) + key)    address in host order
 *             of IPv6 the lower 32 bits, mixed with the upper ones (truth_number)
 *   dead    : the low 32 bits of hash(address, TRUTH_HOST) are below `dead`; nothing answers there
 *   open    : the low 32 bits of hash(address, code) are below `open`
 *   closed  : they are below `open + closed`
 *   silent  : the rest
 *
 * In a SYN-proxy prefix every host is up and every TCP port is open. */
#ifndef TESTS_LAB_TRUTH_H
#define TESTS_LAB_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/port.h"

/* Shares are parts of TRUTH_WHOLE. */
#define TRUTH_WHOLE (1ull << 32)

/* Stands in the place of a port code where the host itself is asked about. */
#define TRUTH_HOST 0xffffffffu

struct truth_share {
    uint64_t open;
    uint64_t closed;
};

struct truth {
    uint64_t key;
    uint64_t dead;
    struct truth_share share[PORT_CLASSES];
};

enum truth_state { TRUTH_SILENT, TRUTH_CLOSED, TRUTH_OPEN };

static inline uint64_t truth_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* 64 bits for a pair; the low half decides the state, the high half is free for other use. */
static inline uint64_t truth_hash(uint64_t key, uint32_t address, uint32_t code)
{
    return truth_mix(truth_mix(((uint64_t)address << 32 | code) ^ key) + key);
}

/* What stands for an IPv6 address in the place of an IPv4 one; `upper` are its first 96 bits. */
static inline uint32_t truth_number(const uint32_t upper[3], uint32_t lower)
{
    uint64_t prefix = truth_mix(truth_mix((uint64_t)upper[0] << 32 | upper[1]) ^ upper[2]);
    return lower ^ (uint32_t)prefix;
}

static inline bool truth_host_up(const struct truth *truth, uint32_t address, bool proxied)
{
    return proxied || (uint32_t)truth_hash(truth->key, address, TRUTH_HOST) >= truth->dead;
}

/* The TTL of whatever an address sends: 64 less up to 31 hops. */
static inline uint8_t truth_ttl(uint64_t key, uint32_t address)
{
    return (uint8_t)(64 - (truth_hash(key, address, TRUTH_HOST) >> 59));
}

/* `code` is a port code of a class below PORT_CLASSES. */
static inline enum truth_state truth_state(const struct truth *truth, uint32_t address,
                                           uint32_t code, bool proxied)
{
    enum port_class class = port_code_class(code);
    if (proxied && class == PORT_TCP)
        return TRUTH_OPEN;
    if (class >= PORT_CLASSES || !truth_host_up(truth, address, proxied))
        return TRUTH_SILENT;
    const struct truth_share *share = &truth->share[class];
    uint64_t draw = (uint32_t)truth_hash(truth->key, address, code);
    if (draw < share->open)
        return TRUTH_OPEN;
    return draw < share->open + share->closed ? TRUTH_CLOSED : TRUTH_SILENT;
}

#endif
