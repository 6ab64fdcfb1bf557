/* Cookies: what a probe carries and its answer must return, computed from the pair and a secret
 * key, so that nothing has to be remembered. */
#ifndef PROBE_COOKIE_H
#define PROBE_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/probe.h"

/* Everything in a probe that follows from the key and the pair. */
struct cookie {
    uint32_t cookie;
    uint32_t tag;
    struct ip_number source_address;
    uint16_t source_port;
};

/* The cookie of one pair; for judging replies. */
struct cookie cookie_of(const struct probe_setup *setup, struct ip_number address, uint32_t port);

/* Did the probe of this cookie leave from that address and port? */
static inline bool cookie_left_from(const struct cookie *cookie, struct ip_number address,
                                    uint16_t port)
{
    return ip_number_equal(cookie->source_address, address) && cookie->source_port == port;
}

/* What a quote of the probe has for an IP identification. */
static inline uint32_t cookie_ip_id(const struct cookie *cookie)
{
    return ip_number_is_v4(cookie->source_address) ? cookie->tag & 0xffff : cookie->tag & 0xfffff;
}

/* The same for all BATCH_LANES lanes: from addresses and `port` to the other arrays. */
void cookie_batch(const struct probe_setup *setup, struct probe_batch *batch);

#endif
