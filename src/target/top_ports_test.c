/* The lists of common ports: no port twice, the first ones first, and an error beyond the end. */
#include "target/top_ports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/port.h"

static struct range_set top(int class, uint64_t count)
{
    struct range_set set = {0};
    struct error err;
    if (target_add_top_ports(&set, class, count, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(range_set_normalise(&set, &err), 0);
    return set;
}

/* How many ports the list has, by what the refusal of more says. */
static uint64_t length_of(int class)
{
    struct range_set set = {0};
    struct error err;
    assert_int_equal(target_add_top_ports(&set, class, 1000000, &err), -1);
    assert_int_equal(set.count, 0);
    const char *number = strstr(err.text, "1 to ");
    assert_non_null(number);
    return strtoull(number + 5, NULL, 10);
}

static void no_port_is_there_twice(void **state)
{
    (void)state;
    static const int classes[] = {PORT_TCP, PORT_UDP};
    static const uint64_t least[] = {200, 60};
    for (unsigned i = 0; i < 2; i++) {
        uint64_t length = length_of(classes[i]);
        assert_true(length >= least[i]);
        for (uint64_t count = 0; count <= length; count++) {
            struct range_set set = top(classes[i], count);
            assert_int_equal(range_set_size(&set), count);
            range_set_fini(&set);
        }
    }
}

static void the_commonest_come_first(void **state)
{
    (void)state;
    struct range_set tcp = top(PORT_TCP, 3), udp = top(PORT_UDP, 2);
    assert_true(range_set_contains(&tcp, port_code(PORT_TCP, 80)));
    assert_true(range_set_contains(&tcp, port_code(PORT_TCP, 443)));
    assert_true(range_set_contains(&tcp, port_code(PORT_TCP, 22)));
    assert_true(range_set_contains(&udp, port_code(PORT_UDP, 53)));
    assert_true(range_set_contains(&udp, port_code(PORT_UDP, 123)));
    range_set_fini(&tcp);
    range_set_fini(&udp);
}

static void other_classes_have_no_list(void **state)
{
    (void)state;
    struct range_set set = {0};
    struct error err;
    assert_int_equal(target_add_top_ports(&set, PORT_SCTP, 1, &err), -1);
    assert_non_null(strstr(err.text, "want -sS, -sU"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_port_is_there_twice),
        cmocka_unit_test(the_commonest_come_first),
        cmocka_unit_test(other_classes_have_no_list),
    };
    return cmocka_run_group_tests_name("top_ports", tests, NULL, NULL);
}
