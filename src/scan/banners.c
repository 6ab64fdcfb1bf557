/* Banners on their way. */
#include "scan/banners.h"

#include <netinet/in.h>

#include "banner/datagram.h"
#include "base/clock.h"
#include "base/port.h"
#include "scan/answers.h"
#include "scan/worker.h"

/* A batch of 256 frames brings at most 8 KiB of fields each. */
enum { RING_CAPACITY = 1 << 22, RING_ROOM = RING_CAPACITY / 2 };

static void emit(void *context, const struct tcp_segment *segment)
{
    answers_add_segment(context, segment);
}

static void take_field(void *context, const struct grab_server *server, uint16_t app,
                       const uint8_t *text, size_t length)
{
    const struct banner_finding finding = {
        .time = clock_wall_seconds(),
        .address = server->address,
        .port = server->port,
        .app = app,
        .protocol = IPPROTO_TCP,
        .ttl = server->ttl,
    };
    banners_tell(context, &finding, text, length);
}

int banners_init(struct worker *worker, const struct grab_setup *setup, struct error *err)
{
    if (setup == NULL)
        return 0;
    struct grab_setup own = *setup;
    own.callbacks = (struct grab_callbacks){worker, emit, take_field};
    worker->banners.text_max = setup->text_max;
    if (byte_ring_init(&worker->banners.ring, RING_CAPACITY, err) < 0)
        return -1;
    worker->banners.grab = grab_new(&own, clock_monotonic_ns(), err);
    return worker->banners.grab == NULL ? -1 : 0;
}

void banners_fini(struct worker *worker)
{
    grab_free(worker->banners.grab);
    byte_ring_fini(&worker->banners.ring);
}

void banners_tell(struct worker *worker, const struct banner_finding *finding, const uint8_t *text,
                  size_t length)
{
    size_t told = length < BANNER_FINDING_TEXT_MAX ? length : BANNER_FINDING_TEXT_MAX;
    bool put = byte_ring_put(&worker->banners.ring, finding, sizeof *finding, text, told);
    worker_count(worker, put ? COUNT_FIELDS : COUNT_LOST_FIELDS, 1);
}

bool banners_have_room(const struct worker *worker)
{
    return worker->banners.grab == NULL || byte_ring_room(&worker->banners.ring) >= RING_ROOM;
}

bool banners_take(struct worker *worker, const struct packet *packet)
{
    const struct tcp_segment segment = packet_segment(packet);
    return grab_receive(worker->banners.grab, &segment, worker->now_ns);
}

void banners_open(struct worker *worker, const struct packet *packet, uint8_t attempt)
{
    const struct grab_opening opening = {
        .tuple = {packet_destination(packet), packet_source(packet), packet->destination_port,
                  packet->source_port},
        .our_sequence = packet->tcp.acknowledgement,
        .their_sequence = packet->tcp.sequence,
        .window = packet->tcp.window,
        .mss = packet_tcp_mss(packet),
        .ttl = packet->ttl,
        .attempt = attempt,
    };
    if (grab_is_repeated(worker->banners.grab, &opening) && !answers_may_oblige(worker))
        worker_count(worker, COUNT_UNSENT, 1);
    else
        grab_open(worker->banners.grab, &opening, worker->now_ns);
}

/* A reply over UDP that is being read. */
struct datagram_reply {
    struct worker *worker;
    const struct packet *packet;
    uint16_t port;
};

static void take_datagram_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    const struct datagram_reply *reply = context;
    const struct banner_finding finding = {
        .time = clock_wall_seconds(),
        .address = packet_source(reply->packet),
        .port = reply->port,
        .app = app,
        .protocol = IPPROTO_UDP,
        .ttl = reply->packet->ttl,
    };
    size_t most = reply->worker->banners.text_max;
    banners_tell(reply->worker, &finding, text, length < most ? length : most);
}

void banners_read(struct worker *worker, const struct packet *packet, uint16_t port)
{
    struct datagram_reply reply = {worker, packet, port};
    struct banner_talk talk = {.field = take_datagram_field, .context = &reply};
    if (worker->setup.raw_udp)
        datagram_read_raw(packet->payload, packet->payload_length, &talk);
    else
        datagram_read(port, packet->payload, packet->payload_length, &talk);
}

/* Strangers get no answer: it could only be somebody who was never asked. Who was asked, and has
 * the connection of an earlier scan from the same port in TIME_WAIT still, answers a SYN by an ACK
 * of that: a reset ends it (RFC 9293, 3.10.7.3), so that the next try finds the port open. */
void banners_refuse(struct worker *worker, const struct packet *packet)
{
    const struct tcp_segment segment = packet_segment(packet);
    uint32_t port = port_code(PORT_TCP, packet->source_port);
    if (packet->tcp.flags & TCP_RST ||
        !target_space_contains(worker->setup.space, packet_source(packet), port))
        return;
    if (answers_may_oblige(worker))
        grab_refuse(worker->banners.grab, &segment);
    else
        worker_count(worker, COUNT_UNSENT, 1);
}

static bool has_said_all(const struct worker *worker)
{
    return worker->outbox.waiting < TRANSPORT_BATCH;
}

uint64_t banners_next_step_ns(const struct worker *worker)
{
    const struct grab *grab = worker->banners.grab;
    return grab != NULL && has_said_all(worker) ? grab_next_tick_ns(grab) : UINT64_MAX;
}

void banners_step(struct worker *worker)
{
    struct grab *grab = worker->banners.grab;
    if (grab == NULL || !banners_have_room(worker))
        return;
    if (has_said_all(worker))
        grab_tick(grab, worker->now_ns);
    counter_set(&worker->counts[COUNT_ACTIVE], grab_active(grab));
}
