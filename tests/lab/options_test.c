/* Tests of the simulator's command line. */
#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int read_words(struct sim_options *options, struct error *err, const char *words)
{
    static char text[512];
    char *argv[32] = {(char[]){"sim"}};
    int argc = 1;
    strncpy(text, words, sizeof text - 1);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return sim_options_read(options, argc, argv, err);
}

static void refuses(const char *words, const char *reason)
{
    struct sim_options options;
    struct error err;
    assert_int_equal(read_words(&options, &err, words), -1);
    if (strstr(err.text, reason) == NULL)
        fail_msg("%s: said '%s', expected '%s' in it", words, err.text, reason);
    sim_options_free(&options);
}

static void ports_are_sorted_and_unique(void **state)
{
    static const uint32_t expected[] = {22, 80, 81, 82, 65536 + 53, 3 * 65536, 4 * 65536 + 47};
    struct sim_options options;
    struct error err;
    (void)state;
    assert_int_equal(
        read_words(&options, &err, "truth --prefix 10.0.0.0/8 --ports I:0,T:80-82,22,81,U:53,O:47"),
        0);
    assert_int_equal(options.ports_n, 7);
    assert_memory_equal(options.ports, expected, sizeof expected);
    sim_options_free(&options);
}

static void prefixes_lie_end_to_end(void **state)
{
    struct sim_options options;
    struct error err;
    (void)state;
    assert_int_equal(read_words(&options, &err,
                                "--interface x --prefix 10.0.0.0/8 --syn-proxy 192.0.2.0/30 "
                                "--prefix 11.0.0.0/32"),
                     0);
    assert_int_equal(options.config.prefixes, 3);
    assert_int_equal(options.config.prefix[1].first, 1 << 24);
    assert_true(options.config.prefix[1].proxied);
    assert_int_equal(options.config.prefix[2].first, (1 << 24) + 4);
    assert_int_equal(options.addresses, (1 << 24) + 5);
    sim_options_free(&options);
    assert_int_equal(read_words(&options, &err,
                                "--interface x --prefix 10.0.0.0/24 --prefix 2001:db8::a00:0/120"),
                     0);
    assert_true(options.config.prefix[1].is_ipv6);
    assert_int_equal(options.config.prefix[1].upper[0], 0x20010db8);
    assert_int_equal(options.config.prefix[1].network, 0x0a000000);
    assert_int_equal(options.addresses, 512);
    sim_options_free(&options);
}

static void the_whole_internet_is_a_prefix(void **state)
{
    struct sim_options options;
    struct error err;
    (void)state;
    assert_int_equal(read_words(&options, &err, "--interface x --prefix 0.0.0.0/0"), 0);
    assert_int_equal(options.config.prefix[0].mask, 0);
    assert_true(options.addresses == 1ull << 32);
    sim_options_free(&options);
}

static void shares_are_parts_of_the_whole(void **state)
{
    struct sim_options options;
    struct error err;
    (void)state;
    assert_int_equal(read_words(&options, &err,
                                "--interface x --prefix 10.0.0.0/8 --dead 100 --share udp=25/50 "
                                "--request-loss 0.5"),
                     0);
    assert_true(options.config.truth.dead == TRUTH_WHOLE);
    assert_true(options.config.truth.share[PORT_UDP].open == TRUTH_WHOLE / 4);
    assert_true(options.config.truth.share[PORT_UDP].closed == TRUTH_WHOLE / 2);
    assert_int_equal(options.config.request_loss, TRUTH_WHOLE / 200);
    sim_options_free(&options);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    refuses("--prefix 10.0.0.0/8", "no --interface");
    refuses("--interface x", "no --prefix");
    refuses("truth --prefix 10.0.0.0/8", "no --ports");
    refuses("--prefix 10.0.0.0", "expected a prefix");
    refuses("--prefix 10.0.0.0/33", "from 0 to 32");
    refuses("--prefix 2001:db8::/64", "from 96 to 128");
    refuses("--prefix 2001:db8::1/127", "bits behind");
    refuses("--prefix 2001:db8::/112 --prefix 2001:db8::8/126", "overlaps");
    refuses("--router-ipv6 10.0.0.1", "IPv6 address");
    refuses("--prefix 10.0.0.1/8", "bits behind");
    refuses("--prefix 10.0.0.0/8 --prefix 10.1.0.0/16", "overlaps");
    refuses("--prefix 10.1.0.0/16 --prefix 0.0.0.0/0", "overlaps");
    refuses("--ports 80;443", "comma");
    refuses("--ports 65536", "0 to 65535");
    refuses("--ports 9-8", "upside down");
    refuses("--ports 80,", "0 to 65535");
    refuses("--share tcp=60/41", "from 0 to 40");
    refuses("--share ftp=1/1", "tcp, udp");
    refuses("--late 101", "from 0 to 100");
    refuses("--late nan", "from 0 to 100");
    refuses("--late 5x", "behind the number");
    refuses("--late", "expected PERCENT");
    refuses("--no-such", "unknown option");
    refuses("--interface x --prefix 10.0.0.0/8 --ports 1-100", "too many pairs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_are_sorted_and_unique),
        cmocka_unit_test(prefixes_lie_end_to_end),
        cmocka_unit_test(the_whole_internet_is_a_prefix),
        cmocka_unit_test(shares_are_parts_of_the_whole),
        cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
