/* ICMP: an echo request whose identifier and sequence number are the cookie's halves (low and
 * high). A reply that repeats both means that the host is there. */
#include <netinet/in.h>

#include "packet/bytes.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum { ECHO_LENGTH = 8 }; /* no data: nothing more is needed for an answer */

struct icmp_echo {
    const struct probe_setup *setup;
    struct frame_template template;
};

struct echo_words {
    struct frame_ip_words ip;
    alignas(64) uint32_t header[BATCH_LANES][2]; /* type, code and checksum; id and sequence */
};

static int check_ports(const struct probe_setup *setup, struct error *err)
{
    uint32_t port;
    if (!setup_first_port(setup, port_code(PORT_ICMP, PORT_ICMP_ECHO + 1),
                          port_code(PORT_ICMP, 0xffff), &port))
        return 0;
    uint32_t number = port_code_number(port);
    return error_set(err, "I:%u%s cannot be probed yet; of ICMP only I:0 (echo) can", number,
                     number == PORT_ICMP_TIMESTAMP ? " (timestamp)" : "");
}

static int icmp_echo_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct icmp_echo *echo = state;
    const uint8_t request[ECHO_LENGTH] = {ICMP_ECHO_REQUEST};
    echo->setup = setup;
    int error = check_ports(setup, err);
    if (error)
        return error;
    return frame_template_init(&echo->template, setup, IPPROTO_ICMP, request, sizeof request, err);
}

static void icmp_echo_fini(void *state)
{
    struct icmp_echo *echo = state;
    frame_template_fini(&echo->template);
}

MULTIVERSION(void, echo_words,
             (const struct frame_template *template, const struct probe_batch *restrict batch,
              struct echo_words *restrict words),
             (template, batch, words))
{
    const uint32_t icmp_sum = template->transport_sum;
    frame_ip_words(&words->ip, batch, template->ip_sum, NULL, template->ttl_protocol);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t cookie = batch->cookie[i];
        uint32_t checksum = frame_checksum(icmp_sum + frame_halves(cookie));
        words->header[i][0] = htobe32((uint32_t)ICMP_ECHO_REQUEST << 24 | checksum);
        words->header[i][1] = htobe32(cookie << 16 | cookie >> 16);
    }
}

MULTIVERSION(void, echo_emit,
             (const struct frame_template *template, const struct echo_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t *ip = frame_copy(frame[i], template);
        frame_put_ip(ip, &words->ip, i);
        frame_put_two(ip + FRAME_TRANSPORT, words->header[i]);
        length[i] = template->length;
    }
}

static void icmp_echo_patch(const void *state, const struct probe_batch *batch,
                            uint8_t *const frame[], uint32_t length[])
{
    const struct icmp_echo *echo = state;
    const enum cpu_level level = echo->setup->level;
    struct echo_words words;
    echo_words[level](&echo->template, batch, &words);
    echo_emit[level](&echo->template, &words, frame, length, batch->count);
}

static enum probe_verdict icmp_echo_match(const void *state, const struct packet *packet,
                                          struct probe_reply *reply)
{
    const struct icmp_echo *echo = state;
    if (packet->kind != PACKET_ICMP || packet->icmp.type != ICMP_ECHO_REPLY ||
        !setup_owns_address(echo->setup, packet->destination))
        return PROBE_IGNORE;
    uint32_t port = port_code(PORT_ICMP, PORT_ICMP_ECHO);
    struct cookie cookie = cookie_of(echo->setup, packet->source, port);
    if (packet->icmp.id != (uint16_t)cookie.cookie ||
        packet->icmp.sequence != (uint16_t)(cookie.cookie >> 16) ||
        packet->destination != cookie.source_address)
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = packet->source,
        .port = port,
        .protocol = IPPROTO_ICMP,
        .ttl = packet->ttl,
    };
    return PROBE_OPEN;
}

const struct probe_ops probe_icmp_echo = {
    .name = "icmp-echo",
    .help = "ICMP: an echo request; a reply means open",
    .class = PORT_ICMP,
    .state_size = sizeof(struct icmp_echo),
    .init = icmp_echo_init,
    .fini = icmp_echo_fini,
    .patch = icmp_echo_patch,
    .match = icmp_echo_match,
};
