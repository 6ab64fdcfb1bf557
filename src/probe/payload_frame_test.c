/* The UDP datagram in frames of every link type, with every kind of header in between. */
#include "probe/payload_frame.h"

#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADDRESS_6        "0123456789abcdef"
#define UDP              "\x30\x39\x00\x35\x00\x0a\0\0hi" /* from 12345 to 53 */
#define IPV4             "\x45\0\0\x1e\x12\x34\x40\0\x40\x11\0\0srcsdsts" UDP
#define IPV4_LONG        "\x46\0\0\x22\x12\x34\0\0\x40\x11\0\0srcsdstsopts" UDP
#define IPV4_PART        "\x45\0\0\x1e\x12\x34\x20\0\x40\x11\0\0srcsdsts" UDP
#define IPV4_TCP         "\x45\0\0\x1e\x12\x34\0\0\x40\x06\0\0srcsdsts" UDP
#define IPV6(next, rest) "\x60\0\0\0\0\x0a" next "\x40" ADDRESS_6 ADDRESS_6 rest
#define MACS             "123456abcdef"
#define LLC              "\xaa\xaa\3\0\0\0"
#define RADIO_24         "\x18\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define WLAN             "\x08\x01\0\0aaaaaabbbbbbcccccc\0\0"

static const struct {
    const char *what;
    int link;
    enum payload_frame_result result;
    const char *frame;
    size_t length;
} cases[] = {
#define FRAME(what, link, result, frame)                                                           \
    {                                                                                              \
        what, DLT_##link, PAYLOAD_FRAME_##result, frame, sizeof(frame) - 1                         \
    }
    FRAME("Ethernet", EN10MB, UDP, MACS "\x08\0" IPV4),
    FRAME("padded", EN10MB, UDP, MACS "\x08\0" IPV4 "\0\0\0\0\0\0\0\0"),
    FRAME("VLAN", EN10MB, UDP, MACS "\x81\0\0\7\x08\0" IPV4),
    FRAME("two VLANs", EN10MB, UDP, MACS "\x88\xa8\0\7\x81\0\0\x08\x86\xdd" IPV6("\x11", UDP)),
    FRAME("PPPoE", EN10MB, UDP, MACS "\x88\x64\x11\0\0\1\0\x20\0\x21" IPV4),
    FRAME("ARP", EN10MB, OTHER, MACS "\x08\6" IPV4),
    FRAME("options", EN10MB, UDP, MACS "\x08\0" IPV4_LONG),
    FRAME("a fragment", EN10MB, OTHER, MACS "\x08\0" IPV4_PART),
    FRAME("TCP", EN10MB, OTHER, MACS "\x08\0" IPV4_TCP),
    FRAME("IPv6", RAW, UDP, IPV6("\x11", UDP)),
    FRAME("IPv6 with extensions", RAW, UDP,
          IPV6("\0", "\x3c\0______\x2b\1______________\x2c\0______"
                     "\x11\0\0\0____" UDP)),
    FRAME("an authenticated one", RAW, UDP, IPV6("\x33", "\x11\4______________________" UDP)),
    FRAME("a fragment of IPv6", RAW, OTHER, IPV6("\x2c", "\x11\0\0\1____" UDP)),
    FRAME("the end of one", RAW, OTHER, IPV6("\x2c", "\x11\0\0\x08____" UDP)),
    FRAME("TCP over IPv6", RAW, OTHER, IPV6("\6", UDP)),
    FRAME("raw IP", RAW, UDP, IPV4),
    FRAME("raw, by version", IPV4, UDP, IPV4),
    FRAME("raw, by version 6", IPV6, UDP, IPV6("\x11", UDP)),
    FRAME("loopback", NULL, UDP, "\2\0\0\0" IPV4),
    FRAME("loopback of OpenBSD", LOOP, UDP, "\0\0\0\x18" IPV6("\x11", UDP)),
    FRAME("IPsec", ENC, UDP, "famispi_flag" IPV4),
    FRAME("Linux cooked", LINUX_SLL, UDP, "\0\0\3\4\0\6macadd\0\0\x08\0" IPV4),
    FRAME("Linux cooked 2", LINUX_SLL2, UDP,
          "\x86\xdd\0\0\0\0\0\1\3\4\0\6macaddr_" IPV6("\x11", UDP)),
    FRAME("PPP", PPP, UDP, "\0\x21" IPV4),
    FRAME("PPP, with address", PPP_SERIAL, UDP, "\xff\3\0\x57" IPV6("\x11", UDP)),
    FRAME("PPP, a short protocol", PPP, UDP, "\x21" IPV4),
    FRAME("PPP, with direction", PPP_WITH_DIR, UDP, "\1\xff\3\0\x21" IPV4),
    FRAME("PPP's own", PPP, OTHER, "\xc0\x21" IPV4),
    FRAME("PPPoE by itself", PPP_ETHER, UDP, "\x11\0\0\1\0\x20\0\x21" IPV4),
    FRAME("Cisco's HDLC", C_HDLC, UDP, "\x0f\0\x08\0" IPV4),
    FRAME("ATM", ATM_RFC1483, UDP, LLC "\x08\0" IPV4),
    FRAME("FDDI", FDDI, UDP, "\x50" MACS LLC "\x08\0" IPV4),
    FRAME("fibre channel", IP_OVER_FC, UDP, "0123456789012345" LLC "\x08\0" IPV4),
    FRAME("802.11", IEEE802_11, UDP, WLAN LLC "\x08\0" IPV4),
    FRAME("802.11 with QoS", IEEE802_11, UDP,
          "\x88\x02\0\0aaaaaabbbbbbcccccc\0\0qs" LLC "\x08\0" IPV4),
    FRAME("802.11 between two", IEEE802_11, UDP,
          "\x08\x03\0\0aaaaaabbbbbbcccccc\0\0dddddd" LLC "\x86\xdd" IPV6("\x11", UDP)),
    FRAME("802.11, encrypted", IEEE802_11, OTHER,
          "\x08\x41\0\0aaaaaabbbbbbcccccc\0\0" LLC "\x08\0" IPV4),
    FRAME("802.11, a beacon", IEEE802_11, OTHER,
          "\x80\0\0\0aaaaaabbbbbbcccccc\0\0" LLC "\x08\0" IPV4),
    FRAME("802.11 with radio", IEEE802_11_RADIO, UDP, RADIO_24 WLAN LLC "\x08\0" IPV4),
    FRAME("too short a radio header", IEEE802_11_RADIO, OTHER, "\0\0\1\0" WLAN LLC "\x08\0" IPV4),
    FRAME("a wrong length", RAW, OTHER, "\x45\0\0\x1e\0\0\0\0\x40\x11\0\0srcsdsts\0\1\0\2\0\7\0\0"),
    FRAME("not IP", RAW, OTHER, "\x55\0\0\x1e\0\0\0\0\x40\x11\0\0srcsdsts" UDP),
    FRAME("a wrong header", RAW, OTHER, "\x44\0\0\x1e\0\0\0\0\x40\x11\0\0srcsdsts" UDP),
    FRAME("nothing", EN10MB, OTHER, ""),
    FRAME("an unknown link", USER0, OTHER, IPV4),
};

static enum payload_frame_result find(size_t i, size_t length, struct payload_datagram *datagram)
{
    /* in memory of its own, so that a read past its end is seen */
    uint8_t *frame = malloc(length + 1);
    assert_non_null(frame);
    memmove(frame + 1, cases[i].frame, length);
    enum payload_frame_result result =
        payload_frame_find(cases[i].link, frame + 1, length, datagram);
    if (result == PAYLOAD_FRAME_UDP)
        assert_memory_equal(datagram->bytes, "hi", datagram->length);
    free(frame);
    return result;
}

static void finds_the_datagram_behind_every_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload_datagram datagram;
        if (find(i, cases[i].length, &datagram) != cases[i].result)
            fail_msg("%s", cases[i].what);
        if (cases[i].result != PAYLOAD_FRAME_UDP)
            continue;
        assert_int_equal(datagram.port, 53);
        assert_int_equal(datagram.length, 2);
    }
}

/* A datagram is never taken for whole where it is not. */
static void frames_that_are_cut_have_no_whole_datagram(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].result != PAYLOAD_FRAME_UDP || strcmp(cases[i].what, "padded") == 0)
            continue;
        for (size_t length = 0; length < cases[i].length; length++) {
            struct payload_datagram datagram;
            if (find(i, length, &datagram) == PAYLOAD_FRAME_UDP)
                fail_msg("%s, %zu bytes", cases[i].what, length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_datagram_behind_every_header),
        cmocka_unit_test(frames_that_are_cut_have_no_whole_datagram),
    };
    return cmocka_run_group_tests_name("payload_frame", tests, NULL, NULL);
}
