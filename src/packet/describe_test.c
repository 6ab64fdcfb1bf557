/* The lines about frames: of every kind, cut anywhere, and made of anything. */
#include "packet/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/test_frames.h"

#define EXPECT(bytes, line) expect(bytes, sizeof bytes, line)

static void expect(const uint8_t *frame, size_t length, const char *line)
{
    char text[PACKET_TEXT_SIZE];
    assert_string_equal(packet_describe(text, frame, length, true), line);
}

static void every_kind_has_its_line(void **state)
{
    (void)state;
    EXPECT(syn_ack, "TCP  192.0.2.10:80         > 198.51.100.7:40000    SYN-ACK seq=16909060 "
                    "ack=2711790500 win=29200 ttl=57 id=4660");
    EXPECT(tagged_data, "TCP  192.0.2.10:443        > 198.51.100.7:40000    PSH-ACK seq=1 ack=2 "
                        "win=9 3-bytes ttl=57 id=4660");
    EXPECT(udp_with_options, "UDP  192.0.2.10:53         > 198.51.100.7:40001    4-bytes ttl=57 "
                             "id=4660");
    EXPECT(echo_reply, "ICMP 192.0.2.10            > 198.51.100.7          echo-reply id=48879 "
                       "seq=51966 ttl=57");
    EXPECT(port_unreachable, "ICMP 192.0.2.10            > 198.51.100.7          port-unreachable "
                             "(UDP 198.51.100.7:40002 > 203.0.113.5:161) ttl=57");
    EXPECT(init_ack, "SCTP 192.0.2.10:2905       > 198.51.100.7:40000    INIT-ACK tag=3520254932 "
                     "initiate-tag=3789743076 ttl=57 id=4660");
    EXPECT(abort_chunk, "SCTP 192.0.2.10:2905       > 198.51.100.7:40000    ABORT tag=3520254932 "
                        "ttl=57 id=4660");
    EXPECT(arp_reply, "ARP  192.0.2.10            > 198.51.100.7          reply "
                      "sender=02-00-00-00-00-02");
    EXPECT(syn_ack_ipv6, "TCP  [2001:db8::10]:80     > [2001:db8:1::7]:40000 SYN-ACK seq=16909060 "
                         "ack=84281096 win=29200 ttl=57 flow=344865");
    EXPECT(udp_behind_extensions, "UDP  [2001:db8::10]:53     > [2001:db8:1::7]:40001 4-bytes "
                                  "ttl=57 flow=344865");
    EXPECT(echo_reply_ipv6,
           "ICMP 2001:db8::10          > 2001:db8:1::7         echo-reply id=48879 "
           "seq=51966 ttl=57");
    EXPECT(port_unreachable_ipv6, "ICMP 2001:db8::10          > 2001:db8:1::7         "
                                  "port-unreachable (UDP [2001:db8::10]:40002 > "
                                  "[2001:db8:1::7]:161) ttl=57");
    EXPECT(solicitation, "ND   2001:db8::10          > 2001:db8:1::7         solicitation "
                         "target=2001:db8:1::7 sender=02-00-00-00-00-02");
    EXPECT(gre, "IP   192.0.2.10            > 198.51.100.7          protocol=47 4-bytes ttl=57");
}

static void broken_ones_have_too(void **state)
{
    (void)state;
    static const uint8_t other[60] = {ETHERNET, 0x88, 0xcc, 0x60};
    expect(syn_ack, 40, "IP   192.0.2.10            > 198.51.100.7          truncated, 40-bytes");
    expect(syn_ack, 20, "?    truncated, 20-bytes");
    expect(syn_ack, 0, "?    truncated, 0-bytes");
    EXPECT(other, "?    neither ARP nor IP, 60-bytes");
    expect(syn_ack_ipv6, 70,
           "IP   2001:db8::10          > 2001:db8:1::7         truncated, 70-bytes");
}

static void links_without_a_header(void **state)
{
    (void)state;
    char text[PACKET_TEXT_SIZE];
    packet_describe(text, echo_reply + 14, sizeof echo_reply - 14, false);
    assert_string_equal(text, "ICMP 192.0.2.10            > 198.51.100.7          echo-reply "
                              "id=48879 seq=51966 ttl=57");
}

/* The copy ends where its block ends, so that a sanitizer sees every step beyond. */
static void assert_printable(const uint8_t *bytes, size_t length)
{
    char text[PACKET_TEXT_SIZE];
    uint8_t *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy + 1, bytes, length);
    packet_describe(text, copy + 1, length, true);
    free(copy);
    size_t size = strnlen(text, sizeof text);
    assert_in_range(size, 1, sizeof text - 1);
    for (size_t i = 0; i < size; i++)
        assert_in_range(text[i], 0x20, 0x7e);
}

static void hostile_bytes_make_printable_lines(void **state)
{
    (void)state;
    uint8_t bytes[sizeof port_unreachable];
    for (size_t length = 0; length <= sizeof port_unreachable; length++)
        assert_printable(port_unreachable, length);
    for (size_t at = 12; at < sizeof bytes; at++) {
        for (unsigned value = 0; value < 256; value++) {
            memcpy(bytes, port_unreachable, sizeof bytes);
            bytes[at] = (uint8_t)value;
            assert_printable(bytes, sizeof bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_line),
        cmocka_unit_test(broken_ones_have_too),
        cmocka_unit_test(links_without_a_header),
        cmocka_unit_test(hostile_bytes_make_printable_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
