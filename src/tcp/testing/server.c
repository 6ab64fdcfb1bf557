/* The far end of the simulated wire; see server.h. */
#include "tcp/testing/server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "packet/decode.h"

#define AGAIN_NS 700000000ull
#define STALL_NS 2000000000ull

uint8_t server_stream_byte(uint32_t salt, uint32_t offset)
{
    return (uint8_t)((offset + salt) * 2654435761u >> 21);
}

static void emit(struct server *server, uint8_t flags, uint32_t from, uint32_t length,
                 uint64_t now_ns)
{
    uint8_t bytes[SERVER_MSS];
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = server_stream_byte(server->ours, from + i);
    struct tcp_segment segment = server->header;
    segment.sequence = server->ours + from;
    segment.acknowledgement = server->theirs + server->expected;
    segment.flags = (uint8_t)(flags | TCP_ACK);
    segment.window = now_ns < server->stalled_until_ns ? 0 : server->plan.window;
    segment.payload = bytes;
    segment.payload_length = length;
    server->emit(server->context, &segment);
}

static bool may_close(const struct server *server)
{
    return server->plan.closes_first || server->expected > server->plan.to_receive;
}

/* Sends what the client's window takes. True if something was sent. */
static bool send_more(struct server *server, uint64_t now_ns)
{
    bool any = false;
    uint32_t end = server->plan.to_send;
    uint32_t edge = server->acknowledged + server->their_window;
    while (server->next < end && server->next < edge) {
        uint32_t length = end - server->next;
        length = length < SERVER_MSS ? length : SERVER_MSS;
        length = length < edge - server->next ? length : edge - server->next;
        emit(server, 0, server->next, length, now_ns);
        server->next += length;
        any = true;
    }
    if (server->next == end && may_close(server)) {
        emit(server, TCP_FIN, end, 0, now_ns);
        server->next++;
        any = true;
    }
    if (any && server->again_ns == 0)
        server->again_ns = now_ns + AGAIN_NS;
    return any;
}

/* A byte, or the FIN, of the client's stream. */
static void take_unit(struct server *server, uint32_t offset)
{
    if (server->plan.keeps_early || offset == server->expected)
        server->early[offset] = true;
    while (server->expected <= server->plan.to_receive && server->early[server->expected])
        server->expected++;
}

static void take_data(struct server *server, const struct tcp_segment *segment)
{
    uint32_t from = segment->sequence - server->theirs;
    for (uint32_t i = 0; i < segment->payload_length; i++) {
        assert_true(from + i < server->plan.to_receive);
        assert_int_equal(segment->payload[i], server_stream_byte(server->theirs, from + i));
        take_unit(server, from + i);
    }
    if (!(segment->flags & TCP_FIN))
        return;
    assert_int_equal(from + segment->payload_length, server->plan.to_receive);
    take_unit(server, server->plan.to_receive);
}

static void take_ack(struct server *server, const struct tcp_segment *segment, uint64_t now_ns)
{
    uint32_t acknowledged = segment->acknowledgement - server->ours;
    assert_true(acknowledged <= server->plan.to_send + 1);
    server->their_window = segment->window;
    if (acknowledged <= server->acknowledged)
        return;
    server->acknowledged = acknowledged;
    server->next = server->next > acknowledged ? server->next : acknowledged;
    bool all = acknowledged == server->next;
    server->again_ns = all ? 0 : now_ns + AGAIN_NS;
}

void server_receive(struct server *server, const struct tcp_segment *segment, uint64_t now_ns)
{
    assert_true(segment->payload_length <= SERVER_MSS);
    if (segment->flags & TCP_RST) {
        server->was_reset = true;
        server->again_ns = 0;
        return;
    }
    if (!server->is_open)
        server->again_ns = 0;
    server->is_open = true;
    bool stalled = now_ns < server->stalled_until_ns;
    take_ack(server, segment, now_ns);
    bool has_data = segment->payload_length > 0 || segment->flags & TCP_FIN;
    if (has_data && !stalled)
        take_data(server, segment);
    if (has_data && server->plan.stalls && !server->has_stalled) {
        server->has_stalled = true;
        server->stalled_until_ns = now_ns + STALL_NS;
    }
    if (!send_more(server, now_ns) && has_data)
        emit(server, 0, server->next, 0, now_ns);
}

/* The handshake's second segment. */
static void emit_syn_ack(struct server *server)
{
    struct tcp_segment segment = server->header;
    segment.sequence = server->ours - 1;
    segment.acknowledgement = server->theirs;
    segment.flags = TCP_SYN | TCP_ACK;
    segment.window = server->plan.window;
    segment.payload = (const uint8_t *)"";
    server->emit(server->context, &segment);
}

void server_tick(struct server *server, uint64_t now_ns)
{
    if (server->was_reset || server->again_ns == 0 || now_ns < server->again_ns)
        return;
    if (!server->is_open) {
        emit_syn_ack(server);
        server->again_ns = now_ns + AGAIN_NS;
        return;
    }
    server->next = server->acknowledged;
    server->again_ns = 0;
    send_more(server, now_ns);
    server->again_ns = now_ns + AGAIN_NS;
}
