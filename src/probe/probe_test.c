/* The set of a scan's probes: which are opened, who gets which lane, who judges which packet. */
#include "probe/probe.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/bytes.h"
#include "probe/test_space.h"

enum { FIRST_TARGET = 0xc6336400, FRAME_ROOM = 2048 };

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

struct rig {
    struct target_space space;
    struct probe_setup setup;
    struct probe_batch batch;
    uint8_t frames[BATCH_LANES][FRAME_ROOM];
    uint8_t *frame[BATCH_LANES];
    uint32_t length[BATCH_LANES];
};

static struct rig *rig_new(void)
{
    struct rig *rig = aligned_alloc(64, sizeof *rig);
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    rig->space.first = FIRST_TARGET;
    rig->space.last = FIRST_TARGET + 255;
    rig->setup = (struct probe_setup){
        .source_address = 0xc0000201,
        .source_port = 40000,
        .source_port_mask = 255,
        .ttl = 64,
        .tcp_mss = 1460,
        .key = {1, 2},
        .level = level,
        .space = &rig->space,
    };
    for (size_t i = 0; i < BATCH_LANES; i++)
        rig->frame[i] = rig->frames[i];
    return rig;
}

static void add_ports(struct rig *rig, enum port_class class, uint32_t first, uint32_t last)
{
    test_space_add_ports(&rig->space, port_code(class, first), port_code(class, last));
}

static void fill(struct rig *rig, const uint32_t ports[], unsigned port_count, unsigned count)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        rig->batch.address[i] = FIRST_TARGET + i;
        rig->batch.port[i] = ports[i * 7 % port_count];
    }
    rig->batch.count = count;
}

static void fails(struct rig *rig, const char *word)
{
    struct error err = {"nothing"};
    assert_null(probe_set_new(&rig->setup, &err));
    if (strstr(err.text, word) == NULL)
        fail_msg("\"%s\" does not name %s", err.text, word);
    free(rig);
}

static void refuses_what_it_cannot_probe(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    add_ports(rig, PORT_TCP, 1, 1000);
    add_ports(rig, PORT_IP_PROTO, 255, 256);
    fails(rig, "O:256");
    rig = rig_new();
    add_ports(rig, PORT_ICMP, 9, 9);
    fails(rig, "I:9");
    rig = rig_new();
    test_space_add_ports(&rig->space, port_code(PORT_SCTP, 0), port_code(PORT_ICMP, 3));
    fails(rig, "I:2");
    rig = rig_new();
    add_ports(rig, PORT_ICMP, 0, 1);
    rig->setup.source_ipv6 = (struct ip_number){0x20010db800000000, 1};
    rig->space.ipv6 = (struct range6){1, 2};
    fails(rig, "I:1 (timestamp) cannot be asked of IPv6");
}

static void refuses_source_ranges_that_are_none(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    add_ports(rig, PORT_TCP, 1, 1);
    rig->setup.source_port_mask = 2;
    fails(rig, "source ports: 3 ports");
    rig = rig_new();
    add_ports(rig, PORT_TCP, 1, 1);
    rig->setup.source_port = 65535;
    rig->setup.source_port_mask = 1;
    fails(rig, "source ports");
    rig = rig_new();
    add_ports(rig, PORT_TCP, 1, 1);
    rig->setup.source_address_mask = 5;
    fails(rig, "source addresses: 6 addresses");
    rig = rig_new();
    add_ports(rig, PORT_TCP, 1, 1);
    rig->setup.source_address = UINT32_MAX;
    rig->setup.source_address_mask = 1;
    fails(rig, "source addresses");
}

static void accepts_the_largest_source_ranges(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    add_ports(rig, PORT_TCP, 1, 1);
    rig->setup.source_port = 0;
    rig->setup.source_port_mask = 65535;
    rig->setup.source_address = 0;
    rig->setup.source_address_mask = UINT32_MAX;
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    assert_non_null(set);
    probe_set_free(set);
    free(rig);
}

/* Each lane's frame holds the packet of that lane, whatever the mixture. */
static void check_lanes(const struct rig *rig)
{
    static const uint8_t protocols[] = {
        [PORT_TCP] = IPPROTO_TCP,
        [PORT_UDP] = IPPROTO_UDP,
        [PORT_SCTP] = IPPROTO_SCTP,
        [PORT_ICMP] = IPPROTO_ICMP,
    };
    for (unsigned i = 0; i < rig->batch.count; i++) {
        struct packet packet;
        assert_int_equal(packet_decode(&packet, rig->frame[i], rig->length[i], false), PACKET_OK);
        assert_int_equal(packet.destination, rig->batch.address[i]);
        assert_int_equal(packet.protocol, protocols[port_code_class(rig->batch.port[i])]);
        assert_int_equal(packet.ip_id, (uint16_t)rig->batch.tag[i]);
        if (packet.kind != PACKET_ICMP)
            assert_int_equal(packet.destination_port, port_code_number(rig->batch.port[i]));
        if (packet.kind == PACKET_TCP)
            assert_int_equal(packet.tcp.sequence, rig->batch.cookie[i]);
    }
}

static void mixed_batches_keep_their_order(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    add_ports(rig, PORT_TCP, 80, 443);
    add_ports(rig, PORT_UDP, 53, 161);
    add_ports(rig, PORT_SCTP, 2905, 2905);
    add_ports(rig, PORT_ICMP, 0, 0);
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    assert_non_null(set);
    const uint32_t ports[] = {
        port_code(PORT_TCP, 80), port_code(PORT_UDP, 53),  port_code(PORT_SCTP, 2905),
        port_code(PORT_ICMP, 0), port_code(PORT_TCP, 443), port_code(PORT_UDP, 161),
    };
    for (unsigned count = 1; count <= BATCH_LANES; count++) {
        fill(rig, ports, 1 + count % 6, count);
        memset(rig->length, 0, sizeof rig->length);
        probe_set_write(set, &rig->batch, rig->frame, rig->length);
        check_lanes(rig);
        assert_true(count == BATCH_LANES || rig->length[count] == 0);
    }
    probe_set_free(set);
    free(rig);
}

/* The same pairs alone and among others give the same frames. */
static void a_mixture_changes_no_frame(void **state)
{
    (void)state;
    struct rig *alone = rig_new(), *mixed = rig_new();
    const uint32_t ports[] = {port_code(PORT_TCP, 80), port_code(PORT_UDP, 53)};
    add_ports(alone, PORT_TCP, 80, 80);
    add_ports(mixed, PORT_TCP, 80, 80);
    add_ports(mixed, PORT_UDP, 53, 53);
    struct probe_set *one = probe_set_new(&alone->setup, NULL);
    struct probe_set *two = probe_set_new(&mixed->setup, NULL);
    fill(alone, ports, 1, BATCH_LANES);
    fill(mixed, ports, 2, BATCH_LANES);
    probe_set_write(one, &alone->batch, alone->frame, alone->length);
    probe_set_write(two, &mixed->batch, mixed->frame, mixed->length);
    unsigned compared = 0;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        if (mixed->batch.port[i] != ports[0])
            continue;
        assert_int_equal(mixed->length[i], alone->length[i]);
        assert_memory_equal(mixed->frame[i], alone->frame[i], alone->length[i]);
        compared++;
    }
    assert_int_equal(compared, BATCH_LANES / 2);
    probe_set_free(one);
    probe_set_free(two);
    free(alone);
    free(mixed);
}

/* Makes of a SYN, in place, the SYN-ACK to it. */
static void answer_syn(uint8_t *ip)
{
    uint8_t probe[44];
    memcpy(probe, ip, sizeof probe);
    memcpy(ip + 12, probe + 16, 4);
    memcpy(ip + 16, probe + 12, 4);
    memcpy(ip + 20, probe + 22, 2);
    memcpy(ip + 22, probe + 20, 2);
    uint32_t sequence = (uint32_t)probe[24] << 24 | (uint32_t)probe[25] << 16 |
                        (uint32_t)probe[26] << 8 | probe[27];
    put_be32(ip + 28, sequence + 1);
    ip[33] = TCP_SYN | TCP_ACK;
}

/* Lanes of both families, in a pattern, give the frames that batches of one family give. */
static void families_may_be_mixed(void **state)
{
    (void)state;
    enum { KINDS = 3 }; /* all IPv4, all IPv6, both */
    static uint8_t frames[KINDS][BATCH_LANES][FRAME_ROOM];
    uint32_t lengths[KINDS][BATCH_LANES];
    static struct probe_lanes_ipv6 lanes;
    struct rig *rig = rig_new();
    const uint32_t ports[] = {80, port_code(PORT_UDP, 53), port_code(PORT_SCTP, 7),
                              port_code(PORT_ICMP, 0), 443};
    rig->setup.source_ipv6 = (struct ip_number){0x20010db800000000, 1};
    rig->setup.source_ipv6_mask = 15;
    add_ports(rig, PORT_TCP, 80, 443);
    add_ports(rig, PORT_UDP, 53, 53);
    add_ports(rig, PORT_SCTP, 7, 7);
    add_ports(rig, PORT_ICMP, 0, 0);
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    assert_non_null(set);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        fill(rig, ports, 5, 251);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            bool v6 = kind == 1 || (kind == 2 && i % 3 != 1);
            struct ip_number number =
                v6 ? (struct ip_number){0x20010db800000007, i * i} : ip_number_v4(FIRST_TARGET + i);
            lanes.address.high[i] = number.high;
            lanes.address.low[i] = number.low;
        }
        rig->batch.ipv6 = kind == 0 ? NULL : &lanes;
        probe_set_write(set, &rig->batch, rig->frame, rig->length);
        memcpy(frames[kind], rig->frames, sizeof frames[kind]);
        memcpy(lengths[kind], rig->length, sizeof lengths[kind]);
    }
    for (unsigned i = 0; i < 251; i++) {
        unsigned alone = i % 3 != 1;
        assert_int_equal(frames[2][i][0] >> 4, alone ? 6 : 4);
        assert_int_equal(lengths[2][i], lengths[alone][i]);
        assert_memory_equal(frames[2][i], frames[alone][i], lengths[2][i]);
    }
    probe_set_free(set);
    free(rig);
}

static void packets_go_to_the_probe_they_belong_to(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const uint32_t ports[] = {port_code(PORT_TCP, 80)};
    add_ports(rig, PORT_TCP, 80, 80);
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    fill(rig, ports, 1, 1);
    probe_set_write(set, &rig->batch, rig->frame, rig->length);
    answer_syn(rig->frame[0]);
    struct packet packet;
    struct probe_reply reply;
    assert_int_equal(packet_decode(&packet, rig->frame[0], rig->length[0], false), PACKET_OK);
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_OPEN);
    assert_true(ip_number_equal(reply.address, ip_number_v4(FIRST_TARGET)));
    assert_int_equal(reply.port, 80);
    packet.tcp.acknowledgement++;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_FORGED);
    packet = (struct packet){.kind = PACKET_UDP, .protocol = IPPROTO_UDP};
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_IGNORE);
    packet = (struct packet){.kind = PACKET_IP_OTHER, .protocol = 47};
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_IGNORE);
    packet = (struct packet){.kind = PACKET_ARP};
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_IGNORE);
    probe_set_free(set);
    free(rig);
}

/* ICMP errors go by what they quote, echo replies by themselves. */
static void quotes_go_to_the_probe_they_quote(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const uint32_t ports[] = {port_code(PORT_UDP, 53)};
    add_ports(rig, PORT_UDP, 53, 53);
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    fill(rig, ports, 1, 1);
    probe_set_write(set, &rig->batch, rig->frame, rig->length);
    struct packet packet = {
        .kind = PACKET_ICMP,
        .version = 4,
        .protocol = IPPROTO_ICMP,
        .destination = rig->setup.source_address,
        .icmp = {.type = ICMP_UNREACHABLE,
                 .code = ICMP_CODE_PORT_UNREACHABLE,
                 .quote = {.present = true,
                           .version = 4,
                           .protocol = IPPROTO_UDP,
                           .ip_id = (uint16_t)rig->batch.tag[0],
                           .source = rig->setup.source_address,
                           .destination = FIRST_TARGET,
                           .source_port = (uint16_t)rig->batch.source_port[0],
                           .destination_port = 53}},
    };
    struct probe_reply reply;
    packet.icmp.quote.has_ports = true;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_CLOSED);
    packet.icmp.code = 1;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_ERROR);
    packet.icmp.quote.has_ports = false;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_IGNORE);
    packet.icmp.quote.protocol = IPPROTO_TCP;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_IGNORE);
    packet.icmp.quote = (struct packet_quote){0};
    packet.icmp.type = ICMP_ECHO_REPLY;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_IGNORE);
    probe_set_free(set);
    free(rig);
}

/* What a packet tells of its protocol, next to what it tells of its port; each by its own cookie.
 */
static void ports_and_protocols_may_be_asked_together(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const uint32_t ports[] = {80, port_code(PORT_IP_PROTO, IPPROTO_TCP)};
    rig->setup.source_port_mask = 0;
    add_ports(rig, PORT_TCP, 80, 80);
    add_ports(rig, PORT_IP_PROTO, IPPROTO_TCP, IPPROTO_TCP);
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    fill(rig, ports, 2, 2);
    probe_set_write(set, &rig->batch, rig->frame, rig->length);
    struct packet packet = {
        .kind = PACKET_TCP,
        .version = 4,
        .protocol = IPPROTO_TCP,
        .source = FIRST_TARGET,
        .destination = rig->setup.source_address,
        .source_port = 80,
        .destination_port = rig->setup.source_port,
        .tcp = {.flags = TCP_RST | TCP_ACK, .acknowledgement = rig->batch.cookie[0] + 1},
    };
    struct probe_reply reply;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_CLOSED);
    assert_int_equal(reply.port, 80);
    packet.source = FIRST_TARGET + 1;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_FORGED);
    packet.tcp.flags = TCP_RST;
    packet.tcp.sequence = rig->batch.cookie[1];
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_OPEN);
    assert_int_equal(reply.port, ports[1]);
    assert_int_equal(reply.protocol, IPPROTO_RAW);
    probe_set_free(set);
    free(rig);
}

/* Only a host that speaks a protocol has ports of it that nobody listens to. */
static void a_port_unreachable_proves_the_protocol(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const uint32_t ports[] = {port_code(PORT_IP_PROTO, IPPROTO_GRE)};
    add_ports(rig, PORT_IP_PROTO, IPPROTO_GRE, IPPROTO_GRE);
    struct probe_set *set = probe_set_new(&rig->setup, NULL);
    fill(rig, ports, 1, 1);
    probe_set_write(set, &rig->batch, rig->frame, rig->length);
    struct packet packet = {
        .kind = PACKET_ICMP,
        .version = 4,
        .protocol = IPPROTO_ICMP,
        .source = FIRST_TARGET,
        .destination = rig->setup.source_address,
        .icmp = {.type = ICMP_UNREACHABLE,
                 .code = ICMP_CODE_PORT_UNREACHABLE,
                 .quote = {.present = true,
                           .version = 4,
                           .protocol = IPPROTO_GRE,
                           .ip_id = (uint16_t)rig->batch.tag[0],
                           .source = rig->setup.source_address,
                           .destination = FIRST_TARGET}},
    };
    struct probe_reply reply;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_OPEN);
    assert_int_equal(reply.port, ports[0]);
    packet.source++; /* a firewall on the way may say so of anything */
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_ERROR);
    packet.icmp.code = ICMP_CODE_PROTOCOL_UNREACHABLE;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_CLOSED);
    packet.icmp.quote.ip_id ^= 1;
    assert_int_equal(probe_set_match(set, &packet, &reply), PROBE_FORGED);
    probe_set_free(set);
    free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_it_cannot_probe),
        cmocka_unit_test(refuses_source_ranges_that_are_none),
        cmocka_unit_test(accepts_the_largest_source_ranges),
        cmocka_unit_test(mixed_batches_keep_their_order),
        cmocka_unit_test(a_mixture_changes_no_frame),
        cmocka_unit_test(families_may_be_mixed),
        cmocka_unit_test(packets_go_to_the_probe_they_belong_to),
        cmocka_unit_test(quotes_go_to_the_probe_they_quote),
        cmocka_unit_test(ports_and_protocols_may_be_asked_together),
        cmocka_unit_test(a_port_unreachable_proves_the_protocol),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}
