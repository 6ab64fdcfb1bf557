/* The decoder on frames written by hand, on every truncation of them, and with every bit flipped.
 */
#include "packet/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/test_frames.h"

/* `needed`: the bytes without which the frame cannot decode. */
static const struct frame {
    const uint8_t *bytes;
    size_t length;
    size_t needed;
} frames[] = {
    {syn_ack, sizeof syn_ack, sizeof syn_ack - 2},
    {tagged_data, sizeof tagged_data, sizeof tagged_data},
    {udp_with_options, sizeof udp_with_options, sizeof udp_with_options},
    {echo_reply, sizeof echo_reply, sizeof echo_reply},
    {port_unreachable, sizeof port_unreachable, sizeof port_unreachable},
    {init_ack, sizeof init_ack, sizeof init_ack},
    {abort_chunk, sizeof abort_chunk, sizeof abort_chunk},
    {arp_reply, sizeof arp_reply, 42},
    {gre, sizeof gre, sizeof gre},
};

enum {
    FRAMES = sizeof frames / sizeof frames[0],
    ETHERNET_HEADER = 14,
    SOURCE = 0xc000020a,
    DESTINATION = 0xc6336407
};

#define DECODE(packet, bytes) packet_decode(packet, bytes, sizeof bytes, true)

/* Decodes a copy that ends where the heap block ends, so that a sanitizer sees every overrun. */
static enum packet_error decode_copy(const uint8_t *bytes, size_t length, bool has_ethernet)
{
    struct packet packet;
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    enum packet_error error = packet_decode(&packet, copy, length, has_ethernet);
    if (packet.payload) {
        assert_true(packet.payload >= copy);
        assert_true(packet.payload + packet.payload_length <= copy + length);
    }
    free(copy);
    return error;
}

static void decodes_tcp(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, syn_ack), PACKET_OK);
    assert_int_equal(p.kind, PACKET_TCP);
    assert_memory_equal(p.source_mac.bytes, "\x02\0\0\0\0\x02", 6);
    assert_int_equal(p.source, SOURCE);
    assert_int_equal(p.destination, DESTINATION);
    assert_int_equal(p.protocol, 6);
    assert_int_equal(p.ttl, 57);
    assert_int_equal(p.ip_id, 0x1234);
    assert_int_equal(p.source_port, 80);
    assert_int_equal(p.destination_port, 40000);
    assert_int_equal(p.tcp.sequence, 0x01020304);
    assert_int_equal(p.tcp.acknowledgement, 0xa1a2a3a4);
    assert_int_equal(p.tcp.flags, TCP_SYN | TCP_ACK);
    assert_int_equal(p.tcp.window, 0x7210);
    assert_int_equal(p.payload_length, 0); /* neither option nor padding */
}

static void decodes_behind_a_vlan_tag(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, tagged_data), PACKET_OK);
    assert_int_equal(p.source_port, 443);
    assert_int_equal(p.tcp.flags, TCP_PSH | TCP_ACK);
    assert_int_equal(p.payload_length, 3);
    assert_memory_equal(p.payload, "abc", 3);
}

static void decodes_udp_behind_ip_options(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, udp_with_options), PACKET_OK);
    assert_int_equal(p.kind, PACKET_UDP);
    assert_int_equal(p.source_port, 53);
    assert_int_equal(p.destination_port, 40001);
    assert_int_equal(p.payload_length, 4); /* as UDP says, not as IP says */
    assert_memory_equal(p.payload, "wxyz", 4);
}

static void decodes_echo(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, echo_reply), PACKET_OK);
    assert_int_equal(p.kind, PACKET_ICMP);
    assert_int_equal(p.icmp.type, ICMP_ECHO_REPLY);
    assert_int_equal(p.icmp.code, 0);
    assert_int_equal(p.icmp.id, 0xbeef);
    assert_int_equal(p.icmp.sequence, 0xcafe);
    assert_false(p.icmp.quote.present);
    assert_memory_equal(p.payload, "hi", 2);
}

static void decodes_a_quote(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, port_unreachable), PACKET_OK);
    assert_int_equal(p.icmp.type, ICMP_UNREACHABLE);
    assert_int_equal(p.icmp.code, ICMP_CODE_PORT_UNREACHABLE);
    assert_true(p.icmp.quote.present);
    assert_int_equal(p.icmp.quote.protocol, 17);
    assert_int_equal(p.icmp.quote.ip_id, 0x7788);
    assert_int_equal(p.icmp.quote.source, 0xc6336407);
    assert_int_equal(p.icmp.quote.destination, 0xcb007105);
    assert_int_equal(p.icmp.quote.source_port, 0x9c42);
    assert_int_equal(p.icmp.quote.destination_port, 161);
    assert_int_equal(p.icmp.quote.word, 0x00ec5566);
    assert_int_equal(p.payload_length, 32);
}

/* A quote that cannot be used is absent; the packet around it stays valid. */
static void rejects_unusable_quotes(void **state)
{
    (void)state;
    enum { IP = ETHERNET_HEADER, QUOTE = IP + 28 };
    uint8_t frame[sizeof port_unreachable];
    struct packet p;
    const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        {QUOTE, 0x66},     /* IPv6 */
        {QUOTE, 0x44},     /* header too short to be one */
        {QUOTE, 0x4f},     /* header longer than the quote */
        {QUOTE + 7, 0x01}, /* not the first fragment: no ports */
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        memcpy(frame, port_unreachable, sizeof frame);
        frame[changes[i].at] = changes[i].value;
        assert_int_equal(DECODE(&p, frame), PACKET_OK);
        assert_false(p.icmp.quote.present);
        assert_int_equal(p.icmp.quote.source, 0);
    }
}

/* Of the transport header all eight bytes are there, or none counts. */
static void a_quote_may_end_behind_its_ip_header(void **state)
{
    (void)state;
    enum { IP = ETHERNET_HEADER };
    uint8_t frame[sizeof port_unreachable];
    struct packet p;
    for (uint8_t length = 48; length < 60; length++) {
        memcpy(frame, port_unreachable, sizeof frame);
        frame[IP + 3] = length;
        assert_int_equal(DECODE(&p, frame), PACKET_OK);
        assert_true(p.icmp.quote.present == (length >= 52));
        assert_false(p.icmp.quote.has_ports);
        assert_int_equal(p.icmp.quote.destination_port, 0);
    }
}

static void decodes_sctp(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, init_ack), PACKET_OK);
    assert_int_equal(p.kind, PACKET_SCTP);
    assert_int_equal(p.source_port, 2905);
    assert_int_equal(p.destination_port, 40000);
    assert_int_equal(p.sctp.verification_tag, 0xd1d2d3d4);
    assert_int_equal(p.sctp.chunk_type, SCTP_INIT_ACK);
    assert_int_equal(p.sctp.initiate_tag, 0xe1e2e3e4);
    assert_int_equal(DECODE(&p, abort_chunk), PACKET_OK);
    assert_int_equal(p.sctp.chunk_type, SCTP_ABORT);
    assert_int_equal(p.sctp.chunk_flags, 1);
    assert_int_equal(p.payload_length, 4);
}

static void decodes_arp(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, arp_reply), PACKET_OK);
    assert_int_equal(p.kind, PACKET_ARP);
    assert_int_equal(p.arp.operation, ARP_REPLY);
    assert_int_equal(p.arp.sender, SOURCE);
    assert_int_equal(p.arp.target, DESTINATION);
    assert_memory_equal(p.arp.sender_mac.bytes, "\x02\0\0\0\0\x02", 6);
    assert_memory_equal(p.arp.target_mac.bytes, "\x02\0\0\0\0\x01", 6);
}

static void decodes_other_protocols(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, gre), PACKET_OK);
    assert_int_equal(p.kind, PACKET_IP_OTHER);
    assert_int_equal(p.protocol, 47);
    assert_int_equal(p.payload_length, 4);
}

static void decodes_links_without_ethernet(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(packet_decode(&p, syn_ack + ETHERNET_HEADER, 44, false), PACKET_OK);
    assert_int_equal(p.tcp.acknowledgement, 0xa1a2a3a4);
    assert_int_equal(packet_decode(&p, (const uint8_t *)"\x50", 1, false), PACKET_NOT_IP);
    assert_int_equal(packet_decode(&p, syn_ack, 0, false), PACKET_TRUNCATED);
}

static const struct ip_number far_ipv6 = {0x20010db800000000, 0x10};
static const struct ip_number near_ipv6 = {0x20010db800010000, 7};

static void assert_ends(const struct packet *p)
{
    assert_int_equal(p->version, 6);
    assert_true(ip_number_equal(packet_source(p), far_ipv6));
    assert_true(ip_number_equal(packet_destination(p), near_ipv6));
    assert_int_equal(p->ip_id, 0x54321);
}

static void decodes_ipv6(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(DECODE(&p, syn_ack_ipv6), PACKET_OK);
    assert_ends(&p);
    assert_int_equal(p.kind, PACKET_TCP);
    assert_int_equal(p.ttl, 57);
    assert_int_equal(p.source_port, 80);
    assert_int_equal(p.tcp.acknowledgement, 0x05060708);
    assert_int_equal(packet_decode(&p, syn_ack_ipv6 + ETHERNET_HEADER, 60, false), PACKET_OK);
    assert_int_equal(p.kind, PACKET_TCP);
    assert_int_equal(DECODE(&p, echo_reply_ipv6), PACKET_OK);
    assert_int_equal(p.kind, PACKET_ICMP);
    assert_int_equal(p.icmp.type, ICMPV6_ECHO_REPLY);
    assert_int_equal(p.icmp.sequence, 0xcafe);
    assert_false(p.icmp.quote.present);
    assert_int_equal(DECODE(&p, port_unreachable_ipv6), PACKET_OK);
    assert_true(p.icmp.quote.present);
    assert_int_equal(p.icmp.quote.protocol, 17);
    assert_int_equal(p.icmp.quote.ip_id, 0x54321);
    assert_int_equal(p.icmp.quote.destination_port, 161);
    assert_true(ip_number_equal(quote_source(&p.icmp.quote), far_ipv6));
    assert_true(ip_number_equal(quote_destination(&p.icmp.quote), near_ipv6));
}

static void walks_over_extension_headers(void **state)
{
    (void)state;
    enum { FIRST = ETHERNET_HEADER + 40, FRAGMENT = FIRST + 8 + 24 };
    struct packet p;
    uint8_t frame[sizeof udp_behind_extensions];
    assert_int_equal(DECODE(&p, udp_behind_extensions), PACKET_OK);
    assert_ends(&p);
    assert_int_equal(p.kind, PACKET_UDP);
    assert_int_equal(p.protocol, 17);
    assert_int_equal(p.destination_port, 40001);
    assert_memory_equal(p.payload, "wxyz", 4);
    const struct {
        size_t at;
        uint8_t value;
        enum packet_error error;
    } cases[] = {
        {FRAGMENT + 3, 1, PACKET_FRAGMENT}, /* more follow */
        {FRAGMENT + 2, 1, PACKET_FRAGMENT}, /* not the first */
        {FRAGMENT + 3, 6, PACKET_OK},       /* reserved bits */
        {FIRST + 1, 200, PACKET_TRUNCATED}, /* longer than the packet */
        {FIRST, 59, PACKET_OK},             /* nothing follows */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(frame, udp_behind_extensions, sizeof frame);
        frame[cases[i].at] = cases[i].value;
        assert_int_equal(DECODE(&p, frame), cases[i].error);
    }
    assert_int_equal(p.kind, PACKET_IP_OTHER);
}

/* More of them than anybody sends are no packet. */
static void the_walk_has_an_end(void **state)
{
    (void)state;
    uint8_t frame[] = {ETHERNET, 0x86, 0xdd, IPV6(80, 60, 57), [54 + 79] = 0};
    struct packet p;
    for (size_t at = 54; at < sizeof frame; at += 8)
        frame[at] = 60;
    frame[54 + 7 * 8] = 59;
    assert_int_equal(DECODE(&p, frame), PACKET_OK);
    frame[54 + 7 * 8] = 60;
    frame[54 + 8 * 8] = 59;
    assert_int_equal(DECODE(&p, frame), PACKET_MALFORMED);
}

static void decodes_neighbours(void **state)
{
    (void)state;
    enum { MESSAGE = ETHERNET_HEADER + 40 };
    struct packet p;
    uint8_t frame[sizeof solicitation];
    assert_int_equal(DECODE(&p, solicitation), PACKET_OK);
    assert_int_equal(p.kind, PACKET_NEIGHBOUR);
    assert_int_equal(p.neighbour.type, ICMPV6_SOLICITATION);
    assert_true(ip_number_equal(p.neighbour.target, near_ipv6));
    assert_true(p.neighbour.has_mac);
    assert_int_equal(p.neighbour.mac.bytes[5], 2);
    const struct {
        size_t at;
        uint8_t value;
        enum packet_error error;
        bool has_mac;
    } cases[] = {
        {ETHERNET_HEADER + 7, 254, PACKET_MALFORMED}, /* from further than the link */
        {MESSAGE + 1, 1, PACKET_MALFORMED},           /* code */
        {MESSAGE + 25, 0, PACKET_MALFORMED},          /* an option of no length */
        {MESSAGE + 25, 2, PACKET_TRUNCATED},          /* longer than the packet */
        {MESSAGE + 24, 2, PACKET_OK},                 /* somebody else's address */
        {MESSAGE, 136, PACKET_OK},                    /* an advertisement has the other option */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(frame, solicitation, sizeof frame);
        frame[cases[i].at] = cases[i].value;
        assert_int_equal(DECODE(&p, frame), cases[i].error);
        assert_int_equal(p.neighbour.has_mac, cases[i].has_mac);
    }
}

static void ipv6_cut_anywhere_is_truncated(void **state)
{
    (void)state;
    struct packet p;
    for (size_t length = ETHERNET_HEADER; length < sizeof udp_behind_extensions; length++)
        assert_int_equal(packet_decode(&p, udp_behind_extensions, length, true), PACKET_TRUNCATED);
    for (size_t length = ETHERNET_HEADER; length < sizeof solicitation; length++)
        assert_int_equal(packet_decode(&p, solicitation, length, true), PACKET_TRUNCATED);
    uint8_t short_of_quote[sizeof port_unreachable_ipv6];
    memcpy(short_of_quote, port_unreachable_ipv6, sizeof short_of_quote);
    short_of_quote[ETHERNET_HEADER + 5] = 8 + 40 + 7;
    assert_int_equal(DECODE(&p, short_of_quote), PACKET_OK);
    assert_true(p.icmp.quote.present && !p.icmp.quote.has_ports);
}

/* One byte of a good frame changed, and what it must give. */
static void names_what_is_wrong(void **state)
{
    (void)state;
    enum { IP = ETHERNET_HEADER, TRANSPORT = IP + 20 };
    const struct {
        const struct frame *frame;
        size_t at;
        uint8_t value;
        enum packet_error error;
    } cases[] = {
        {&frames[0], 12, 0x86, PACKET_NOT_IP},                 /* ethertype */
        {&frames[0], 12, 0x00, PACKET_NOT_IP},                 /* 802.3 length */
        {&frames[1], 16, 0x81, PACKET_NOT_IP},                 /* second VLAN tag */
        {&frames[0], IP, 0x65, PACKET_MALFORMED},              /* version 6 */
        {&frames[0], IP, 0x44, PACKET_MALFORMED},              /* header of four words */
        {&frames[0], IP, 0x4f, PACKET_MALFORMED},              /* header longer than the packet */
        {&frames[0], IP + 3, 19, PACKET_MALFORMED},            /* total length below the header */
        {&frames[0], IP + 3, 20, PACKET_TRUNCATED},            /* no room for TCP */
        {&frames[0], IP + 3, 43, PACKET_TRUNCATED},            /* TCP options cut */
        {&frames[0], IP + 3, 47, PACKET_TRUNCATED},            /* longer than the frame */
        {&frames[0], IP + 2, 0xff, PACKET_TRUNCATED},          /* much longer than the frame */
        {&frames[0], IP + 6, 0x20, PACKET_FRAGMENT},           /* more fragments */
        {&frames[0], IP + 6, 0x10, PACKET_FRAGMENT},           /* top bit of the offset */
        {&frames[0], IP + 7, 0x01, PACKET_FRAGMENT},           /* bottom bit of the offset */
        {&frames[0], IP + 6, 0x40, PACKET_OK},                 /* "don't fragment" is no fragment */
        {&frames[0], TRANSPORT + 12, 0x40, PACKET_MALFORMED},  /* TCP header of four words */
        {&frames[0], TRANSPORT + 12, 0x70, PACKET_TRUNCATED},  /* TCP header of seven words */
        {&frames[2], TRANSPORT + 8 + 5, 7, PACKET_MALFORMED},  /* UDP length below its header */
        {&frames[2], TRANSPORT + 8 + 5, 14, PACKET_TRUNCATED}, /* UDP length beyond IP's */
        {&frames[3], IP + 3, 27, PACKET_TRUNCATED},            /* ICMP header cut */
        {&frames[5], TRANSPORT + 15, 3, PACKET_MALFORMED},     /* chunk below its header */
        {&frames[5], TRANSPORT + 15, 7, PACKET_MALFORMED},     /* INIT ACK without a tag */
        {&frames[5], TRANSPORT + 15, 21, PACKET_TRUNCATED},    /* chunk longer than the packet */
        {&frames[5], IP + 3, 34, PACKET_TRUNCATED},            /* chunk header cut */
        {&frames[7], 15, 6, PACKET_MALFORMED},                 /* hardware is not Ethernet */
        {&frames[7], 16, 0x86, PACKET_MALFORMED},              /* protocol is not IPv4 */
        {&frames[7], 18, 8, PACKET_MALFORMED},                 /* hardware address length */
        {&frames[7], 19, 16, PACKET_MALFORMED},                /* protocol address length */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t copy[128];
        memcpy(copy, cases[i].frame->bytes, cases[i].frame->length);
        copy[cases[i].at] = cases[i].value;
        enum packet_error error = decode_copy(copy, cases[i].frame->length, true);
        if (error != cases[i].error)
            fail_msg("case %zu: got %d, not %d", i, (int)error, (int)cases[i].error);
    }
}

static void every_truncation_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++) {
        for (size_t length = 0; length <= frames[i].length; length++) {
            enum packet_error expected = length < frames[i].needed ? PACKET_TRUNCATED : PACKET_OK;
            assert_int_equal(decode_copy(frames[i].bytes, length, true), expected);
        }
    }
}

static void every_bit_flip_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++) {
        uint8_t copy[128];
        memcpy(copy, frames[i].bytes, frames[i].length);
        for (size_t bit = 0; bit < frames[i].length * 8; bit++) {
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            for (size_t cut = 0; cut < 4; cut++) {
                decode_copy(copy, frames[i].length - cut, true);
                decode_copy(copy + ETHERNET_HEADER, frames[i].length - ETHERNET_HEADER - cut,
                            false);
            }
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static uint16_t mss_of(const uint8_t *options, uint8_t length)
{
    struct packet packet = {.kind = PACKET_TCP,
                            .tcp = {.options = options, .options_length = length}};
    return packet_tcp_mss(&packet);
}

#define MSS_OF(...) mss_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void finds_the_maximum_segment_size(void **state)
{
    (void)state;
    struct packet p;
    assert_int_equal(packet_decode(&p, syn_ack, sizeof syn_ack, true), PACKET_OK);
    assert_int_equal(packet_tcp_mss(&p), 1460);
    assert_int_equal(mss_of(NULL, 0), 0);
    assert_int_equal(MSS_OF(1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 2, 0x18, 0), 536);
    assert_int_equal(MSS_OF(4, 2, 2, 4, 0xff, 0xff), 65535);
    assert_int_equal(MSS_OF(0, 2, 4, 5, 180), 0);    /* behind the end of options */
    assert_int_equal(MSS_OF(2, 3, 5, 2, 4, 5), 0);   /* of a wrong length */
    assert_int_equal(MSS_OF(3, 1, 2, 4, 5, 180), 0); /* an impossible length */
    assert_int_equal(MSS_OF(3, 0, 2, 4, 5, 180), 0);
    assert_int_equal(MSS_OF(2, 4, 5), 0); /* cut off */
    assert_int_equal(MSS_OF(3, 9, 7), 0);
    assert_int_equal(MSS_OF(2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_tcp),
        cmocka_unit_test(finds_the_maximum_segment_size),
        cmocka_unit_test(decodes_behind_a_vlan_tag),
        cmocka_unit_test(decodes_udp_behind_ip_options),
        cmocka_unit_test(decodes_echo),
        cmocka_unit_test(decodes_a_quote),
        cmocka_unit_test(rejects_unusable_quotes),
        cmocka_unit_test(a_quote_may_end_behind_its_ip_header),
        cmocka_unit_test(decodes_sctp),
        cmocka_unit_test(decodes_arp),
        cmocka_unit_test(decodes_other_protocols),
        cmocka_unit_test(decodes_links_without_ethernet),
        cmocka_unit_test(decodes_ipv6),
        cmocka_unit_test(walks_over_extension_headers),
        cmocka_unit_test(the_walk_has_an_end),
        cmocka_unit_test(decodes_neighbours),
        cmocka_unit_test(ipv6_cut_anywhere_is_truncated),
        cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(every_truncation_is_seen),
        cmocka_unit_test(every_bit_flip_is_survived),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
