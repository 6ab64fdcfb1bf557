/* Tests of the truth: fixed values, so that it cannot drift from the results tests have stored, and
 * the shares it promises. */
#include "truth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void mix_matches_splitmix64(void **state)
{
    (void)state;
    /* The first outputs of splitmix64 seeded with 0 and with 1234567, as published with it. */
    assert_int_equal(truth_mix(0), 0xe220a8397b1dcdafull);
    assert_int_equal(truth_mix(1234567), 6457827717110365317ull);
}

static struct truth half_dead(void)
{
    struct truth truth = {.key = 77, .dead = TRUTH_WHOLE / 2};
    truth.share[PORT_TCP] = (struct truth_share){TRUTH_WHOLE / 10, TRUTH_WHOLE / 5};
    return truth;
}

static void shares_hold(void **state)
{
    struct truth truth = half_dead();
    unsigned up = 0, seen[TRUTH_OPEN + 1] = {0};
    (void)state;
    for (uint32_t address = 0; address < 100000; address++) {
        if (!truth_host_up(&truth, address, false))
            continue;
        up++;
        seen[truth_state(&truth, address, port_code(PORT_TCP, 80), false)]++;
    }
    assert_in_range(up, 49000, 51000);
    assert_in_range(seen[TRUTH_OPEN], up / 10 - 500, up / 10 + 500);
    assert_in_range(seen[TRUTH_CLOSED], up / 5 - 500, up / 5 + 500);
}

static void dead_hosts_are_silent(void **state)
{
    struct truth truth = half_dead();
    (void)state;
    truth.share[PORT_TCP] = (struct truth_share){TRUTH_WHOLE, 0};
    for (uint32_t address = 0; address < 1000; address++)
        assert_int_equal(truth_state(&truth, address, 80, false),
                         truth_host_up(&truth, address, false) ? TRUTH_OPEN : TRUTH_SILENT);
}

static void whole_shares_have_no_exception(void **state)
{
    struct truth all = {.key = 5}, none = {.key = 5}, dead = {.key = 5, .dead = TRUTH_WHOLE};
    (void)state;
    all.share[PORT_UDP] = dead.share[PORT_UDP] = (struct truth_share){0, TRUTH_WHOLE};
    for (uint32_t address = 0; address < 100000; address++) {
        uint32_t code = port_code(PORT_UDP, address & 0xffff);
        assert_int_equal(truth_state(&all, address, code, false), TRUTH_CLOSED);
        assert_int_equal(truth_state(&none, address, code, false), TRUTH_SILENT);
        assert_int_equal(truth_state(&dead, address, code, false), TRUTH_SILENT);
    }
}

static void proxies_open_tcp_only(void **state)
{
    struct truth truth = {.key = 5, .dead = TRUTH_WHOLE};
    (void)state;
    assert_int_equal(truth_state(&truth, 1, port_code(PORT_TCP, 9), true), TRUTH_OPEN);
    assert_int_equal(truth_state(&truth, 1, port_code(PORT_UDP, 9), true), TRUTH_SILENT);
}

static void unknown_classes_are_silent(void **state)
{
    struct truth truth = {.key = 5};
    (void)state;
    assert_int_equal(truth_state(&truth, 1, (uint32_t)PORT_CLASSES << 16, false), TRUTH_SILENT);
    assert_int_equal(truth_state(&truth, 1, UINT32_MAX, true), TRUTH_SILENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mix_matches_splitmix64), cmocka_unit_test(shares_hold),
        cmocka_unit_test(dead_hosts_are_silent),  cmocka_unit_test(whole_shares_have_no_exception),
        cmocka_unit_test(proxies_open_tcp_only),  cmocka_unit_test(unknown_classes_are_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
