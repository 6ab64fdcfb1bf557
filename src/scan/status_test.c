/* The status line's text. */
#include "scan/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct status *status, const struct status_facts *facts,
                        const char *expected)
{
    struct buffer text;
    buffer_init(&text, 1024);
    status_text(status, facts, &text);
    assert_string_equal(buffer_string(&text), expected);
    buffer_fini(&text);
}

static void tells_rate_progress_and_time_left(void **state)
{
    (void)state;
    struct status status = {.packet_rate = 12340, .probe_rate = 1000};
    struct status_facts facts = {.probes = 1000, .probes_left = 3661000, .found = 7};
    assert_text(&status, &facts, "rate: 12.34-kpps,  0.03% done,   1:01:01 remaining, found=7");
    status.probe_rate = 0;
    assert_text(&status, &facts, "rate: 12.34-kpps,  0.03% done,   ?:??:?? remaining, found=7");
}

static void tells_how_long_it_waits_and_what_was_lost(void **state)
{
    (void)state;
    struct status status = {0};
    struct status_facts facts = {.phase = STATUS_WAITING,
                                 .probes = 10,
                                 .found = 3,
                                 .wait_seconds = 9,
                                 .drops = {.ring = 5, .socket = 4, .interface_tx = 3}};
    assert_text(&status, &facts,
                "rate:  0.00-kpps, 100.00% done, waiting 9-secs, found=3, dropped=12");
    facts.wait_seconds = -1;
    facts.drops = (struct scan_drops){0};
    assert_text(&status, &facts, "rate:  0.00-kpps, 100.00% done, waiting forever, found=3");
    facts.phase = STATUS_PAUSED;
    assert_text(&status, &facts, "rate:  0.00-kpps, 100.00% done, paused (p goes on), found=3");
}

static void programs_get_an_object(void **state)
{
    (void)state;
    struct status status = {.packet_rate = 12.5, .probe_rate = 10};
    struct status_facts facts = {.phase = STATUS_SENDING,
                                 .elapsed_ns = 1500000000,
                                 .packets = 7,
                                 .probes = 5,
                                 .probes_left = 15,
                                 .frames = 4,
                                 .replies = 3,
                                 .found = 2,
                                 .drops = {1, 2, 3, 4}};
    struct buffer text;
    buffer_init(&text, 1024);
    status_json(&status, &facts, 1700000000, &text);
    assert_string_equal(
        buffer_string(&text),
        "{\"time\":\"2023-11-14T22:13:20Z\",\"state\":\"sending\",\"elapsed\":1.50,"
        "\"rate\":12.50,\"percent\":25.0000,\"eta\":2,\"sent\":7,\"probes\":5,\"probes_left\":15,"
        "\"received\":4,\"replies\":3,\"found\":2,\"dropped\":{\"ring\":1,\"socket\":2,"
        "\"interface_rx\":3,\"interface_tx\":4}}");
    buffer_fini(&text);
}

static void several_adapters_are_told_apart(void **state)
{
    (void)state;
    struct status status = {0};
    struct status_facts facts = {.phase = STATUS_LINK_DOWN,
                                 .adapters = {{"eth0", 12, 7, false}, {"eth\"1", 3, 2, true}},
                                 .adapter_count = 1};
    struct buffer text;
    buffer_init(&text, 1024);
    assert_text(&status, &facts, "rate:  0.00-kpps, 100.00% done, the link is down, found=0");
    status_json(&status, &facts, 1700000000, &text);
    assert_null(strstr(buffer_string(&text), "adapters"));
    facts.adapter_count = 2;
    assert_text(&status, &facts,
                "rate:  0.00-kpps, 100.00% done, the link is down, found=0, sent: eth0=12, "
                "eth\"1=3 (down)");
    buffer_clear(&text);
    status_json(&status, &facts, 1700000000, &text);
    assert_non_null(strstr(buffer_string(&text),
                           "\"interface_tx\":0},\"adapters\":[{\"interface\":\"eth0\",\"up\":true,"
                           "\"sent\":12,\"received\":7},{\"interface\":\"eth?1\",\"up\":false,"
                           "\"sent\":3,\"received\":2}]}"));
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_rate_progress_and_time_left),
        cmocka_unit_test(tells_how_long_it_waits_and_what_was_lost),
        cmocka_unit_test(programs_get_an_object),
        cmocka_unit_test(several_adapters_are_told_apart),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
