/* Suspicious hosts: the signs of single answers, and counts of hosts against the truth. */
#include "scan/suspects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/port.h"

static const struct {
    uint8_t flags, options_length;
    uint16_t window;
    enum suspect_sign sign;
} answers[] = {
    {TCP_SYN | TCP_ACK, 0, 0, SUSPECT_TARPIT},
    {TCP_SYN | TCP_ACK, 0, 5, SUSPECT_TARPIT},
    {TCP_SYN | TCP_ACK, 0, 10, SUSPECT_TARPIT},
    {TCP_SYN | TCP_ACK, 0, 20, SUSPECT_TARPIT},
    {TCP_SYN | TCP_ACK, 0, 21, SUSPECT_NONE},
    {TCP_SYN | TCP_ACK, 0, 64240, SUSPECT_NONE},
    {TCP_SYN | TCP_ACK, 4, 0, SUSPECT_SYN_PROXY},
    {TCP_SYN | TCP_ACK, 4, 5, SUSPECT_NONE},
    {TCP_SYN | TCP_ACK, 20, 65160, SUSPECT_NONE},
    {TCP_RST | TCP_ACK, 0, 0, SUSPECT_NONE},
    {TCP_SYN | TCP_ACK | TCP_ECE, 8, 0, SUSPECT_SYN_PROXY},
};

static void an_answer_says_by_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct packet packet = {.kind = PACKET_TCP};
        packet.tcp.flags = answers[i].flags;
        packet.tcp.options_length = answers[i].options_length;
        packet.tcp.window = answers[i].window;
        assert_int_equal(suspects_sign_of(&packet), answers[i].sign);
        packet.kind = PACKET_UDP;
        assert_int_equal(suspects_sign_of(&packet), SUSPECT_NONE);
    }
}

/* How many of a host's `open` ports it takes to be told of; 0: it never is. */
static uint64_t told_at(uint64_t asked, uint64_t open)
{
    struct suspects suspects;
    struct error err;
    uint64_t at = 0;
    assert_int_equal(suspects_init(&suspects, asked, &err), 0);
    for (uint64_t count = 1; count <= open; count++) {
        if (suspects_count(&suspects, ip_number_v4(0xc0000201))) {
            assert_true(at == 0);
            at = count;
        }
    }
    suspects_fini(&suspects);
    return at;
}

static void a_host_is_told_of_once_at_half_of_its_ports(void **state)
{
    (void)state;
    assert_true(told_at(1000, 1000) == 500);
    assert_true(told_at(1001, 1001) == 501);
    assert_true(told_at(1000, 499) == 0);
    assert_true(told_at(1000, 200) == 0);
    assert_true(told_at(65535, 65535) == 32768);
    assert_true(told_at(60, 60) == 40);
    assert_true(told_at(40, 40) == 40);
}

static void few_ports_say_nothing(void **state)
{
    (void)state;
    for (uint64_t asked = 0; asked < 40; asked++)
        assert_true(told_at(asked, asked) == 0);
}

/* ---- crowds ---- */

enum { HONEST = 500000, HONEST_OPEN = 4, LIARS = 200, LIAR_OPEN = 900, ASKED = 1000 };

/* The open ports of all hosts in the order of a scan, that is in none; the first are liars. */
static uint32_t *shuffled_answers(size_t *count)
{
    size_t n = 0, total = (size_t)HONEST * HONEST_OPEN + (size_t)LIARS * LIAR_OPEN;
    uint32_t *hosts = malloc(total * sizeof *hosts);
    assert_non_null(hosts);
    for (uint32_t host = 0; host < LIARS + HONEST; host++)
        for (int i = 0; i < (host < LIARS ? LIAR_OPEN : HONEST_OPEN); i++)
            hosts[n++] = host;
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = (size_t)lrand48() % (i + 1);
        uint32_t host = hosts[i];
        hosts[i] = hosts[j];
        hosts[j] = host;
    }
    *count = n;
    return hosts;
}

/* Twice as many hosts as the table holds. */
static void a_crowd_hides_few_and_accuses_nobody(void **state)
{
    (void)state;
    struct suspects suspects;
    struct error err;
    size_t count, told = 0;
    uint32_t *hosts = shuffled_answers(&count);
    assert_int_equal(suspects_init(&suspects, ASKED, &err), 0);
    for (size_t i = 0; i < count; i++) {
        if (suspects_count(&suspects, ip_number_v4(hosts[i] * 2654435761u))) {
            assert_true(hosts[i] < LIARS);
            told++;
        }
    }
    assert_true(told >= LIARS * 95 / 100);
    assert_true(suspects.displaced > 0);
    suspects_fini(&suspects);
    free(hosts);
}

/* ---- what is asked ---- */

static void only_tcp_ports_of_this_run_are_asked(void **state)
{
    (void)state;
    struct error err;
    struct address_set addresses = {0};
    struct range_set ports = {0};
    assert_int_equal(range_set_add(&addresses.v4, 0x0a000000, 0x0a0000ff, &err), 0);
    assert_int_equal(range_set_add(&ports, port_code(PORT_TCP, 1), port_code(PORT_TCP, 300), &err),
                     0);
    assert_int_equal(range_set_add(&ports, port_code(PORT_UDP, 1), port_code(PORT_UDP, 100), &err),
                     0);
    assert_int_equal(range_set_normalise(&addresses.v4, &err), 0);
    assert_int_equal(range_set_normalise(&ports, &err), 0);
    struct target_space *space = target_space_new(&addresses, &ports, 1, &err);
    assert_non_null(space);
    uint64_t size = target_space_size(space);
    assert_true(size == 256 * 400);
    assert_true(suspects_asked(space, size) == 300);
    assert_true(suspects_asked(space, size / 3) == 100);
    assert_true(suspects_asked(space, 0) == 0);
    target_space_free(space);
    range_set_fini(&addresses.v4);
    range_set_fini(&ports);
}

static void words_name_the_sign_and_its_reason(void **state)
{
    (void)state;
    const struct suspects suspects = {.asked = 1000, .least = 500};
    struct buffer text;
    buffer_init(&text, 128);
    suspects_describe(&suspects, SUSPECT_MOST_OPEN, &text);
    assert_string_equal(buffer_string(&text), "most-open: 500 of 1000 TCP ports are open so far");
    for (enum suspect_sign sign = SUSPECT_NONE + 1; sign < SUSPECT_SIGNS; sign++) {
        buffer_clear(&text);
        suspects_describe(&suspects, sign, &text);
        assert_false(text.failed);
        assert_memory_equal(text.bytes, suspects_name(sign), strlen(suspects_name(sign)));
    }
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_says_by_itself),
        cmocka_unit_test(a_host_is_told_of_once_at_half_of_its_ports),
        cmocka_unit_test(few_ports_say_nothing),
        cmocka_unit_test(a_crowd_hides_few_and_accuses_nobody),
        cmocka_unit_test(only_tcp_ports_of_this_run_are_asked),
        cmocka_unit_test(words_name_the_sign_and_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
