/* Any frame may arrive: what the probes take for an answer is one of a pair that is asked, from an
 * address that they left from, and they take it for the same again. The first byte chooses the kind
 * of link. (The key stands fixed, so that a fuzzer may find its way to true answers.) */
#include "probe/probe.h"

#include <netinet/in.h>
#include <string.h>

#include "fuzz_target.h"

enum { SOURCE = 0x0a080002, TARGETS = 0x0a100000, SEED = 1 };

static struct probe_setup setup = {
    .source_address = SOURCE,
    .source_address_mask = 1,
    .source_port = 61000,
    .source_port_mask = 3,
    .source_ipv6 = {0x20010db800000000, 0x10},
    .source_ipv6_mask = 1,
    .ttl = 64,
    .tcp_mss = 1460,
    .tcp_attempt_shift = 27,
    .key = {0x0123456789abcdef, 0xfedcba9876543210},
};

static const struct range ports[] = {
    {PORT_TCP << 16 | 1, PORT_TCP << 16 | 1000},
    {PORT_UDP << 16 | 1, PORT_UDP << 16 | 12000},
    {PORT_SCTP << 16 | 1, PORT_SCTP << 16 | 100},
    {PORT_ICMP << 16 | PORT_ICMP_ECHO, PORT_ICMP << 16 | PORT_ICMP_ECHO},
};

static struct probe_set *probes(void)
{
    static struct probe_set *set;
    static struct address_set addresses; /* the space looks into it */
    struct range_set all = {0};
    struct error err;
    if (set != NULL)
        return set;
    check(range_set_add(&addresses.v4, TARGETS, TARGETS + 0xffff, &err) == 0 &&
          range_set_normalise(&addresses.v4, &err) == 0);
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        check(range_set_add(&all, ports[i].first, ports[i].last, &err) == 0);
    check(range_set_normalise(&all, &err) == 0);
    setup.space = target_space_new(&addresses, &all, SEED, &err);
    check(setup.space != NULL);
    set = probe_set_new(&setup, &err);
    check(set != NULL);
    range_set_fini(&all);
    return set;
}

static void check_reply(const struct packet *packet, const struct probe_reply *reply)
{
    const struct ip_number here = packet_destination(packet);
    check(target_space_contains(setup.space, reply->address, reply->port));
    check(ip_number_is_v4(here) ? ((uint32_t)here.low & ~1u) == SOURCE
                                : (here.low & ~1ull) == setup.source_ipv6.low);
    check(reply->attempt < 32);
    check(reply->protocol == IPPROTO_TCP || !reply->answer_reset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packet packet;
    struct probe_reply reply, again;
    if (size == 0 || packet_decode(&packet, data + 1, size - 1, data[0] & 1) != PACKET_OK)
        return 0;
    enum probe_verdict verdict = probe_set_match(probes(), &packet, &reply);
    check(verdict == probe_set_match(probes(), &packet, &again));
    if (verdict == PROBE_OPEN || verdict == PROBE_CLOSED) {
        check_reply(&packet, &reply);
        check(reply.port == again.port && ip_number_equal(reply.address, again.address));
    }
    return 0;
}
