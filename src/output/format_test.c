/* The pieces of text records, against printf, inet_ntop and plain loops. */
#include "output/format.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/escape.h"
#include "output/result.h"
#include "output/services.h"
#include "output/test_support.h"

static void check_ip(const struct ip_address *ip)
{
    char ours[64], theirs[IP_TEXT_SIZE];
    *put_ip(ours, ip) = '\0';
    assert_string_equal(ours, ip_format(ip, theirs));
}

static void ipv4_is_what_inet_ntop_prints(void **state)
{
    (void)state;
    for (uint32_t octet = 0; octet < 256; octet++)
        for (int shift = 0; shift < 32; shift += 8) {
            struct ip_address ip = ip_from_v4(octet << shift);
            check_ip(&ip);
        }
}

/* Every pattern of zero groups, with groups of one to four digits between. */
static void ipv6_is_what_inet_ntop_prints(void **state)
{
    (void)state;
    static const unsigned digits[] = {0x1, 0x10, 0xabc, 0xffff, 0xf, 0x2001, 0x100, 0xff};
    for (unsigned zeros = 0; zeros < 256; zeros++)
        for (unsigned turn = 0; turn < 8; turn++) {
            struct ip_address ip = {.version = 6};
            for (unsigned i = 0; i < 8; i++) {
                unsigned group = zeros >> i & 1 ? 0 : digits[(i + turn) % 8];
                ip.bytes[2 * i] = (uint8_t)(group >> 8);
                ip.bytes[2 * i + 1] = (uint8_t)group;
            }
            check_ip(&ip);
        }
}

static void reasons_are_the_flags_in_order(void **state)
{
    (void)state;
    static const char *const names[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};
    for (unsigned flags = 0; flags < 256; flags++) {
        char ours[64], theirs[64] = "";
        for (int bit = 0; bit < 8; bit++)
            if (flags >> bit & 1) {
                strcat(theirs, theirs[0] == '\0' ? "" : "-");
                strcat(theirs, names[bit]);
            }
        *put_reason(ours, (uint8_t)flags) = '\0';
        assert_string_equal(ours, flags == 0 ? "none" : theirs);
    }
}

static void every_byte_is_escaped_as_it_should(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[32], json[32], want_text[16], want_json[16];
        uint8_t bytes[3] = {'(', (uint8_t)byte, ')'};
        *escape_text(text, bytes, 3) = '\0';
        *escape_json(json, bytes, 3) = '\0';
        bool plain = byte >= 0x20 && byte < 0x7f && strchr("<>&\\\"'", (int)byte) == NULL;
        snprintf(want_text, sizeof want_text, plain ? "(%c)" : "(\\x%02x)", byte);
        snprintf(want_json, sizeof want_json, plain ? "(%c)" : "(\\u00%02x)", byte);
        assert_string_equal(text, want_text);
        assert_string_equal(json, want_json);
    }
}

static void escaping_stays_within_its_room(void **state)
{
    (void)state;
    static const uint8_t bytes[9];
    enum { ROOM = ESCAPED_BYTE_MAX * sizeof bytes + ESCAPE_SLACK };
    char text[ROOM + 1];
    for (size_t length = 0; length <= sizeof bytes; length++) {
        size_t room = ESCAPED_BYTE_MAX * length + ESCAPE_SLACK;
        text[room] = '!';
        assert_ptr_equal(escape_json(text, bytes, length), text + 6 * length);
        assert_ptr_equal(escape_text(text, bytes, length), text + 4 * length);
        assert_int_equal(text[room], '!');
    }
}

static void the_time_is_written_whenever_it_changes(void **state)
{
    (void)state;
    static const uint64_t times[] = {0, 0, 9, 1700000000, 1700000000, 1700000001, 0, UINT64_MAX, 7};
    struct time_text last = {0};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char ours[64], theirs[64];
        *put_time(ours, &last, times[i]) = '\0';
        snprintf(theirs, sizeof theirs, "%" PRIu64, times[i]);
        assert_string_equal(ours, theirs);
    }
}

static void service_names_come_from_the_lists(void **state)
{
    (void)state;
    static const char list[] = "# comment\n"
                               "http\t\t80/tcp\t\twww # WorldWideWeb\n"
                               "www 80/tcp\n"
                               "domain 53/udp\n"
                               "nonsense\n"
                               "toolarge 65536/tcp\n"
                               "noproto 81\n"
                               "last 65535/tcp";
    static const char protocols[] = "ip 0 IP\n\nicmp 1\nsctp\t132\tSCTP\nbad 256\nx 25y\n";
    char services_path[SCRATCH_PATH_SIZE], protocols_path[SCRATCH_PATH_SIZE];
    write_file(scratch_path(services_path, "services"), list, sizeof list - 1);
    write_file(scratch_path(protocols_path, "protocols"), protocols, sizeof protocols - 1);
    struct services *services = calloc(1, sizeof *services);
    services_load(services, services_path, protocols_path);
    assert_string_equal(services_name(services, RESULT_TCP, 80), "http");
    assert_string_equal(services_name(services, RESULT_UDP, 80), "unknown");
    assert_string_equal(services_name(services, RESULT_UDP, 53), "domain");
    assert_string_equal(services_name(services, RESULT_TCP, 81), "unknown");
    assert_string_equal(services_name(services, RESULT_TCP, 0), "unknown");
    assert_string_equal(services_name(services, RESULT_TCP, 65535), "last");
    assert_string_equal(services_name(services, RESULT_SCTP, 80), "sctp");
    assert_string_equal(services_name(services, RESULT_ARP, 0), "ip");
    assert_string_equal(services_name(services, 25, 25), "unknown");
    free(services);
}

static void services_survive_no_list_and_too_long_a_list(void **state)
{
    (void)state;
    struct services *services = calloc(1, sizeof *services);
    services_load(services, "/nonexistent", "/nonexistent");
    assert_string_equal(services_name(services, RESULT_TCP, 80), "unknown");
    memset(services, 0, sizeof *services);
    char path[SCRATCH_PATH_SIZE];
    FILE *file = fopen(scratch_path(path, "long"), "w");
    assert_non_null(file);
    fprintf(file, "%0*d 1/tcp\n", SERVICE_NAME_MAX + 1, 7);
    fprintf(file, "%0*d 2/tcp\n", SERVICE_NAME_MAX, 7);
    for (unsigned port = 3; port < 65536; port++)
        fprintf(file, "name%u %u/tcp\n", port, port);
    fclose(file);
    services_load(services, path, "/nonexistent");
    assert_string_equal(services_name(services, RESULT_TCP, 1), "unknown");
    assert_int_equal(strlen(services_name(services, RESULT_TCP, 2)), SERVICE_NAME_MAX);
    assert_string_equal(services_name(services, RESULT_TCP, 1000), "name1000");
    assert_string_equal(services_name(services, RESULT_TCP, 65535), "unknown");
    free(services);
}

static void names_of_results(void **state)
{
    (void)state;
    assert_string_equal(result_status_name(RESULT_OPEN)->text, "open");
    assert_string_equal(result_status_name(RESULT_CLOSED)->text, "closed");
    assert_string_equal(result_status_name(RESULT_UP)->text, "up");
    assert_string_equal(result_protocol_name(0)->text, "arp");
    assert_string_equal(result_protocol_name(132)->text, "sctp");
    assert_string_equal(result_protocol_name(47)->text, "ip");
    assert_string_equal(result_app_name(2)->text, "ssh");
    assert_string_equal(result_app_name(16)->text, "X509CA");
    assert_string_equal(result_app_name(17)->text, "title");
    assert_string_equal(result_app_name(31)->text, "http.server");
    assert_string_equal(result_app_name(36)->text, "error");
    assert_string_equal(result_app_name(37)->text, "mysql");
    assert_string_equal(result_app_name(46)->text, "java-rmi");
    assert_string_equal(result_app_name(48)->text, "afp");
    assert_string_equal(result_app_name(APP_COUNT)->text, "unknown");
    for (uint16_t app = 0; app < APP_COUNT; app++)
        assert_non_null(result_app_name(app));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_is_what_inet_ntop_prints),
        cmocka_unit_test(ipv6_is_what_inet_ntop_prints),
        cmocka_unit_test(reasons_are_the_flags_in_order),
        cmocka_unit_test(every_byte_is_escaped_as_it_should),
        cmocka_unit_test(escaping_stays_within_its_room),
        cmocka_unit_test(the_time_is_written_whenever_it_changes),
        cmocka_unit_test(service_names_come_from_the_lists),
        cmocka_unit_test(services_survive_no_list_and_too_long_a_list),
        cmocka_unit_test(names_of_results),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
