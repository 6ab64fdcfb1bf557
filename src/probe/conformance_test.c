/* The suite that every probe passes: frames equal to plain references in every lane and count, and
 * answers believed only when every bit that proves them is right. */
#include "probe/conformance.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "probe/test_space.h"

enum {
    FRAME_ROOM = 2048,
    CANARY = 0xa5,
    FIRST_TARGET = 0xc6336400, /* 198.51.100.0/24, a target a lane */
    LINKS = 2,
    SOURCES = 3,
    OPTIONS = 5, /* settings of TCP options */
    SETUPS = LINKS * SOURCES * OPTIONS,
    RANGED_SETUP = 1, /* Ethernet, 4 addresses x 256 ports */
};

/* The same number of targets in each family. */
static const struct ip_number first_ipv6 = {0x20010db8000000aa, 0xfffffffffffff000};
static const struct ip_number source_ipv6 = {0x20010db800000001, 0xfff0};

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

static const struct siphash_key test_key = {0x0123456789abcdefull, 0xfedcba9876543210ull};

/* A probe that is open, and one batch of it. */
struct fixture {
    const struct conformance_case *probe;
    uint8_t version;
    struct target_space space;
    struct probe_setup setup;
    struct probe_batch batch;
    struct probe_lanes_ipv6 lanes;
    void *state;
    uint8_t *memory; /* BATCH_LANES frames of FRAME_ROOM bytes */
    uint8_t *frame[BATCH_LANES];
    uint32_t length[BATCH_LANES];
    size_t reference_length[BATCH_LANES];
    uint8_t reference[BATCH_LANES][CONFORMANCE_FRAME];
};

/* Setup number n: link, sources and MSS option as its digits. */
static struct probe_setup setup_number(unsigned n)
{
    const struct mac_address near = {{2, 0, 0, 0, 0, 1}}, far = {{2, 0, 0, 0, 0, 2}};
    const struct link_header links[LINKS] = {
        link_header_ethernet(&near, &far, 0x0800),
        {.length = 0},
    };
    const struct link_header links_ipv6[LINKS] = {
        link_header_ethernet(&near, &far, 0x86dd),
        {.length = 0},
    };
    const struct {
        uint32_t address, address_mask;
        uint16_t port, port_mask;
    } sources[SOURCES] = {
        {0xc0000201, 0, 40000, 0},
        {0xc0000205, 3, 40001, 255}, /* no need to start at a multiple of the size */
        {0x0a000000, 0xffff, 32768, 0x7fff},
    };
    /* Of SYNs: the usual one, none, all (a frame of two blocks), and some. */
    static const struct {
        uint16_t mss;
        uint8_t window_scale;
        uint32_t timestamp;
        bool sack;
    } options[OPTIONS] = {{1460}, {0}, {1400, 14, 0x01020304, true}, {1400, 0, 0, true}, {0, 3, 7}};
    const __auto_type option = &options[n / SOURCES / LINKS];
    return (struct probe_setup){
        .link = links[n / SOURCES % LINKS],
        .source_address = sources[n % SOURCES].address,
        .source_address_mask = sources[n % SOURCES].address_mask,
        .link_ipv6 = links_ipv6[n / SOURCES % LINKS],
        .source_ipv6 = source_ipv6,
        .source_ipv6_mask = sources[n % SOURCES].address_mask,
        .source_port = sources[n % SOURCES].port,
        .source_port_mask = sources[n % SOURCES].port_mask,
        .ttl = 255,
        .tcp_mss = option->mss,
        .tcp_has_window_scale = option->window_scale > 0,
        .tcp_window_scale = option->window_scale,
        .tcp_has_timestamp = option->timestamp > 0,
        .tcp_timestamp = option->timestamp,
        .tcp_allows_sack = option->sack,
        .key = test_key,
        .level = level,
    };
}

static void fill_space(struct target_space *space, const struct conformance_case *probe)
{
    uint128 first = ip_number_value(first_ipv6);
    *space = (struct target_space){
        .first = FIRST_TARGET, .last = FIRST_TARGET + 255, .ipv6 = {first, first + 255}};
    if (probe->version == 4)
        space->ipv6 = (struct range6){0, 0};
    for (unsigned i = 0; i < probe->port_count; i++) {
        uint32_t port = port_code(probe->ops->class, probe->ports[i]);
        test_space_add_ports(space, port, port);
    }
}

/* Target number `target`, with its port, in this lane. */
static void fill_lane(struct fixture *f, unsigned lane, unsigned target)
{
    f->batch.address[lane] = FIRST_TARGET + target;
    f->lanes.address.high[lane] = first_ipv6.high;
    f->lanes.address.low[lane] = first_ipv6.low + target;
    f->batch.port[lane] =
        port_code(f->probe->ops->class, f->probe->ports[target % f->probe->port_count]);
}

static void fill_batch(struct fixture *f)
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        fill_lane(f, i, i);
    f->batch.count = BATCH_LANES;
    f->batch.ipv6 = f->version == 6 ? &f->lanes : NULL;
    cookie_batch(&f->setup, &f->batch);
}

static struct ip_number address_of_lane(const struct fixture *f, unsigned lane)
{
    return f->version == 6 ? address_lane(&f->lanes.address, lane)
                           : ip_number_v4(f->batch.address[lane]);
}

static struct cookie cookie_of_lane(const struct fixture *f, unsigned lane)
{
    return cookie_of(&f->setup, address_of_lane(f, lane), f->batch.port[lane]);
}

static void fill_references(struct fixture *f)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        struct cookie cookie = cookie_of_lane(f, i);
        f->reference_length[i] = f->probe->reference(
            f->reference[i], &f->setup, address_of_lane(f, i), f->batch.port[i], &cookie);
    }
}

static void write_frames(struct fixture *f)
{
    memset(f->memory, CANARY, (size_t)BATCH_LANES * FRAME_ROOM);
    memset(f->length, CANARY, sizeof f->length);
    f->probe->ops->patch(f->state, &f->batch, f->frame, f->length);
}

static struct fixture *fixture_new(const struct conformance_case *probe, unsigned setup,
                                   uint8_t version)
{
    struct error err;
    struct fixture *f = aligned_alloc(64, sizeof *f);
    assert_non_null(f);
    *f = (struct fixture){.probe = probe, .version = version, .setup = setup_number(setup)};
    f->setup.space = &f->space;
    fill_space(&f->space, probe);
    f->state = aligned_alloc(64, (probe->ops->state_size + 63) / 64 * 64);
    f->memory = malloc((size_t)BATCH_LANES * FRAME_ROOM);
    assert_non_null(f->state);
    assert_non_null(f->memory);
    for (size_t i = 0; i < BATCH_LANES; i++)
        f->frame[i] = f->memory + i * FRAME_ROOM;
    assert_int_equal(probe->ops->init(f->state, &f->setup, &err), 0);
    fill_batch(f);
    fill_references(f);
    write_frames(f);
    return f;
}

static void fixture_free(struct fixture *f)
{
    f->probe->ops->fini(f->state);
    free(f->state);
    free(f->memory);
    free(f);
}

typedef void check_function(struct fixture *f);

/* Runs the check on every probe, of both families, under one setup or (SETUPS) under each. */
static void for_each_probe(check_function *check, unsigned setup)
{
    for (size_t i = 0; i < conformance_case_count; i++) {
        unsigned first = setup == SETUPS ? 0 : setup;
        unsigned last = setup == SETUPS ? SETUPS - 1 : setup;
        for (unsigned n = first; n <= last; n++) {
            for (uint8_t version = 4; version <= 6; version += 2) {
                if (conformance_cases[i].version != 0 && conformance_cases[i].version != version)
                    continue;
                if (conformance_cases[i].is_arp && setup_number(n).link.length == 0)
                    continue;
                struct fixture *f = fixture_new(&conformance_cases[i], n, version);
                check(f);
                fixture_free(f);
            }
        }
    }
}

static bool is_untouched(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != CANARY)
            return false;
    return true;
}

static void check_lane(const struct fixture *f, unsigned lane)
{
    size_t length = f->reference_length[lane];
    size_t touched = (length + 63) / 64 * 64;
    assert_int_equal(f->length[lane], length);
    if (memcmp(f->frame[lane], f->reference[lane], length) != 0) {
        print_error("%s: lane %u differs\n", f->probe->name, lane);
        assert_memory_equal(f->frame[lane], f->reference[lane], length);
    }
    assert_true(is_untouched(f->frame[lane] + touched, FRAME_ROOM - touched));
}

static void check_against_reference(struct fixture *f)
{
    for (unsigned lane = 0; lane < BATCH_LANES; lane++)
        check_lane(f, lane);
}

static void frames_equal_the_reference(void **state)
{
    (void)state;
    for_each_probe(check_against_reference, SETUPS);
}

static void check_counts(struct fixture *f)
{
    for (unsigned count = 0; count <= BATCH_LANES; count++) {
        f->batch.count = count;
        write_frames(f);
        for (unsigned lane = count ? count - 1 : 0; lane < count; lane++)
            check_lane(f, lane);
        if (count < BATCH_LANES) {
            assert_true(is_untouched(f->frame[count], 128));
            assert_true(is_untouched((const uint8_t *)&f->length[count], sizeof f->length[count]));
        }
    }
}

static void every_count_writes_that_many(void **state)
{
    (void)state;
    for_each_probe(check_counts, 0);
}

static void check_sums(const struct fixture *f, const uint8_t *ip, size_t length)
{
    const bool v6 = f->version == 6;
    const uint8_t *transport = ip + conformance_header(ip);
    size_t rest = length - conformance_header(ip);
    uint32_t addresses = v6 ? checksum_add(0, ip + 8, 32) : checksum_add(0, ip + 12, 8);
    uint32_t pseudo = addresses + (v6 ? ip[6] : ip[9]) + (uint32_t)rest;
    if (!v6)
        assert_int_equal(checksum_finish(checksum_add(0, ip, 20)), 0);
    if (rest == 0)
        return;
    switch (v6 ? ip[6] : ip[9]) {
    case IPPROTO_TCP:
        assert_int_equal(checksum_finish(checksum_add(pseudo, transport, rest)), 0);
        break;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
        assert_true(transport[6] != 0 || transport[7] != 0);
        assert_int_equal(checksum_finish(checksum_add(pseudo, transport, rest)), 0);
        break;
    case IPPROTO_ICMP:
    case IPPROTO_IGMP:
    case IPPROTO_ICMPV6:
        assert_int_equal(checksum_finish(checksum_add(v6 ? pseudo : 0, transport, rest)), 0);
        break;
    case IPPROTO_SCTP: {
        uint8_t copy[CONFORMANCE_FRAME];
        memcpy(copy, transport, rest);
        uint32_t crc = copy[8] | copy[9] << 8 | copy[10] << 16 | (uint32_t)copy[11] << 24;
        memset(copy + 8, 0, 4);
        assert_int_equal(crc, crc32c(copy, rest));
        break;
    }
    default: /* without one */
        assert_int_equal(f->probe->protocol, IPPROTO_RAW);
    }
}

static void check_arp(const struct fixture *f, unsigned lane)
{
    struct packet packet;
    assert_int_equal(packet_decode(&packet, f->frame[lane], f->length[lane], true), PACKET_OK);
    assert_int_equal(packet.kind, PACKET_ARP);
    assert_int_equal(packet.arp.operation, ARP_REQUEST);
    assert_int_equal(packet.arp.sender, cookie_of_lane(f, lane).source_address.low & 0xffffffff);
    assert_int_equal(packet.arp.target, f->batch.address[lane]);
    assert_true(mac_equal(&packet.arp.sender_mac, &packet.source_mac));
}

/* The protocol on the wire. */
static uint8_t wire_protocol(const struct fixture *f, unsigned lane)
{
    if (f->probe->protocol == IPPROTO_RAW)
        return (uint8_t)f->batch.port[lane];
    bool is_icmpv6 = f->version == 6 && f->probe->protocol == IPPROTO_ICMP;
    return is_icmpv6 ? IPPROTO_ICMPV6 : f->probe->protocol;
}

static bool probes_ports(const struct fixture *f)
{
    return f->probe->ops->class <= PORT_SCTP;
}

static void check_decoding(struct fixture *f)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        if (f->probe->is_arp) {
            check_arp(f, i);
            continue;
        }
        struct packet packet;
        struct cookie cookie = cookie_of_lane(f, i);
        size_t link = f->setup.link.length;
        assert_int_equal(packet_decode(&packet, f->frame[i], f->length[i], link > 0), PACKET_OK);
        assert_true(ip_number_equal(packet_source(&packet), cookie.source_address));
        assert_true(ip_number_equal(packet_destination(&packet), address_of_lane(f, i)));
        assert_int_equal(packet.protocol, wire_protocol(f, i));
        assert_int_equal(packet.ttl, f->setup.ttl);
        assert_int_equal(packet.ip_id, cookie.tag & (f->version == 6 ? 0xfffff : 0xffff));
        if (probes_ports(f)) {
            assert_int_equal(packet.source_port, cookie.source_port);
            assert_int_equal(packet.destination_port, port_code_number(f->batch.port[i]));
        }
        check_sums(f, f->frame[i] + link, f->length[i] - link);
    }
}

static void frames_decode_and_their_checksums_hold(void **state)
{
    (void)state;
    for_each_probe(check_decoding, SETUPS);
}

/* The same pair in another lane of another batch. */
static void check_retry(struct fixture *f)
{
    static uint8_t first[BATCH_LANES][CONFORMANCE_FRAME];
    for (unsigned i = 0; i < BATCH_LANES; i++)
        memcpy(first[i], f->frame[i], f->length[i]);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        fill_lane(f, i, BATCH_LANES - 1 - i);
    cookie_batch(&f->setup, &f->batch);
    write_frames(f);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        assert_memory_equal(f->frame[i], first[BATCH_LANES - 1 - i], f->length[i]);
}

static void a_retry_is_the_same_packet(void **state)
{
    (void)state;
    for_each_probe(check_retry, RANGED_SETUP);
}

/* An answer on the link, ready to be decoded. */
struct answer {
    uint8_t bytes[CONFORMANCE_FRAME];
    size_t length;
    uint8_t *ip;
};

static void build_answer(struct answer *answer, const struct fixture *f,
                         const struct answer_kind *kind, unsigned lane)
{
    size_t link = f->setup.link.length;
    memcpy(answer->bytes, f->frame[lane], link);
    answer->ip = answer->bytes + link;
    answer->length = link + kind->build(answer->ip, f->frame[lane] + link);
}

/* Decodes from memory that ends with the answer. What does not decode never reaches a probe. */
static enum probe_verdict judge(const struct fixture *f, const uint8_t *bytes, size_t length,
                                struct probe_reply *reply)
{
    struct packet packet;
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    enum probe_verdict verdict = PROBE_IGNORE;
    if (packet_decode(&packet, copy, length, f->setup.link.length > 0) == PACKET_OK)
        verdict = f->probe->ops->match(f->state, &packet, reply);
    free(copy);
    return verdict;
}

static void check_answer(const struct fixture *f, const struct answer_kind *kind, unsigned lane)
{
    struct answer answer;
    struct probe_reply reply;
    build_answer(&answer, f, kind, lane);
    memset(&reply, CANARY, sizeof reply);
    enum probe_verdict verdict = judge(f, answer.bytes, answer.length, &reply);
    if (verdict != kind->verdict)
        fail_msg("%s, %s, lane %u: verdict %d", f->probe->name, kind->name, lane, (int)verdict);
    assert_true(ip_number_equal(reply.address, address_of_lane(f, lane)));
    assert_int_equal(reply.port, f->batch.port[lane]);
    assert_int_equal(reply.protocol, f->probe->protocol);
    assert_int_equal(reply.reason, kind->reason);
    assert_int_equal(reply.ttl, f->probe->is_arp ? 0 : 57);
    if (kind->verdict == PROBE_UP)
        assert_int_equal(reply.mac.bytes[5], 7);
    assert_int_equal(reply.answer_reset, kind->answer_reset);
}

static void check_answers(struct fixture *f)
{
    for (const struct answer_kind *const *kind = f->probe->answers; *kind; kind++)
        for (unsigned lane = 0; lane < BATCH_LANES; lane++)
            check_answer(f, *kind, lane);
}

static void right_answers_are_believed(void **state)
{
    (void)state;
    for_each_probe(check_answers, SETUPS);
}

static void check_not_believed(const struct fixture *f, const struct answer *answer,
                               const struct answer_kind *kind, const char *why)
{
    struct probe_reply reply;
    enum probe_verdict verdict = judge(f, answer->bytes, answer->length, &reply);
    if (verdict > PROBE_ERROR)
        fail_msg("%s, %s: believed although %s", f->probe->name, kind->name, why);
}

static void flip_bits(const struct fixture *f, struct answer *answer,
                      const struct answer_kind *kind, const struct proof *proof)
{
    const struct span span = conformance_span(answer->ip, proof);
    assert_true(span.length > 0);
    for (size_t bit = 0; bit < span.length * 8; bit++) {
        answer->ip[span.at + bit / 8] ^= (uint8_t)(1 << bit % 8);
        check_not_believed(f, answer, kind, "a bit of its proof is wrong");
        answer->ip[span.at + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void check_flips(struct fixture *f)
{
    for (const struct answer_kind *const *kind = f->probe->answers; *kind; kind++) {
        for (unsigned lane = 0; lane < 8; lane++) {
            struct answer answer;
            build_answer(&answer, f, *kind, lane);
            for (unsigned i = 0; i < (*kind)->proof_count; i++)
                flip_bits(f, &answer, *kind, &(*kind)->proofs[i]);
        }
    }
}

static void no_bit_of_a_proof_may_be_wrong(void **state)
{
    (void)state;
    for_each_probe(check_flips, RANGED_SETUP);
}

/* A probe of ours that went to somebody else, or the answer to it, proves nothing here. */
static void check_strangers(struct fixture *f)
{
    enum { ARP_SENDER = 14, ARP_TARGET = 24 };
    for (const struct answer_kind *const *kind = f->probe->answers; *kind; kind++) {
        struct answer answer;
        build_answer(&answer, f, *kind, 1);
        const size_t header = conformance_header(answer.ip), quote = header + 8;
        const bool arp = f->probe->is_arp;
        const size_t source = arp ? ARP_SENDER : f->version == 6 ? 8 : 12;
        const size_t destination = arp ? ARP_TARGET : f->version == 6 ? 24 : 16;
        size_t address = (*kind)->from_router ? quote + destination : source;
        size_t port = (*kind)->from_router ? quote + header + 2 : header;
        answer.ip[address] ^= 0x40;
        check_not_believed(f, &answer, *kind, "another address answers");
        answer.ip[address] ^= 0x40;
        if (probes_ports(f)) {
            answer.ip[port] ^= 0x10;
            check_not_believed(f, &answer, *kind, "another port answers");
            answer.ip[port] ^= 0x10;
        }
        answer.ip[destination] ^= 0x80;
        assert_int_equal(judge(f, answer.bytes, answer.length, &(struct probe_reply){0}),
                         PROBE_IGNORE); /* addressed to somebody else */
    }
}

static void strangers_are_not_believed(void **state)
{
    (void)state;
    for_each_probe(check_strangers, SETUPS);
}

static void set_length(const struct fixture *f, uint8_t *ip, size_t length)
{
    const size_t header = conformance_header(ip), at = f->version == 6 ? 4 : 2;
    const size_t written = f->version == 6 ? length - header : length;
    ip[at] = (uint8_t)(written >> 8);
    ip[at + 1] = (uint8_t)written;
    if (ip[f->version == 6 ? 6 : 9] == IPPROTO_UDP && length >= header + 8) {
        ip[header + 4] = (uint8_t)((length - header) >> 8);
        ip[header + 5] = (uint8_t)(length - header);
    }
}

/* Cut answers: as they are, and with lengths that agree with the cut. */
static void check_truncations(struct fixture *f)
{
    size_t link = f->setup.link.length;
    for (const struct answer_kind *const *kind = f->probe->answers; *kind; kind++) {
        struct answer whole;
        struct probe_reply reply;
        build_answer(&whole, f, *kind, 0);
        for (size_t length = 0; length < whole.length; length++)
            assert_int_equal(judge(f, whole.bytes, length, &reply), PROBE_IGNORE);
        if (f->probe->is_arp) /* it says nowhere how long it is */
            continue;
        const size_t header = conformance_header(whole.ip);
        const size_t quoted = header + ((*kind)->quotes_ip ? 0 : 8);
        const size_t essential = (*kind)->from_router ? 8 + quoted : (*kind)->essential;
        for (size_t length = header; length < header + essential; length++) {
            struct answer cut;
            build_answer(&cut, f, *kind, 0);
            set_length(f, cut.ip, length);
            cut.length = link + length;
            check_not_believed(f, &cut, *kind, "its end is missing");
        }
    }
}

static void truncated_answers_are_not_believed(void **state)
{
    (void)state;
    for_each_probe(check_truncations, SETUPS);
}

static bool says_closed(const struct fixture *f, unsigned type, unsigned code)
{
    bool port = f->version == 6 ? type == 1 && code == 4 : type == 3 && code == 3;
    bool protocol = f->version == 6 ? type == 4 && code == 1 : type == 3 && code == 2;
    return protocol || (port && probes_ports(f));
}

static bool is_error(uint8_t version, unsigned type)
{
    return version == 6 ? type < 128 : (type >= 3 && type <= 5) || type == 11 || type == 12;
}

/* Errors that speak of the way, not of the port. */
static void check_other_errors(struct fixture *f)
{
    for (const struct answer_kind *const *kind = f->probe->answers; *kind; kind++) {
        if (!(*kind)->from_router)
            continue;
        struct answer answer;
        struct probe_reply reply;
        build_answer(&answer, f, *kind, 3);
        const size_t header = conformance_header(answer.ip);
        const uint8_t type = answer.ip[header], code = answer.ip[header + 1];
        for (unsigned other = 0; other < 0x10000; other++) {
            answer.ip[header] = (uint8_t)(other >> 8);
            answer.ip[header + 1] = (uint8_t)other;
            enum probe_verdict expected = PROBE_IGNORE;
            if (is_error(f->version, other >> 8))
                expected = says_closed(f, other >> 8, other & 0xff) ? PROBE_CLOSED : PROBE_ERROR;
            assert_int_equal(judge(f, answer.bytes, answer.length, &reply), expected);
        }
        answer.ip[header] = type;
        answer.ip[header + 1] = code;
        assert_int_equal(judge(f, answer.bytes, answer.length, &reply), PROBE_CLOSED);
        answer.ip[header + 8 + (f->version == 6 ? 6 : 9)] ^= 1;
        assert_int_equal(judge(f, answer.bytes, answer.length, &reply), PROBE_IGNORE);
    }
}

static void other_icmp_errors_tell_nothing_of_the_pair(void **state)
{
    (void)state;
    for_each_probe(check_other_errors, 0);
}

/* Where less than a whole cookie comes back, the pair must be one of the scan's, even if all that
 * comes back is right. */
static void check_outside(struct fixture *f)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        f->batch.address[i] += 256;
        f->lanes.address.low[i] += 256;
    }
    cookie_batch(&f->setup, &f->batch);
    write_frames(f);
    for (const struct answer_kind *const *kind = f->probe->answers; *kind; kind++) {
        struct answer answer;
        struct probe_reply reply;
        if (!(*kind)->from_router && f->probe->ops->class != PORT_UDP &&
            f->probe->ops->class != PORT_IP_PROTO && !f->probe->is_arp)
            continue;
        build_answer(&answer, f, *kind, 0);
        assert_int_equal(judge(f, answer.bytes, answer.length, &reply), PROBE_IGNORE);
    }
}

static void weak_proofs_count_only_within_the_scan(void **state)
{
    (void)state;
    for_each_probe(check_outside, SETUPS);
}

/* Answers of other kinds of probe, judged by this one: not believed, whatever they say. */
static void check_foreign_answers(struct fixture *f)
{
    for (size_t i = 0; i < conformance_case_count; i++) {
        if (conformance_cases[i].ops == f->probe->ops)
            continue;
        if (conformance_cases[i].version != 0 && conformance_cases[i].version != f->version)
            continue;
        struct fixture *other = fixture_new(&conformance_cases[i], 0, f->version);
        for (const struct answer_kind *const *kind = other->probe->answers; *kind; kind++) {
            struct answer answer;
            build_answer(&answer, other, *kind, 0);
            check_not_believed(f, &answer, *kind, "it answers another kind of probe");
        }
        fixture_free(other);
    }
}

static void answers_to_other_probes_are_not_believed(void **state)
{
    (void)state;
    for_each_probe(check_foreign_answers, 0);
}

static void every_probe_of_the_table_is_tested(void **state)
{
    (void)state;
    for (size_t i = 0; probe_table[i]; i++) {
        size_t found = 0;
        for (size_t j = 0; j < conformance_case_count; j++)
            found += conformance_cases[j].ops == probe_table[i];
        assert_true(found > 0);
        assert_ptr_equal(probe_of_class(probe_table[i]->class), probe_table[i]);
        assert_true(strlen(probe_table[i]->name) > 0 && strlen(probe_table[i]->help) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_probe_of_the_table_is_tested),
        cmocka_unit_test(frames_equal_the_reference),
        cmocka_unit_test(every_count_writes_that_many),
        cmocka_unit_test(frames_decode_and_their_checksums_hold),
        cmocka_unit_test(a_retry_is_the_same_packet),
        cmocka_unit_test(right_answers_are_believed),
        cmocka_unit_test(no_bit_of_a_proof_may_be_wrong),
        cmocka_unit_test(strangers_are_not_believed),
        cmocka_unit_test(truncated_answers_are_not_believed),
        cmocka_unit_test(other_icmp_errors_tell_nothing_of_the_pair),
        cmocka_unit_test(weak_proofs_count_only_within_the_scan),
        cmocka_unit_test(answers_to_other_probes_are_not_believed),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}
