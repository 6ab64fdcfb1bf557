/* The receive filter, run by the kernel: attached to one end of a pair of local sockets, and
 * compared with a plain reading of its contract. */
#include "transport/filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAME_MAX = 1600, RANDOM_FRAMES = 20000 };

static const struct transport_setup one_port = {
    .has_ethernet = true,
    .address = 0xc0000201, /* 192.0.2.1 */
    .address_mask = 0xffffffff,
    .port = 40000,
    .port_mask = 0xffff,
};

struct pair {
    int in, out;
};

static struct pair filtered_pair(const struct transport_setup *setup)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    struct sock_filter program[FILTER_MAX];
    struct sock_fprog attached = {.filter = program};
    attached.len = (unsigned short)filter_build(program, setup);
    assert_in_range(attached.len, 1, FILTER_MAX);
    assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached),
                     0);
    return (struct pair){.in = ends[0], .out = ends[1]};
}

static void pair_close(struct pair *pair)
{
    close(pair->in);
    close(pair->out);
}

/* Whether the filter let it through, and if so unchanged. */
static bool passes(const struct pair *pair, const uint8_t *frame, size_t length)
{
    uint8_t got[FRAME_MAX];
    assert_int_equal(send(pair->in, frame, length, 0), length);
    ssize_t received = recv(pair->out, got, sizeof got, 0);
    if (received < 0) {
        assert_int_equal(errno, EAGAIN);
        return false;
    }
    assert_int_equal(received, length);
    assert_memory_equal(got, frame, length);
    return true;
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

struct sample {
    uint16_t ethertype;
    uint8_t version_and_words;
    uint16_t fragment;
    uint8_t protocol;
    uint32_t destination;
    uint16_t port;
};

static const struct sample good = {0x0800, 0x45, 0, 6, 0xc0000201, 40000};

static size_t write_sample(uint8_t *frame, const struct sample *sample, bool has_ethernet)
{
    memset(frame, 0, FRAME_MAX);
    uint8_t *ip = frame;
    if (has_ethernet) {
        put16(frame + 12, sample->ethertype);
        ip += 14;
    }
    ip[0] = sample->version_and_words;
    put16(ip + 6, sample->fragment);
    ip[9] = sample->protocol;
    put32(ip + 16, sample->destination);
    uint8_t *segment = ip + 4 * (sample->version_and_words & 15);
    put16(segment + 2, sample->port);
    return (size_t)(segment + 20 - frame);
}

/* The contract again, in other words. */
static bool wanted(const struct sample *sample, const struct transport_setup *setup)
{
    if (setup->has_ethernet && sample->ethertype == 0x0806)
        return true;
    if (setup->has_ethernet ? sample->ethertype != 0x0800 : sample->version_and_words >> 4 != 4)
        return false;
    if ((sample->destination ^ setup->address) & setup->address_mask)
        return false;
    switch (sample->protocol) {
    case 1:
        return true;
    case 6:
    case 17:
    case 132:
        return (sample->fragment & 0x1fff) == 0 &&
               ((sample->port ^ setup->port) & setup->port_mask) == 0;
    default:
        return setup->all_protocols;
    }
}

static void decides_single_deviations(void **state)
{
    (void)state;
    static const struct {
        struct sample sample;
        bool passes;
    } cases[] = {
        {{0x0800, 0x45, 0, 6, 0xc0000201, 40000}, true},
        {{0x0800, 0x4f, 0, 6, 0xc0000201, 40000}, true}, /* IP options */
        {{0x0800, 0x45, 0, 17, 0xc0000201, 40000}, true},
        {{0x0800, 0x45, 0, 132, 0xc0000201, 40000}, true},
        {{0x0800, 0x45, 0, 1, 0xc0000201, 7}, true},
        {{0x0800, 0x45, 0x4000, 6, 0xc0000201, 40000}, true}, /* don't fragment */
        {{0x0800, 0x45, 0x2000, 6, 0xc0000201, 40000}, true}, /* first fragment */
        {{0x0800, 0x45, 0x0001, 6, 0xc0000201, 40000}, false},
        {{0x0806, 0x45, 0, 6, 0, 0}, true},
        {{0x86dd, 0x45, 0, 6, 0xc0000201, 40000}, false},
        {{0x8100, 0x45, 0, 6, 0xc0000201, 40000}, false},
        {{0x0800, 0x45, 0, 47, 0xc0000201, 40000}, false},
        {{0x0800, 0x45, 0, 6, 0xc0000200, 40000}, false},
        {{0x0800, 0x45, 0, 6, 0x40000201, 40000}, false},
        {{0x0800, 0x45, 0, 6, 0xc0000201, 40001}, false},
        {{0x0800, 0x45, 0, 17, 0xc0000201, 7232}, false},
        {{0x0800, 0x45, 0, 1, 0xc0000202, 7}, false},
    };
    struct pair pair = filtered_pair(&one_port);
    uint8_t frame[FRAME_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = write_sample(frame, &cases[i].sample, true);
        assert_int_equal(passes(&pair, frame, length), cases[i].passes);
    }
    pair_close(&pair);
}

/* ---- IPv6 ---- */

/* 2001:db8:0:1::8 to ::f, ports 40000 to 40003. */
static const struct transport_setup block_ipv6 = {
    .has_ethernet = true,
    .address_mask = 0xffffffff,
    .address_ipv6 = {0x20010db800000001, 8},
    .address_ipv6_mask = {UINT64_MAX, ~7ull},
    .port = 40000,
    .port_mask = 0xfffc,
};

struct sample_ipv6 {
    const char *what;
    uint64_t high, low; /* the destination */
    uint8_t next_header;
    uint16_t port; /* of the header behind, in its third and fourth byte */
    uint8_t first; /* its first byte */
    bool passes;
};

static const struct sample_ipv6 samples_ipv6[] = {
    {"TCP to the first address", 0x20010db800000001, 8, 6, 40000, 0, true},
    {"TCP to the last address and port", 0x20010db800000001, 15, 6, 40003, 0, true},
    {"UDP", 0x20010db800000001, 8, 17, 40001, 0, true},
    {"SCTP", 0x20010db800000001, 8, 132, 40002, 0, true},
    {"the port before", 0x20010db800000001, 8, 6, 39999, 0, false},
    {"the port behind", 0x20010db800000001, 8, 17, 40004, 0, false},
    {"the address before", 0x20010db800000001, 7, 6, 40000, 0, false},
    {"the address behind", 0x20010db800000001, 16, 6, 40000, 0, false},
    {"another first word", 0x20020db800000001, 8, 6, 40000, 0, false},
    {"another second word", 0x20010db800000000, 8, 6, 40000, 0, false},
    {"another third word", 0x20010db800000001, 8 | 1ull << 32, 6, 40000, 0, false},
    {"an echo reply", 0x20010db800000001, 8, 58, 0, 129, true},
    {"an unreachable", 0x20010db800000001, 8, 58, 0, 1, true},
    {"an advertisement", 0x20010db800000001, 8, 58, 0, 136, true},
    {"a solicitation to a group", 0xff02ull << 48, 0x1ff000008, 58, 0, 135, true},
    {"an advertisement to a group", 0xff02ull << 48, 1, 58, 0, 136, false},
    {"UDP to a group", 0xff02ull << 48, 1, 17, 40000, 0, false},
    {"a first fragment", 0x20010db800000001, 8, 44, 1, 6, true},
    {"a further fragment", 0x20010db800000001, 8, 44, 8, 6, false},
    {"destination options", 0x20010db800000001, 8, 60, 0, 6, true},
    {"hop-by-hop options", 0x20010db800000001, 8, 0, 0, 6, true},
    {"a routing header", 0x20010db800000001, 8, 43, 0, 6, true},
    {"hop-by-hop options to another", 0x20010db800000001, 16, 0, 0, 6, false},
    {"another protocol", 0x20010db800000001, 8, 47, 40000, 0, false},
};

static size_t write_ipv6(uint8_t *frame, const struct sample_ipv6 *sample, bool has_ethernet)
{
    memset(frame, 0, FRAME_MAX);
    uint8_t *ip = frame;
    if (has_ethernet) {
        put16(frame + 12, 0x86dd);
        ip += 14;
    }
    ip[0] = 0x60;
    ip[6] = sample->next_header;
    put32(ip + 24, (uint32_t)(sample->high >> 32));
    put32(ip + 28, (uint32_t)sample->high);
    put32(ip + 32, (uint32_t)(sample->low >> 32));
    put32(ip + 36, (uint32_t)sample->low);
    ip[40] = sample->first;
    put16(ip + 42, sample->port);
    return (size_t)(ip + 60 - frame);
}

static void check_ipv6(const struct transport_setup *setup, bool any_passes)
{
    struct pair pair = filtered_pair(setup);
    uint8_t frame[FRAME_MAX];
    for (size_t i = 0; i < sizeof samples_ipv6 / sizeof samples_ipv6[0]; i++) {
        size_t length = write_ipv6(frame, &samples_ipv6[i], setup->has_ethernet);
        if (passes(&pair, frame, length) != (any_passes && samples_ipv6[i].passes))
            fail_msg("%s", samples_ipv6[i].what);
    }
    pair_close(&pair);
}

static void decides_about_ipv6(void **state)
{
    (void)state;
    struct transport_setup setup = block_ipv6;
    check_ipv6(&setup, true);
    setup.has_ethernet = false;
    check_ipv6(&setup, true);
    check_ipv6(&one_port, false);
    setup = block_ipv6;
    setup.all_protocols = true;
    struct pair pair = filtered_pair(&setup);
    uint8_t frame[FRAME_MAX];
    size_t length =
        write_ipv6(frame, &samples_ipv6[sizeof samples_ipv6 / sizeof samples_ipv6[0] - 1], true);
    assert_true(passes(&pair, frame, length));
    pair_close(&pair);
}

static void rejects_ipv6_that_ends_early(void **state)
{
    (void)state;
    struct pair pair = filtered_pair(&block_ipv6);
    uint8_t frame[FRAME_MAX];
    size_t length = write_ipv6(frame, &samples_ipv6[0], true);
    for (size_t cut = 1; cut <= length; cut++)
        assert_int_equal(passes(&pair, frame, cut), cut >= 14 + 40 + 4);
    pair_close(&pair);
}

/* ---- all ---- */

static void rejects_frames_that_end_early(void **state)
{
    (void)state;
    struct pair pair = filtered_pair(&one_port);
    uint8_t frame[FRAME_MAX];
    size_t length = write_sample(frame, &good, true);
    size_t needed = 14 + 20 + 4;
    for (size_t cut = 1; cut <= length; cut++)
        assert_int_equal(passes(&pair, frame, cut), cut >= needed);
    put16(frame + 12, 0x0806);
    assert_true(passes(&pair, frame, 14));
    assert_false(passes(&pair, frame, 13));
    pair_close(&pair);
}

static void leaves_long_frames_whole(void **state)
{
    (void)state;
    struct pair pair = filtered_pair(&one_port);
    uint8_t frame[FRAME_MAX];
    write_sample(frame, &good, true);
    memset(frame + 60, 0xa5, sizeof frame - 60);
    assert_true(passes(&pair, frame, sizeof frame));
    pair_close(&pair);
}

/* Values around the edges of what the setups below ask for. */
static struct sample random_sample(void)
{
    static const uint16_t ethertypes[] = {0x0800, 0x0800, 0x0800, 0x0806, 0x86dd, 0x8100};
    static const uint8_t protocols[] = {1, 6, 17, 132, 47, 0};
    static const uint16_t fragments[] = {0, 0, 0x4000, 0x2000, 0x0001, 0x1000, 0xffff};
    static const uint8_t versions[] = {0x45, 0x46, 0x4f, 0x65};
#define PICK(array) array[(size_t)rand() % (sizeof(array) / sizeof(array)[0])]
    return (struct sample){
        .ethertype = PICK(ethertypes),
        .version_and_words = PICK(versions),
        .fragment = PICK(fragments),
        .protocol = PICK(protocols),
        .destination = 0xc0000200 + (uint32_t)(rand() % 12) - 2,
        .port = (uint16_t)(39998 + rand() % 12),
    };
}

static void agrees_with_its_contract_on_blocks(void **state)
{
    (void)state;
    static const struct transport_setup setups[] = {
        {.has_ethernet = true, .address_mask = 0, .port_mask = 0},
        {.has_ethernet = true,
         .address = 0xc0000200,
         .address_mask = 0xfffffffc,
         .port = 40000,
         .port_mask = 0xfffc},
        {.has_ethernet = false,
         .address = 0xc0000203,
         .address_mask = 0xffffffff,
         .port = 40003,
         .port_mask = 0xffff},
        {.has_ethernet = false,
         .address = 0xc0000200,
         .address_mask = 0xfffffff8,
         .port = 40000,
         .port_mask = 0xfff8,
         .all_protocols = true},
    };
    srand(1);
    for (size_t i = 0; i < sizeof setups / sizeof setups[0]; i++) {
        struct pair pair = filtered_pair(&setups[i]);
        unsigned accepted = 0;
        for (unsigned n = 0; n < RANDOM_FRAMES / 4; n++) {
            uint8_t frame[FRAME_MAX];
            struct sample sample = random_sample();
            size_t length = write_sample(frame, &sample, setups[i].has_ethernet);
            bool expected = wanted(&sample, &setups[i]);
            assert_int_equal(passes(&pair, frame, length), expected);
            accepted += expected;
        }
        assert_in_range(accepted, 20, RANDOM_FRAMES / 4 - 20); /* both answers were seen */
        pair_close(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_single_deviations),
        cmocka_unit_test(decides_about_ipv6),
        cmocka_unit_test(rejects_ipv6_that_ends_early),
        cmocka_unit_test(rejects_frames_that_end_early),
        cmocka_unit_test(leaves_long_frames_whole),
        cmocka_unit_test(agrees_with_its_contract_on_blocks),
    };
    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
