/* The receiving line over a transport in memory, of both families: what far ends and routers answer
 * becomes findings, resets and conversations, and nothing else does. */
#include "scan/rx.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/port.h"
#include "probe/conformance.h"
#include "scan/answers.h"
#include "scan/crew.h"
#include "transport/mem.h"

enum { HOSTS = 4, SENT_MAX = 512, ETHERNET = 14 };

static const struct mac_address router = {{2, 0, 0, 0, 0, 4}}, router_ipv6 = {{2, 0, 0, 0, 0, 6}};

/* Where a test takes place. */
struct family {
    struct ip_number hosts; /* the first of the targets */
    const struct mac_address *router;
    uint16_t ethertype;
};

static const struct family ipv4 = {IP_NUMBER_V4(0xc6336400), &router, 0x0800},
                           ipv6 = {{0x20010db800010000, 0xfedcba9876543200}, &router_ipv6, 0x86dd};

struct sent {
    uint32_t length;
    uint8_t frame[256];
};

struct rig {
    const struct family *family;
    struct address_set hosts;
    struct target_space *space;
    struct adapter adapter;
    struct probe_setup probe_setup;
    struct probe_set *probes;
    struct hello_plan *plan;
    struct transport_group transports;
    struct crew crew;
    struct worker *worker;
    struct sent sent[SENT_MAX]; /* by the worker */
    unsigned sent_count;
};

static struct ip_number host_at(const struct family *family, unsigned number)
{
    return (struct ip_number){family->hosts.high, family->hosts.low + number};
}

static void hear(void *context, struct transport *transport, const uint8_t *frame, uint32_t length)
{
    struct rig *rig = context;
    (void)transport;
    assert_true(rig->sent_count < SENT_MAX && length <= sizeof rig->sent[0].frame);
    struct sent *sent = &rig->sent[rig->sent_count++];
    sent->length = length;
    memcpy(sent->frame, frame, length);
}

/* Those that are asked of both families; the others are left to the suite of probes. */
static bool is_of_both(const struct conformance_case *probe)
{
    return probe->version == 0;
}

/* All ports of all such cases, and hosts of both families. */
static struct target_space *make_space(struct address_set *hosts)
{
    struct range_set ports;
    address_set_init(hosts);
    range_set_init(&ports);
    uint32_t first_ipv4 = (uint32_t)ipv4.hosts.low;
    uint128 first_ipv6 = ip_number_value(ipv6.hosts);
    assert_int_equal(range_set_add(&hosts->v4, first_ipv4, first_ipv4 + HOSTS - 1, NULL), 0);
    assert_int_equal(range6_set_add(&hosts->v6, first_ipv6, first_ipv6 + HOSTS - 1, NULL), 0);
    for (size_t i = 0; i < conformance_case_count; i++)
        for (unsigned n = 0;
             is_of_both(&conformance_cases[i]) && n < conformance_cases[i].port_count; n++) {
            uint32_t port =
                port_code(conformance_cases[i].ops->class, conformance_cases[i].ports[n]);
            assert_int_equal(range_set_add(&ports, port, port, NULL), 0);
        }
    assert_int_equal(address_set_normalise(hosts, NULL), 0);
    assert_int_equal(range_set_normalise(&ports, NULL), 0);
    struct target_space *space = target_space_new(hosts, &ports, 1, NULL);
    assert_non_null(space);
    range_set_fini(&ports);
    return space;
}

static void make_probes(struct rig *rig, bool talks)
{
    const struct adapter_wish wish = {0};
    struct error err = {""};
    assert_int_equal(adapter_offline(&rig->adapter, &wish, 0, &err), 0);
    rig->adapter.ipv4.router.mac = router;
    rig->adapter.ipv6.router.mac = router_ipv6;
    rig->adapter.ipv6.source = (struct ip_number){0x20010db800000000, 1};
    rig->adapter.ipv6.in_use = true;
    rig->probe_setup = (struct probe_setup){
        .link = adapter_link_header(&rig->adapter),
        .source_address = (uint32_t)rig->adapter.ipv4.source.low,
        .link_ipv6 = adapter_link_header_ipv6(&rig->adapter),
        .source_ipv6 = rig->adapter.ipv6.source,
        .source_port = rig->adapter.port,
        .source_port_mask = 255,
        .ttl = 64,
        .tcp_attempt_shift = talks ? GRAB_ATTEMPT_SHIFT : 0,
        .key = {1, 2},
        .space = rig->space,
    };
    rig->probes = probe_set_new(&rig->probe_setup, &err);
    assert_non_null(rig->probes);
}

/* A worker that is driven by hand: its thread does not run, nor are there probes to send. */
static struct rig *rig_new(const struct family *family, bool talks)
{
    struct rig *rig = aligned_alloc(64, (sizeof *rig + 63) / 64 * 64);
    struct error err = {""};
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    rig->family = family;
    rig->space = make_space(&rig->hosts);
    make_probes(rig, talks);
    rig->plan = hello_plan_new(HELLO_BY_PORT, NULL, 0, &err);
    const struct grab_setup grab = {
        .plan = rig->plan,
        .maximum_connections = 16,
        .hello_wait_ns = NS_PER_SECOND,
        .lifetime_ns = 30 * NS_PER_SECOND,
        .maximum_tls = 2,
        .text_max = 100,
        .mss = 1460,
        .ttl = 64,
    };
    struct transport_setup link = adapter_transport_setup(&rig->adapter);
    link.instances = 1;
    assert_int_equal(transport_group_open(&rig->transports, &transport_mem, &link, &err), 0);
    transport_mem_connect(&rig->transports.member[0], hear, rig);
    const struct crew_adapter only = {
        .adapter = &rig->adapter, .transports = &rig->transports, .probes = rig->probes};
    const struct crew_setup setup = {
        .space = rig->space,
        .run = {0, 1, 0},
        .tries = 1,
        .rate_pps = 1e9,
        .send_resets = true,
        .ttl = 64,
        .adapters = &only,
        .adapter_count = 1,
        .grab = talks ? &grab : NULL,
    };
    assert_int_equal(crew_init(&rig->crew, &setup, &err), 0);
    rig->worker = &rig->crew.workers[0];
    rig->worker->link = adapter_link_header(&rig->adapter);
    rig->worker->link_ipv6 = adapter_link_header_ipv6(&rig->adapter);
    rig->worker->now_ns = clock_monotonic_ns();
    return rig;
}

static void rig_free(struct rig *rig)
{
    crew_fini(&rig->crew);
    transport_group_close(&rig->transports);
    hello_plan_free(rig->plan);
    probe_set_free(rig->probes);
    target_space_free(rig->space);
    address_set_fini(&rig->hosts);
    free(rig);
}

static uint64_t count_of(const struct rig *rig, enum worker_count what)
{
    return atomic_load(&rig->worker->counts[what]);
}

/* The IP packet of a probe, as the scan would send it. */
static void write_probe(const struct rig *rig, struct ip_number host, uint32_t port,
                        uint8_t ip[TRANSPORT_FRAME_SIZE])
{
    static alignas(64) uint8_t frame[TRANSPORT_FRAME_SIZE];
    static struct probe_lanes_ipv6 lanes;
    uint8_t *frames[BATCH_LANES] = {frame};
    uint32_t length[BATCH_LANES];
    struct probe_batch batch = {.count = 1, .ipv6 = &lanes};
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        lanes.address.high[i] = host.high;
        lanes.address.low[i] = host.low;
        batch.port[i] = port;
    }
    probe_set_write(rig->probes, &batch, frames, length);
    assert_int_equal(frame[12] << 8 | frame[13], rig->family->ethertype);
    memcpy(ip, frame + ETHERNET, length[0] - ETHERNET);
}

/* A packet arrives, and is judged. */
static void receive(struct rig *rig, const uint8_t *ip, size_t length)
{
    struct error err = {""};
    uint8_t frame[TRANSPORT_FRAME_SIZE] = {0};
    struct link_header link =
        link_header_ethernet(rig->family->router, &rig->adapter.mac, rig->family->ethertype);
    memcpy(frame, link.bytes, link.length);
    memcpy(frame + link.length, ip, length);
    assert_true(
        transport_mem_receive(&rig->transports.member[0], frame, (uint32_t)(link.length + length)));
    assert_int_equal(rx_step(rig->worker, &err), 1);
}

/* What was sent now, as far as the pace lets it. */
static void send_answers(struct rig *rig)
{
    struct error err = {""};
    rig->sent_count = 0;
    rig->worker->now_ns += NS_PER_SECOND;
    assert_true(answers_step(rig->worker, rig->worker->now_ns, &err) >= 0);
}

/* The packet that was sent as the only one, decoded. */
static struct packet only_sent(struct rig *rig)
{
    struct packet packet;
    assert_int_equal(rig->sent_count, 1);
    const struct sent *sent = &rig->sent[0];
    assert_memory_equal(sent->frame, rig->family->router->bytes, 6);
    assert_int_equal(packet_decode(&packet, sent->frame, sent->length, true), PACKET_OK);
    return packet;
}

static void take_finding(struct rig *rig, struct finding *finding)
{
    assert_int_equal(ring_filled(&rig->worker->findings), 1);
    memcpy(finding, ring_at(&rig->worker->findings, 0), sizeof *finding);
    ring_pop(&rig->worker->findings, 1);
}

/* A half-open connection is reset, on the way that its probe went. */
static void check_reset(struct rig *rig, struct ip_number host, uint32_t port, const uint8_t *probe)
{
    send_answers(rig);
    const struct packet reset = only_sent(rig);
    assert_int_equal(reset.kind, PACKET_TCP);
    assert_int_equal(reset.tcp.flags, TCP_RST);
    assert_true(ip_number_equal(packet_destination(&reset), host));
    assert_int_equal(reset.destination_port, port_code_number(port));
    assert_int_equal(reset.ttl, 64);
    if (reset.version == 6) /* the flow label is the probe's */
        assert_memory_equal(rig->sent[0].frame + ETHERNET, probe, 4);
}

static void check_answer(struct rig *rig, const struct answer_kind *kind, struct ip_number host,
                         uint32_t port, uint8_t protocol)
{
    uint8_t probe[TRANSPORT_FRAME_SIZE], answer[TRANSPORT_FRAME_SIZE];
    struct finding finding;
    write_probe(rig, host, port, probe);
    receive(rig, answer, kind->build(answer, probe));
    take_finding(rig, &finding);
    assert_true(ip_number_equal(finding.address, host));
    assert_int_equal(finding.port, port);
    assert_int_equal(finding.protocol, protocol);
    assert_int_equal(finding.reason, kind->reason);
    assert_int_equal(finding.status, kind->verdict == PROBE_OPEN ? RESULT_OPEN : RESULT_CLOSED);
    if (kind->answer_reset)
        check_reset(rig, host, port, probe);
}

static void every_answer_is_found(void **state)
{
    struct rig *rig = rig_new(*state, false);
    uint64_t replies = 0;
    for (size_t i = 0; i < conformance_case_count; i++) {
        const struct conformance_case *probe = &conformance_cases[i];
        for (unsigned a = 0; is_of_both(probe) && probe->answers[a] != NULL; a++)
            for (unsigned host = 0; host < HOSTS; host++) {
                uint32_t port =
                    port_code(probe->ops->class, probe->ports[host % probe->port_count]);
                check_answer(rig, probe->answers[a], host_at(rig->family, host), port,
                             probe->protocol);
                replies++;
            }
    }
    assert_int_equal(count_of(rig, COUNT_REPLIES), replies);
    assert_int_equal(count_of(rig, COUNT_FORGED), 0);
    assert_int_equal(count_of(rig, COUNT_UNDECODABLE), 0);
    send_answers(rig);
    assert_int_equal(rig->sent_count, 0);
    rig_free(rig);
}

/* The answer of a host to its probe, with one of its bits turned. */
static void receive_turned(struct rig *rig, const struct answer_kind *kind,
                           const struct proof *proof, uint32_t port)
{
    uint8_t probe[TRANSPORT_FRAME_SIZE], answer[TRANSPORT_FRAME_SIZE];
    write_probe(rig, rig->family->hosts, port, probe);
    size_t length = kind->build(answer, probe);
    struct span span = conformance_span(answer, proof);
    for (size_t bit = 0; bit < 8 * span.length; bit++) {
        answer[span.at + bit / 8] ^= (uint8_t)(1 << bit % 8);
        receive(rig, answer, length);
        answer[span.at + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void nothing_else_is_found(void **state)
{
    struct rig *rig = rig_new(*state, false);
    for (size_t i = 0; i < conformance_case_count; i++) {
        const struct conformance_case *probe = &conformance_cases[i];
        for (unsigned a = 0; is_of_both(probe) && probe->answers[a] != NULL; a++)
            for (unsigned p = 0; p < probe->answers[a]->proof_count; p++)
                receive_turned(rig, probe->answers[a], &probe->answers[a]->proofs[p],
                               port_code(probe->ops->class, probe->ports[0]));
    }
    assert_int_equal(ring_filled(&rig->worker->findings), 0);
    assert_int_equal(count_of(rig, COUNT_REPLIES), 0);
    assert_true(count_of(rig, COUNT_FORGED) > 0);
    send_answers(rig);
    assert_int_equal(rig->sent_count, 0);
    rig_free(rig);
}

/* ---- conversations ---- */

static void receive_segment(struct rig *rig, const struct tcp_segment *segment)
{
    uint8_t ip[TRANSPORT_FRAME_SIZE];
    const struct link_header none = {0};
    receive(rig, ip, packet_build_tcp(ip, &none, segment));
}

/* The server's side: what goes back to whom it heard from. */
static struct tcp_segment back_to(const struct packet *heard)
{
    return (struct tcp_segment){
        .source = packet_destination(heard),
        .destination = packet_source(heard),
        .source_port = heard->destination_port,
        .destination_port = heard->source_port,
        .sequence = heard->tcp.acknowledgement,
        .acknowledgement = heard->tcp.sequence,
        .ttl = 57,
        .window = 65535,
    };
}

static void check_banner(struct rig *rig, struct ip_number host, uint16_t port, const char *text)
{
    struct {
        struct banner_finding finding;
        char text[200];
    } told;
    ptrdiff_t length = byte_ring_take(&rig->worker->banners.ring, &told);
    assert_int_equal(length, sizeof told.finding + strlen(text));
    assert_true(ip_number_equal(told.finding.address, host));
    assert_int_equal(told.finding.port, port);
    assert_int_equal(told.finding.ttl, 57);
    assert_memory_equal(told.text, text, strlen(text));
}

static void servers_are_talked_to(void **state)
{
    static const char greeting[] = "SSH-2.0-Test_1.0\r\n";
    struct rig *rig = rig_new(*state, true);
    const struct ip_number host = host_at(rig->family, 2);
    const struct conformance_case *tcp = &conformance_cases[0];
    const uint32_t port = port_code(PORT_TCP, tcp->ports[0]);
    uint8_t probe[TRANSPORT_FRAME_SIZE], answer[TRANSPORT_FRAME_SIZE];
    struct finding finding;
    assert_ptr_equal(tcp->ops->name, probe_of_class(PORT_TCP)->name);
    write_probe(rig, host, port, probe);
    size_t length = tcp->answers[0]->build(answer, probe);
    receive(rig, answer, length);
    take_finding(rig, &finding);
    send_answers(rig);
    struct packet heard = only_sent(rig);
    assert_int_equal(heard.tcp.flags, TCP_ACK);
    struct tcp_segment words = back_to(&heard);
    words.flags = TCP_ACK | TCP_PSH;
    words.payload = (const uint8_t *)greeting;
    words.payload_length = strlen(greeting);
    receive_segment(rig, &words);
    check_banner(rig, host, (uint16_t)port_code_number(port), "SSH-2.0-Test_1.0");
    send_answers(rig);
    assert_true(rig->sent_count > 0);
    if (rig->family == &ipv6) /* the flow label stays that of the probe */
        for (unsigned i = 0; i < rig->sent_count; i++)
            assert_memory_equal(rig->sent[i].frame + ETHERNET, probe, 4);

    /* What it says of the port when the conversation has been had is no news. */
    struct tcp_segment reset = back_to(&heard);
    reset.sequence += (uint32_t)strlen(greeting);
    reset.flags = TCP_RST | TCP_ACK;
    receive_segment(rig, &reset);
    length = tcp->answers[2]->build(answer, probe);
    receive(rig, answer, length);
    assert_int_equal(ring_filled(&rig->worker->findings), 0);
    rig_free(rig);
}

static void datagrams_are_read(void **state)
{
    struct rig *rig = rig_new(*state, true);
    const struct ip_number host = host_at(rig->family, 1);
    const uint32_t port = port_code(PORT_UDP, 9);
    uint8_t probe[TRANSPORT_FRAME_SIZE], answer[TRANSPORT_FRAME_SIZE];
    struct finding finding;
    write_probe(rig, host, port, probe);
    for (size_t i = 0; i < conformance_case_count; i++)
        if (conformance_cases[i].ops->class == PORT_UDP && conformance_cases[i].ports[0] == 9)
            receive(rig, answer, conformance_cases[i].answers[0]->build(answer, probe));
    take_finding(rig, &finding);
    check_banner(rig, host, 9, "UU"); /* behind the empty request */
    rig_free(rig);
}

#define OVER_BOTH(test)                                                                            \
    {#test, test, NULL, NULL, (void *)&ipv4},                                                      \
    {                                                                                              \
#test " over IPv6", test, NULL, NULL, (void *)&ipv6                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_BOTH(every_answer_is_found),
        OVER_BOTH(nothing_else_is_found),
        OVER_BOTH(servers_are_talked_to),
        OVER_BOTH(datagrams_are_read),
    };
    return cmocka_run_group_tests_name("rx", tests, NULL, NULL);
}
