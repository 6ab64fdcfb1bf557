/* Captures as sources of payloads: whole files, as libpcap writes and reads them. */
#include "probe/payload_pcap.h"

#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HEADERS = 28 };

static char path[] = "/tmp/payload-pcap-XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

/* Writes a packet of raw IPv4 with a datagram, of which `kept` bytes are captured. */
static void dump(pcap_dumper_t *dumper, uint16_t port, const char *payload, size_t length,
                 size_t kept)
{
    uint8_t packet[4000] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17};
    size_t total = HEADERS + length;
    packet[2] = (uint8_t)(total >> 8);
    packet[3] = (uint8_t)total;
    packet[22] = (uint8_t)(port >> 8);
    packet[23] = (uint8_t)port;
    packet[24] = (uint8_t)((length + 8) >> 8);
    packet[25] = (uint8_t)(length + 8);
    memcpy(packet + HEADERS, payload, length);
    const struct pcap_pkthdr header = {.caplen = (unsigned)kept, .len = (unsigned)total};
    pcap_dump((u_char *)dumper, &header, packet);
}

static pcap_dumper_t *begin(pcap_t **dead, int link)
{
    *dead = pcap_open_dead(link, 65535);
    assert_non_null(*dead);
    pcap_dumper_t *dumper = pcap_dump_open(*dead, path);
    assert_non_null(dumper);
    return dumper;
}

static void end(pcap_t *dead, pcap_dumper_t *dumper)
{
    pcap_dump_close(dumper);
    pcap_close(dead);
}

static void the_last_payload_of_a_port_stays(void **state)
{
    (void)state;
    pcap_t *dead;
    pcap_dumper_t *dumper = begin(&dead, DLT_RAW);
    static char longest[PAYLOAD_MAX] = "long";
    dump(dumper, 53, "first", 5, HEADERS + 5);
    dump(dumper, 53, "a longer one", 12, HEADERS + 12);
    dump(dumper, 9, longest, sizeof longest, HEADERS + sizeof longest);
    dump(dumper, 53, "last", 4, HEADERS + 4);
    dump(dumper, 54, "", 0, HEADERS);
    end(dead, dumper);
    struct payload_set set;
    struct error err;
    assert_int_equal(payload_set_init(&set, &err), 0);
    assert_int_equal(payload_set_put(&set, 54, 54, (const uint8_t *)"x", 1, &err), 0);
    assert_int_equal(payload_pcap_load(&set, path, &err), 0);
    assert_int_equal(payload_set_get(&set, 53)->length, 4);
    assert_memory_equal(payload_set_get(&set, 53)->bytes, "last", 4);
    assert_int_equal(payload_set_get(&set, 9)->length, PAYLOAD_MAX);
    assert_int_equal(payload_set_get(&set, 54)->length, 0);
    payload_set_fini(&set);
}

static void check_refused(const char *file, const char *words)
{
    struct payload_set set;
    struct error err;
    assert_int_equal(payload_set_init(&set, &err), 0);
    assert_int_equal(payload_pcap_load(&set, file, &err), -1);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    if (strstr(err.text, file) == NULL)
        fail_msg("\"%s\" does not name the file", err.text);
    payload_set_fini(&set);
}

static void says_what_is_wrong_with_a_packet(void **state)
{
    (void)state;
    pcap_t *dead;
    static char jumbo[PAYLOAD_MAX + 1];
    pcap_dumper_t *dumper = begin(&dead, DLT_RAW);
    dump(dumper, 53, "whole", 5, HEADERS + 5);
    dump(dumper, 53, "broken", 6, HEADERS + 5);
    end(dead, dumper);
    check_refused(path, "packet 2: only a part of this UDP datagram was captured, 33 of 34 bytes");
    dumper = begin(&dead, DLT_RAW);
    dump(dumper, 53, jumbo, sizeof jumbo, HEADERS + sizeof jumbo);
    end(dead, dumper);
    check_refused(path, "packet 1: a payload of 1473 bytes for port 53; at most 1472 can be sent");
}

static void says_what_is_wrong_with_a_file(void **state)
{
    (void)state;
    pcap_t *dead;
    pcap_dumper_t *dumper = begin(&dead, DLT_USB_LINUX);
    end(dead, dumper);
    check_refused(path, "packets of link type USB_LINUX cannot be read");
    dumper = begin(&dead, DLT_RAW);
    end(dead, dumper);
    check_refused(path, "there is no UDP datagram in it");
    dumper = begin(&dead, DLT_RAW);
    dump(dumper, 53, "whole", 5, HEADERS + 5);
    end(dead, dumper);
    assert_int_equal(truncate(path, 24 + 16 + 10), 0);
    check_refused(path, "behind packet 0: truncated dump file");
    assert_int_equal(truncate(path, 10), 0);
    check_refused(path, "it cannot be read");
    check_refused("/nowhere.pcap", "No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_payload_of_a_port_stays),
        cmocka_unit_test(says_what_is_wrong_with_a_packet),
        cmocka_unit_test(says_what_is_wrong_with_a_file),
    };
    return cmocka_run_group_tests_name("payload_pcap", tests, make_path, remove_path);
}
