/* Right answers, torn: nobody finds a cookie by chance, so that what is judged behind it is reached
 * only from an answer that a far end would give. Left as it is, an answer is believed; what is
 * believed of a torn one tells of a pair that is asked.
 *
 * Input: which probe, which of its answers, family, number of the target, how much is cut off; then
 * bytes that the answer is XORed with, and, where it ends, continued by. */
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "fuzz_target.h"
#include "probe/conformance.h"

enum { CASES_MAX = 32, TARGETS = 256, FIRST_TARGET = 0xc6336400 };

static const uint128 first_ipv6 = (uint128)0x20010db8000000aa << 64 | 0xfffffffffffff000;

/* One probe's scan of one family. */
struct scan {
    const struct conformance_case *probe;
    bool is_ipv6;
    struct address_set addresses; /* the space looks into it */
    struct probe_setup setup;
    struct probe_set *set;
};

static struct target_space *make_space(struct scan *scan)
{
    const struct conformance_case *probe = scan->probe;
    struct range_set ports = {0};
    struct error err;
    if (scan->is_ipv6)
        check(range6_set_add(&scan->addresses.v6, first_ipv6, first_ipv6 + TARGETS - 1, &err) ==
                  0 &&
              range6_set_normalise(&scan->addresses.v6, &err) == 0);
    else
        check(range_set_add(&scan->addresses.v4, FIRST_TARGET, FIRST_TARGET + TARGETS - 1, &err) ==
                  0 &&
              range_set_normalise(&scan->addresses.v4, &err) == 0);
    for (unsigned i = 0; i < probe->port_count; i++) {
        uint32_t port = port_code(probe->ops->class, probe->ports[i]);
        check(range_set_add(&ports, port, port, &err) == 0);
    }
    check(range_set_normalise(&ports, &err) == 0);
    struct target_space *space = target_space_new(&scan->addresses, &ports, 1, &err);
    range_set_fini(&ports);
    check(space != NULL);
    return space;
}

static void begin(struct scan *scan, const struct conformance_case *probe, bool is_ipv6)
{
    const struct mac_address near = {{2, 0, 0, 0, 0, 1}}, far = {{2, 0, 0, 0, 0, 2}};
    struct error err;
    *scan = (struct scan){.probe = probe, .is_ipv6 = is_ipv6};
    scan->setup = (struct probe_setup){
        .link = link_header_ethernet(&near, &far, 0x0800),
        .source_address = 0xc0000205,
        .source_address_mask = 3,
        .link_ipv6 = link_header_ethernet(&near, &far, 0x86dd),
        .source_ipv6 = {0x20010db800000001, 0xfff0},
        .source_ipv6_mask = 3,
        .source_port = 40001,
        .source_port_mask = 255,
        .ttl = 255,
        .tcp_mss = 1460,
        .tcp_attempt_shift = 27,
        .key = {0x0123456789abcdef, 0xfedcba9876543210},
        .space = make_space(scan),
    };
    scan->set = probe_set_new(&scan->setup, &err);
    check(scan->set != NULL);
}

static struct scan *scan_of(unsigned number, bool is_ipv6)
{
    static struct scan scans[CASES_MAX][2];
    const struct conformance_case *probe = &conformance_cases[number];
    check(conformance_case_count <= CASES_MAX);
    is_ipv6 = probe->version == 0 ? is_ipv6 : probe->version == 6;
    struct scan *scan = &scans[number][is_ipv6];
    if (scan->set == NULL)
        begin(scan, probe, is_ipv6);
    return scan;
}

struct pair {
    struct ip_number address;
    uint32_t port;
};

static struct pair pair_of(const struct scan *scan, uint8_t target)
{
    const uint128 ipv6 = first_ipv6 + target;
    return (struct pair){
        .address = scan->is_ipv6 ? (struct ip_number){(uint64_t)(ipv6 >> 64), (uint64_t)ipv6}
                                 : ip_number_v4(FIRST_TARGET + target),
        .port = port_code(scan->probe->ops->class,
                          scan->probe->ports[target % scan->probe->port_count]),
    };
}

/* The answer that a far end makes of the pair's probe, on the link; returns its length. */
static size_t answer(const struct scan *scan, const struct pair *pair,
                     const struct answer_kind *kind, uint8_t *frame)
{
    uint8_t probe[CONFORMANCE_FRAME];
    const struct cookie cookie = cookie_of(&scan->setup, pair->address, pair->port);
    const size_t link = scan->setup.link.length;
    scan->probe->reference(probe, &scan->setup, pair->address, pair->port, &cookie);
    memcpy(frame, probe, link);
    return link + kind->build(frame + link, probe + link);
}

static const struct answer_kind *kind_of(const struct conformance_case *probe, unsigned number)
{
    unsigned count = 0;
    while (probe->answers[count] != NULL)
        count++;
    return probe->answers[number % count];
}

/* From memory that ends with the frame. */
static enum probe_verdict judge(const struct scan *scan, const uint8_t *frame, size_t length,
                                struct probe_reply *reply)
{
    struct packet packet;
    enum probe_verdict verdict = PROBE_IGNORE;
    uint8_t *copy = malloc(length);
    if (length > 0)
        memcpy(copy, frame, length);
    if (packet_decode(&packet, copy, length, true) == PACKET_OK)
        verdict = probe_set_match(scan->set, &packet, reply);
    free(copy);
    return verdict;
}

static bool is_all_zero(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* The answer's new length; `frame` has room for the longest input. */
static size_t tear(uint8_t *frame, size_t length, const uint8_t *with, size_t size, size_t cut)
{
    for (size_t i = 0; i < size; i++)
        frame[i] = i < length ? frame[i] ^ with[i] : with[i];
    length = size > length ? size : length;
    return cut < length ? length - cut : 0;
}

static void try(const struct scan *scan, unsigned answer_number, uint8_t target, size_t cut,
                const uint8_t *with, size_t size)
{
    const struct answer_kind *kind = kind_of(scan->probe, answer_number);
    const struct pair pair = pair_of(scan, target);
    uint8_t *frame = calloc(1, CONFORMANCE_FRAME + size);
    size_t length = answer(scan, &pair, kind, frame);
    bool is_whole = cut == 0 && size <= length && is_all_zero(with, size);
    struct probe_reply reply = {0};
    enum probe_verdict verdict = judge(scan, frame, tear(frame, length, with, size, cut), &reply);
    if (is_whole)
        check(verdict == kind->verdict && reply.port == pair.port &&
              ip_number_equal(reply.address, pair.address));
    if (verdict == PROBE_OPEN || verdict == PROBE_CLOSED || verdict == PROBE_UP)
        check(target_space_contains(scan->setup.space, reply.address, reply.port));
    free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader input = reader_over(data, size);
    unsigned number = reader_u8(&input) % (unsigned)conformance_case_count;
    unsigned answer_number = reader_u8(&input);
    bool is_ipv6 = reader_u8(&input) % 2;
    uint8_t target = reader_u8(&input);
    size_t cut = reader_u8(&input), left = reader_left(&input);
    if (!input.failed)
        try(scan_of(number, is_ipv6), answer_number, target, cut, reader_bytes(&input, left), left);
    return 0;
}
