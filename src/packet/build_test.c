/* What is built here, byte by byte, and read back by the decoder. */
#include "packet/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "packet/decode.h"

static const struct mac_address near = {{0x02, 0, 0, 0, 0, 0x01}};
static const struct mac_address far = {{0x02, 0, 0, 0, 0, 0x02}};

/* A SYN from 192.0.2.1:40000 to 198.51.100.2:80; checksums worked out apart. */
static const uint8_t syn[40] = {
    0x45, 0, 0,   40, 0x12, 0x34, 0,    0,    64,   6,    0x7c, 0x65, 192, 0,
    2,    1, 198, 51, 100,  2,    0x9c, 0x40, 0,    80,   0x01, 0x02, 3,   4,
    0,    0, 0,   0,  0x50, 0x02, 0x04, 0x00, 0x1f, 0x15, 0,    0,
};

static const struct tcp_segment syn_segment = {
    .source = IP_NUMBER_V4(0xc0000201),
    .destination = IP_NUMBER_V4(0xc6336402),
    .source_port = 40000,
    .destination_port = 80,
    .sequence = 0x01020304,
    .flags = TCP_SYN,
    .ttl = 64,
    .window = 1024,
    .ip_id = 0x1234,
};

/* The same from 2001:db8::1 to 2001:db8:1::2, with flow label 0x54321. */
static const uint8_t syn_ipv6[60] = {
    0x60, 0x05, 0x43, 0x21, 0, 20, 6, 64,   0x20, 0x01, 0x0d, 0xb8, 0,    0,  0,
    0,    0,    0,    0,    0, 0,  0, 0,    1,    0x20, 0x01, 0x0d, 0xb8, 0,  1,
    0,    0,    0,    0,    0, 0,  0, 0,    0,    2,    0x9c, 0x40, 0,    80, 0x01,
    0x02, 3,    4,    0,    0, 0,  0, 0x50, 0x02, 0x04, 0x00, 0xaf, 0xd6, 0,  0,
};

static const struct tcp_segment syn_segment_ipv6 = {
    .source = {0x20010db800000000, 1},
    .destination = {0x20010db800010000, 2},
    .source_port = 40000,
    .destination_port = 80,
    .sequence = 0x01020304,
    .flags = TCP_SYN,
    .ttl = 64,
    .window = 1024,
    .flow_label = 0x54321,
};

static void builds_a_segment(void **state)
{
    (void)state;
    uint8_t frame[PACKET_HEADERS_MAX];
    const struct link_header none = {0};
    assert_int_equal(packet_build_tcp(frame, &none, &syn_segment), sizeof syn);
    assert_memory_equal(frame, syn, sizeof syn);
    assert_int_equal(packet_build_tcp(frame, &none, &syn_segment_ipv6), sizeof syn_ipv6);
    assert_memory_equal(frame, syn_ipv6, sizeof syn_ipv6);
}

/* Of a packet whose addresses are `addresses` bytes at `at`, in front of the segment. */
static uint16_t tcp_sum(const uint8_t *at, size_t addresses, size_t segment)
{
    uint32_t sum = checksum_add(0, at, addresses) + 6 + (uint32_t)segment;
    return checksum_finish(checksum_add(sum, at + addresses, segment));
}

static void builds_payloads_of_every_length(void **state)
{
    const bool ipv6 = *state == &syn_segment_ipv6;
    const size_t header = ipv6 ? 40 : 20, addresses = ipv6 ? 32 : 8;
    uint8_t payload[1460];
    uint8_t frame[PACKET_HEADERS_MAX + sizeof payload];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 151 + 13);
    const struct link_header link = link_header_ethernet(&near, &far, ipv6 ? 0x86dd : 0x0800);
    for (size_t length = 0; length <= sizeof payload; length += length < 40 ? 1 : 71) {
        struct tcp_segment segment = *(const struct tcp_segment *)*state;
        segment.flags = TCP_PSH | TCP_ACK;
        segment.acknowledgement = 0xfffffffe;
        segment.payload = payload;
        segment.payload_length = length;
        size_t size = packet_build_tcp(frame, &link, &segment);
        struct packet packet;
        assert_int_equal(size, 14 + header + 20 + length);
        assert_int_equal(packet_decode(&packet, frame, size, true), PACKET_OK);
        assert_memory_equal(packet.source_mac.bytes, near.bytes, 6);
        assert_memory_equal(frame, far.bytes, 6);
        assert_int_equal(packet.tcp.acknowledgement, 0xfffffffe);
        assert_int_equal(packet.payload_length, length);
        assert_memory_equal(packet.payload, payload, length);
        assert_true(ip_number_equal(packet_source(&packet), segment.source));
        assert_true(ip_number_equal(packet_destination(&packet), segment.destination));
        assert_true(ipv6 || checksum_finish(checksum_add(0, frame + 14, header)) == 0);
        assert_int_equal(tcp_sum(frame + 14 + header - addresses, addresses, 20 + length), 0);
    }
}

static void builds_an_arp_request(void **state)
{
    (void)state;
    uint8_t frame[PACKET_HEADERS_MAX];
    memset(frame, 0xee, sizeof frame);
    const struct arp_packet arp = {
        .operation = ARP_REQUEST, .sender_mac = near, .sender = 0xc0000201, .target = 0xc0000202};
    const uint8_t expected[60] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,   1, 0x08, 0x06,
        0,    1,    0x08, 0,    6,    4,    0, 1, 2, 0, 0,   0, 0,    1,
        192,  0,    2,    1,    0,    0,    0, 0, 0, 0, 192, 0, 2,    2,
    };
    assert_int_equal(packet_build_arp(frame, &arp), sizeof expected);
    assert_memory_equal(frame, expected, sizeof expected);
    assert_int_equal(frame[sizeof expected], 0xee);
}

static void builds_an_arp_reply(void **state)
{
    (void)state;
    uint8_t frame[PACKET_HEADERS_MAX];
    const struct arp_packet arp = {.operation = ARP_REPLY,
                                   .sender_mac = near,
                                   .target_mac = far,
                                   .sender = 0xc0000201,
                                   .target = 0xc0000202};
    size_t size = packet_build_arp(frame, &arp);
    struct packet packet;
    assert_int_equal(packet_decode(&packet, frame, size, true), PACKET_OK);
    assert_memory_equal(frame, far.bytes, 6);
    assert_memory_equal(packet.source_mac.bytes, near.bytes, 6);
    assert_int_equal(packet.arp.operation, ARP_REPLY);
    assert_int_equal(packet.arp.sender, arp.sender);
    assert_int_equal(packet.arp.target, arp.target);
    assert_memory_equal(packet.arp.target_mac.bytes, far.bytes, 6);
}

static void checks_neighbour(const uint8_t *frame, size_t size, const struct neighbour_packet *n,
                             struct packet *packet)
{
    assert_int_equal(size, 86);
    assert_int_equal(packet_decode(packet, frame, size, true), PACKET_OK);
    assert_int_equal(packet->kind, PACKET_NEIGHBOUR);
    assert_true(ip_number_equal(packet->source_ipv6, n->sender));
    assert_true(ip_number_equal(packet->neighbour.target, n->target));
    assert_memory_equal(packet->source_mac.bytes, n->sender_mac.bytes, 6);
    assert_true(packet->neighbour.has_mac);
    assert_memory_equal(packet->neighbour.mac.bytes, n->sender_mac.bytes, 6);
    /* source, destination, length and protocol, and the message, its checksum included */
    uint32_t sum = checksum_add(0, frame + 22, 32) + 32 + 58;
    assert_int_equal(checksum_finish(checksum_add(sum, frame + 54, 32)), 0);
}

static void builds_neighbour_discovery(void **state)
{
    (void)state;
    uint8_t frame[PACKET_HEADERS_MAX];
    struct packet packet;
    struct neighbour_packet n = {.sender_mac = near,
                                 .receiver_mac = far,
                                 .sender = {0xfe80000000000000, 0x00000002},
                                 .target = {0x20010db800000000, 0x12345678},
                                 .receiver = {0xfe80000000000000, 0x00000009}};
    checks_neighbour(frame, packet_build_solicitation(frame, &n), &n, &packet);
    const uint8_t group_mac[6] = {0x33, 0x33, 0xff, 0x34, 0x56, 0x78};
    assert_memory_equal(frame, group_mac, 6);
    assert_int_equal(packet.neighbour.type, ICMPV6_SOLICITATION);
    assert_true(packet.destination_ipv6.high == 0xff02ull << 48);
    assert_true(packet.destination_ipv6.low == 0x1ff345678);
    checks_neighbour(frame, packet_build_advertisement(frame, &n), &n, &packet);
    assert_memory_equal(frame, far.bytes, 6);
    assert_int_equal(packet.neighbour.type, ICMPV6_ADVERTISEMENT);
    assert_true(ip_number_equal(packet.destination_ipv6, n.receiver));
    assert_int_equal(frame[54 + 4], 0x60); /* solicited, overrides */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_a_segment),
        cmocka_unit_test_prestate(builds_payloads_of_every_length, (void *)&syn_segment),
        {"builds payloads of every length over IPv6", builds_payloads_of_every_length, NULL, NULL,
         (void *)&syn_segment_ipv6},
        cmocka_unit_test(builds_an_arp_request),
        cmocka_unit_test(builds_an_arp_reply),
        cmocka_unit_test(builds_neighbour_discovery),
    };
    return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
