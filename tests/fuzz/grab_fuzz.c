/* A server that says anything, in any pieces, at any time, on any port, also inside a right TLS:
 * conversations end with nothing held.
 *
 * The first two bytes choose port and policy. Then each operation is a byte, and takes its
 * arguments from the bytes behind it. Whenever the pair is probed again, it answers. */
#include "grab/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "banner/banner.h"
#include "base/reader.h"
#include "fuzz_target.h"
#include "packet/decode.h"
#include "tls/testing/server.h"

#define STEP_NS     (50 * 1000000ull)
#define LIFETIME_NS 30000000000ull

enum { CLIENT_PORT = 40000, COOKIE = 1000, OPERATIONS = 8, ENDS_THE_SCAN = 0xf0 };

static const struct ip_number CLIENT = {0x20010db800000000, 1}, SERVER = {0x20010db800000000, 2};

struct fuzz {
    struct reader input;
    struct grab *grab;
    uint64_t now_ns;
    uint16_t port;
    bool has_syn; /* that was not answered yet */
    uint32_t syn_sequence;
    uint32_t ours, theirs; /* next sequence numbers, the server's and the scanner's */
    size_t said_length;    /* what the scanner said last */
    uint8_t said[1500];
    bool speaks_tls; /* what it says goes to this server */
    struct server tls;
};

static struct fuzz in_turn = {.now_ns = 1};

/* Where a protocol is usual; behind the last one, ports of TLS and of nobody. */
static uint16_t port_of(uint8_t number)
{
    static const uint16_t others[] = {443, 636, 993, 50000};
    const uint16_t port = number < banner_protocol_count ? banner_protocols[number]->ports[0] : 0;
    return port != 0 ? port : others[number % 4];
}

static void hear(struct fuzz *fuzz, const struct tcp_segment *segment)
{
    if (segment->payload_length == 0 || segment->sequence != fuzz->theirs) /* said again */
        return;
    check(segment->payload_length <= sizeof fuzz->said);
    memcpy(fuzz->said, segment->payload, segment->payload_length);
    fuzz->said_length = segment->payload_length;
    if (fuzz->speaks_tls)
        server_take(&fuzz->tls, fuzz->said, fuzz->said_length);
}

static void emit(void *context, const struct tcp_segment *segment)
{
    struct fuzz *fuzz = context;
    check(ip_number_equal(segment->destination, SERVER) && segment->destination_port == fuzz->port);
    if (segment->flags & TCP_SYN) {
        fuzz->has_syn = true;
        fuzz->syn_sequence = segment->sequence;
    } else if (!(segment->flags & TCP_RST)) {
        hear(fuzz, segment);
        fuzz->theirs =
            segment->sequence + (uint32_t)segment->payload_length + !!(segment->flags & TCP_FIN);
    }
}

static void field(void *context, const struct grab_server *server, uint16_t app,
                  const uint8_t *text, size_t length)
{
    (void)context;
    check(ip_number_equal(server->address, SERVER) && app < APP_COUNT && length > 0);
    volatile uint8_t last = text[length - 1];
    (void)last;
}

static void end_tls(struct fuzz *fuzz)
{
    if (fuzz->speaks_tls)
        server_fini(&fuzz->tls);
    fuzz->speaks_tls = false;
}

static void answer_syn(struct fuzz *fuzz)
{
    end_tls(fuzz);
    fuzz->said_length = 0;
    fuzz->has_syn = false;
    fuzz->ours = 5000;
    fuzz->theirs = fuzz->syn_sequence + 1;
    const struct grab_opening opening = {
        .tuple = {CLIENT, SERVER, CLIENT_PORT, fuzz->port},
        .our_sequence = fuzz->theirs,
        .their_sequence = fuzz->ours - 1,
        .window = 65535,
        .mss = 1460,
        .ttl = 64,
        .attempt = (uint8_t)((fuzz->syn_sequence - COOKIE) >> GRAB_ATTEMPT_SHIFT),
    };
    grab_open(fuzz->grab, &opening, fuzz->now_ns);
}

static void send_segment(struct fuzz *fuzz, uint8_t flags, const uint8_t *bytes, size_t length)
{
    const struct tcp_segment segment = {.source = SERVER,
                                        .destination = CLIENT,
                                        .source_port = fuzz->port,
                                        .destination_port = CLIENT_PORT,
                                        .sequence = fuzz->ours,
                                        .acknowledgement = fuzz->theirs,
                                        .flags = flags,
                                        .window = 65535,
                                        .payload = bytes,
                                        .payload_length = length};
    if (grab_receive(fuzz->grab, &segment, fuzz->now_ns))
        fuzz->ours += (uint32_t)length + !!(flags & TCP_FIN);
}

/* What is said next: as many bytes of the input, or what is left. */
static const uint8_t *read_words(struct fuzz *fuzz, size_t *length)
{
    if (*length > reader_left(&fuzz->input))
        *length = reader_left(&fuzz->input);
    return reader_bytes(&fuzz->input, *length);
}

static void say(struct fuzz *fuzz, size_t length)
{
    const uint8_t *input = read_words(fuzz, &length);
    uint8_t *bytes = malloc(length + 1); /* its own, so that nothing behind it is read */
    if (length > 0)
        memcpy(bytes, input, length);
    send_segment(fuzz, TCP_ACK, bytes, length);
    free(bytes);
}

/* What all its servers are; costly to make, and nothing of a conversation stays in it. */
static const struct server_plan *tls_plan(void)
{
    static X509 *chain[2];
    static struct server_plan plan = {.chain = chain};
    const struct certificate_plan certificate = {.common_name = "www.example.com",
                                                 .common_name_length = -1};
    if (plan.context == NULL) {
        plan.context = server_context_make();
        plan.key = EVP_EC_gen("P-256");
        chain[0] = certificate_make(&certificate, plan.key);
    }
    return &plan;
}

/* From what was said last on, a right TLS server has this connection. */
static void begin_tls(struct fuzz *fuzz)
{
    server_init(&fuzz->tls, tls_plan());
    fuzz->speaks_tls = true;
    server_take(&fuzz->tls, fuzz->said, fuzz->said_length);
}

static void carry_tls(struct fuzz *fuzz)
{
    uint8_t bytes[1400];
    size_t length;
    if (!fuzz->speaks_tls)
        begin_tls(fuzz);
    while ((length = server_drain(&fuzz->tls, bytes, sizeof bytes)) > 0)
        send_segment(fuzz, TCP_ACK, bytes, length);
}

static void say_inside(struct fuzz *fuzz, size_t length)
{
    const uint8_t *bytes = read_words(fuzz, &length);
    if (fuzz->speaks_tls && length > 0 && SSL_is_init_finished(fuzz->tls.ssl))
        server_say(&fuzz->tls, bytes, length);
    carry_tls(fuzz);
}

static void pass_time(struct fuzz *fuzz, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        fuzz->now_ns += STEP_NS;
        while (grab_tick(fuzz->grab, fuzz->now_ns))
            ;
    }
}

static void operate(struct fuzz *fuzz)
{
    uint8_t operation = reader_u8(&fuzz->input);
    switch (operation % OPERATIONS) {
    case 0:
        return say(fuzz, reader_u8(&fuzz->input));
    case 1:
        return say(fuzz, reader_be16(&fuzz->input) % 1500);
    case 2:
        return pass_time(fuzz, reader_u8(&fuzz->input));
    case 3:
        return send_segment(fuzz, TCP_ACK | TCP_FIN, NULL, 0);
    case 4:
        return send_segment(fuzz, TCP_ACK | TCP_RST, NULL, 0);
    case 5:
        return send_segment(fuzz, TCP_ACK, NULL, 0);
    case 6:
        return carry_tls(fuzz);
    default:
        return say_inside(fuzz, reader_u8(&fuzz->input));
    }
}

/* Makes what converses by a policy; it calls back with the input that is `in_turn`. */
static struct grab *make_grab(enum hello_policy policy)
{
    struct error err;
    static struct hello_plan *plans[HELLO_ANY + 1];
    if (plans[policy] == NULL)
        plans[policy] = hello_plan_new(policy, NULL, 0, &err);
    const struct grab_setup setup = {
        .callbacks = {&in_turn, emit, field},
        .banner = {.html = true, .start_tls = true},
        .plan = plans[policy],
        .maximum_connections = 2,
        .hello_wait_ns = 2000000000ull,
        .lifetime_ns = LIFETIME_NS,
        .maximum_tls = 2,
        .text_max = BANNER_TEXT_MAX,
        .mss = 1460,
        .ttl = 64,
    };
    struct grab *grab = grab_new(&setup, in_turn.now_ns, &err);
    check(plans[policy] != NULL && grab != NULL);
    return grab;
}

/* Nobody speaks any more, and nobody is asked anew: all ends by itself. */
static void wait_for_the_end(struct fuzz *fuzz)
{
    for (unsigned i = 0; i < 8; i++) {
        fuzz->now_ns += LIFETIME_NS;
        pass_time(fuzz, 1);
        if (grab_active(fuzz->grab) == 0 && tcp_connections(fuzz->grab->table) == 0)
            return;
    }
}

static void check_nothing_is_held(const struct grab *grab)
{
    check(tcp_connections(grab->table) == 0 && tcp_chunks_used(grab->table) == 0);
    check(grab->bytes.used == 0 && grab->states.used == 0);
    check(grab_active(grab) == 0);
}

/* What converses is costly to make (TLS), and nothing of a conversation may stay in it: one serves
 * many inputs, until one of them ends the scan. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct grab *grabs[HELLO_ANY + 1];
    struct reader input = reader_over(data, size);
    uint16_t port = port_of(reader_u8(&input));
    uint8_t choice = reader_u8(&input);
    struct grab **grab = &grabs[choice % (HELLO_ANY + 1)];
    if (*grab == NULL)
        *grab = make_grab((enum hello_policy)(choice % (HELLO_ANY + 1)));
    struct fuzz *fuzz = &in_turn;
    *fuzz = (struct fuzz){.input = input,
                          .grab = *grab,
                          .now_ns = fuzz->now_ns,
                          .port = port,
                          .has_syn = true,
                          .syn_sequence = COOKIE};
    while (reader_left(&fuzz->input) > 0 && !fuzz->input.failed) {
        if (fuzz->has_syn)
            answer_syn(fuzz);
        operate(fuzz);
        check((*grab)->bytes.used + (*grab)->states.used <= tcp_connections((*grab)->table));
    }
    end_tls(fuzz);
    if (choice < ENDS_THE_SCAN) {
        wait_for_the_end(fuzz);
        check_nothing_is_held(*grab);
        return 0;
    }
    grab_end_some(*grab, UINT32_MAX, fuzz->now_ns);
    check_nothing_is_held(*grab);
    grab_free(*grab);
    *grab = NULL;
    return 0;
}
