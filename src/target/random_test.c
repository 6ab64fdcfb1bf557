/* Random addresses: so many as asked for, all different, none reserved or removed, evenly spread,
 * and the same again with the same seed. */
#include "target/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "target/parse.h"

static struct range_set parsed(const char *text)
{
    struct address_set set = {0};
    struct error err;
    if (*text != '\0' && target_parse_addresses(&set, text, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(address_set_normalise(&set, &err), 0);
    return set.v4;
}

static struct range_set chosen(uint64_t count, const char *removed, uint64_t seed)
{
    struct range_set set = {0}, out = parsed(removed);
    struct error err;
    if (target_choose_random(&set, count, &out, seed, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(range_set_normalise(&set, &err), 0);
    range_set_fini(&out);
    return set;
}

static void addresses_are_different_and_may_be_hosts(void **state)
{
    (void)state;
    enum { COUNT = 200001 };
    struct range_set set = chosen(COUNT, "1.0.0.0/8,8.8.0.0/16", 7);
    assert_int_equal(range_set_size(&set), COUNT);
    struct range_set never =
        parsed("0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,"
               "192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,"
               "198.51.100.0/24,203.0.113.0/24,224.0.0.0/3,1.0.0.0/8,8.8.0.0/16");
    struct error err;
    assert_int_equal(range_set_subtract(&set, &never, &err), 0);
    assert_int_equal(range_set_size(&set), COUNT);
    range_set_fini(&never);
    range_set_fini(&set);
}

/* Each of the 220 or so blocks /8 that belong to the Internet gets its share: 900 are expected, and
 * seven standard deviations are 210. */
static void they_are_spread_evenly(void **state)
{
    (void)state;
    struct range_set set = chosen(200000, "", 3);
    unsigned empty = 0;
    for (uint32_t block = 0; block < 256; block++) {
        uint64_t count = range_set_count_between(&set, block << 24, block << 24 | 0xffffff);
        empty += count == 0;
        bool partly_reserved = block == 100 || block == 172 || block == 192;
        if (count > 0 && !partly_reserved)
            assert_in_range(count, 690, 1110);
    }
    assert_int_equal(empty, 3 + 32);
    range_set_fini(&set);
}

static void the_seed_decides(void **state)
{
    (void)state;
    struct range_set a = chosen(1000, "9.0.0.0/8", 5), again = chosen(1000, "9.0.0.0/8", 5),
                     b = chosen(1000, "9.0.0.0/8", 6), fewer = chosen(10, "9.0.0.0/8", 5);
    struct error err;
    assert_int_equal(a.count, again.count);
    assert_memory_equal(a.ranges, again.ranges, a.count * sizeof *a.ranges);
    assert_int_equal(range_set_subtract(&fewer, &a, &err), 0);
    assert_int_equal(fewer.count, 0);
    assert_int_equal(range_set_subtract(&b, &a, &err), 0);
    assert_true(range_set_size(&b) > 990);
    range_set_fini(&a);
    range_set_fini(&again);
    range_set_fini(&b);
    range_set_fini(&fewer);
}

static void more_than_there_are_is_an_error(void **state)
{
    (void)state;
    struct range_set set = {0}, out = parsed("0.0.0.0-8.8.8.3,8.8.8.8-255.255.255.255");
    struct error err;
    assert_int_equal(target_choose_random(&set, 5, &out, 1, &err), -1);
    assert_string_equal(err.text, "5 random addresses are more than there are (4)");
    assert_int_equal(set.count, 0);
    assert_int_equal(target_choose_random(&set, 4, &out, 1, &err), 0);
    assert_int_equal(range_set_normalise(&set, &err), 0);
    assert_int_equal(set.count, 1);
    assert_int_equal(set.ranges[0].first, 0x08080804);
    assert_int_equal(set.ranges[0].last, 0x08080807);
    range_set_fini(&set);
    range_set_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_different_and_may_be_hosts),
        cmocka_unit_test(they_are_spread_evenly),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(more_than_there_are_is_an_error),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
