/* The probes of a scan made as plainly as can be. */
#include "scan/testing/plain_scan.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "packet/decode.h"
#include "probe/cookie.h"

enum { IP = 20, TCP = 20, TCP_OFFSET_AT = 12, TCP_SUM_AT = 16, WINDOW = 1024 };

static int set_init(struct plain_set *plain, const struct range_set *set, struct error *err)
{
    uint64_t before = 0;
    *plain = (struct plain_set){set, calloc(set->count, sizeof *plain->before)};
    if (plain->before == NULL)
        return error_set(err, "out of memory");
    for (size_t i = 0; i < set->count; i++) {
        plain->before[i] = before;
        before += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
    }
    return 0;
}

/* The element with so many before it. */
static uint32_t element_at(const struct plain_set *plain, uint64_t rank)
{
    size_t low = 0, high = plain->set->count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (plain->before[middle] <= rank)
            low = middle;
        else
            high = middle;
    }
    return plain->set->ranges[low].first + (uint32_t)(rank - plain->before[low]);
}

int plain_scan_init(struct plain_scan *scan, const struct range_set *addresses,
                    const struct range_set *ports, uint64_t seed, const struct probe_setup *setup,
                    struct error *err)
{
    uint64_t a = range_set_size(addresses), p = range_set_size(ports);
    *scan = (struct plain_scan){.setup = *setup};
    if (set_init(&scan->addresses, addresses, err) < 0 || set_init(&scan->ports, ports, err) < 0)
        return -1;
    return permutation_init(&scan->order, a > p ? a : p, (uint32_t)(a > p ? p : a), seed, err);
}

void plain_scan_fini(struct plain_scan *scan)
{
    free(scan->addresses.before);
    free(scan->ports.before);
}

/* The larger set's ranks are the majors of the order; addresses, where both are as large. */
static void pair_at(const struct plain_scan *scan, uint64_t index, uint32_t *address,
                    uint32_t *port)
{
    uint64_t major;
    uint32_t minor;
    permutation_pair(&scan->order, index, &major, &minor);
    bool ports_are_majors = range_set_size(scan->ports.set) > range_set_size(scan->addresses.set);
    *address = element_at(&scan->addresses, ports_are_majors ? minor : major);
    *port = element_at(&scan->ports, ports_are_majors ? major : minor);
}

/* The option goes in as payload; then it becomes a part of the header. */
static size_t write_syn(const struct plain_scan *scan, uint8_t *frame,
                        const struct tcp_segment *segment)
{
    size_t length = packet_build_tcp(frame, &scan->setup.link, segment);
    uint8_t *tcp = frame + scan->setup.link.length + IP;
    uint16_t tcp_length = (uint16_t)(TCP + segment->payload_length);
    tcp[TCP_OFFSET_AT] = (uint8_t)(tcp_length / 4 << 4);
    put_be16(tcp + TCP_SUM_AT, 0);
    uint32_t pseudo = checksum_pseudo_ipv4(
        (uint32_t)segment->source.low, (uint32_t)segment->destination.low, IPPROTO_TCP, tcp_length);
    put_be16(tcp + TCP_SUM_AT, checksum_finish(checksum_add(pseudo, tcp, tcp_length)));
    return length;
}

size_t plain_scan_frame(const struct plain_scan *scan, uint64_t index, uint8_t *frame)
{
    const uint16_t mss = scan->setup.tcp_mss;
    const uint8_t option[4] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss};
    uint32_t address, port;
    pair_at(scan, index, &address, &port);
    const struct cookie cookie = cookie_of(&scan->setup, ip_number_v4(address), port);
    const struct tcp_segment segment = {
        .source = cookie.source_address,
        .destination = ip_number_v4(address),
        .source_port = cookie.source_port,
        .destination_port = (uint16_t)port,
        .sequence = cookie.cookie,
        .flags = TCP_SYN,
        .ttl = scan->setup.ttl,
        .window = WINDOW,
        .ip_id = (uint16_t)cookie.tag,
        .payload = option,
        .payload_length = mss != 0 ? sizeof option : 0,
    };
    return write_syn(scan, frame, &segment);
}

uint64_t plain_scan_digest(const uint8_t *frame, size_t length)
{
    static const struct siphash_key key = {1, 2};
    return siphash_2_4(&key, frame, length);
}

bool plain_scan_sums_hold(const struct probe_setup *setup, const uint8_t *frame, size_t length)
{
    const uint8_t *ip = frame + setup->link.length, *tcp = ip + IP;
    size_t tcp_length = length - setup->link.length - IP;
    struct packet packet;
    if (packet_decode(&packet, frame, length, setup->link.length > 0) != PACKET_OK)
        return false;
    uint32_t pseudo =
        checksum_pseudo_ipv4(packet.source, packet.destination, IPPROTO_TCP, (uint16_t)tcp_length);
    return checksum_finish(checksum_add(0, ip, IP)) == 0 &&
           checksum_finish(checksum_add(pseudo, tcp, tcp_length)) == 0;
}
