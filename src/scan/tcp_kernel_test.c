/* User-mode TCP against the kernel's: conversations through a tun device that loses packets, in a
 * network namespace of their own.
 *
 * Every byte must arrive once and in order, in both directions, and both ends must close. Some
 * servers close first, some wait for the client; some have a tiny receive buffer and do not read
 * for a while, so that windows close. */
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "packet/decode.h"
#include "tcp/tcp.h"
#include "transport/testing/netns.h"

enum { CONVERSATIONS = 48, FIRST_PORT = 20000, LISTEN_PORT = 7000, KINDS = 2, LOSS_PERCENT = 5 };
enum { SMALL_BUFFER = 2304 };
#define GIVE_UP_NS   (60 * NS_PER_SECOND)
#define SYN_AGAIN_NS NS_PER_SECOND
#define UNREAD_NS    (5 * NS_PER_SECOND / 2)

/* The two ends, and what the kernel's is given. */
struct ends {
    struct ip_number client, server;
    const char *command;
    uint16_t mss; /* that the kernel offers */
};

struct conversation {
    uint32_t to_server, to_client; /* bytes */
    bool server_closes_first;
    bool is_open, has_ended;
    enum tcp_end end;
    struct tcp_handle connection;
    uint32_t given, delivered; /* at the client */
    uint64_t syn_again_ns;
    int socket; /* of the server, -1 if there is none */
    bool has_eof;
    uint64_t read_from_ns;
    uint32_t written, read; /* at the server */
};

struct world {
    const struct ends *ends;
    int tun;
    int listeners[KINDS];
    struct tcp_table *table;
    uint64_t now_ns;
    unsigned seed;
    unsigned lost;
    struct conversation conversations[CONVERSATIONS];
    int owners[CONVERSATIONS]; /* by index of the connection */
};

static uint8_t stream_byte(int number, uint32_t offset)
{
    return (uint8_t)((offset + (uint32_t)number * 1000) * 2654435761u >> 19);
}

static bool is_lost(struct world *world)
{
    bool lost = rand_r(&world->seed) % 100 < LOSS_PERCENT;
    world->lost += lost;
    return lost;
}

static struct tcp_tuple tuple_of(const struct world *world, int number)
{
    return (struct tcp_tuple){world->ends->client, world->ends->server,
                              (uint16_t)(FIRST_PORT + number),
                              (uint16_t)(LISTEN_PORT + number % KINDS)};
}

static uint32_t first_sequence(int number)
{
    return (uint32_t)number * 0x30000001u - 2000; /* some wrap */
}

/* --- The client: user-mode TCP --- */

static void emit(void *context, const struct tcp_segment *segment)
{
    struct world *world = context;
    uint8_t frame[PACKET_HEADERS_MAX + 1500];
    if (is_lost(world))
        return;
    size_t length = packet_build_tcp(frame, &(struct link_header){.length = 0}, segment);
    assert_int_equal(write(world->tun, frame, length), length);
}

static void send_syn(struct world *world, int number)
{
    struct tcp_tuple tuple = tuple_of(world, number);
    const struct tcp_segment syn = {.source = tuple.local,
                                    .destination = tuple.remote,
                                    .source_port = tuple.local_port,
                                    .destination_port = tuple.remote_port,
                                    .sequence = first_sequence(number) - 1,
                                    .flags = TCP_SYN,
                                    .ttl = 64,
                                    .window = 1024};
    world->conversations[number].syn_again_ns = world->now_ns + SYN_AGAIN_NS;
    emit(world, &syn);
}

static void go_on(struct world *world, struct conversation *talk, int number)
{
    uint8_t bytes[5000];
    uint32_t left = talk->to_server - talk->given;
    uint32_t part = left < sizeof bytes ? left : (uint32_t)sizeof bytes;
    for (uint32_t i = 0; i < part; i++)
        bytes[i] = stream_byte(number, talk->given + i);
    talk->given += (uint32_t)tcp_send(world->table, talk->connection, bytes, part, world->now_ns);
    if (talk->given < talk->to_server)
        tcp_set_timer(world->table, talk->connection, world->now_ns + 5 * NS_PER_MS);
    else if (talk->delivered == talk->to_client)
        tcp_close(world->table, talk->connection, world->now_ns);
}

static void data(void *context, struct tcp_handle connection, const uint8_t *bytes, size_t length)
{
    struct world *world = context;
    int number = world->owners[connection.index];
    struct conversation *talk = &world->conversations[number];
    assert_true(talk->delivered + length <= talk->to_client);
    for (uint32_t i = 0; i < length; i++)
        assert_int_equal(bytes[i], stream_byte(number, talk->delivered + i));
    talk->delivered += (uint32_t)length;
    go_on(world, talk, number);
}

static void event(void *context, struct tcp_handle connection, enum tcp_event event)
{
    struct world *world = context;
    int number = world->owners[connection.index];
    (void)event;
    go_on(world, &world->conversations[number], number);
}

static void gone(void *context, struct tcp_handle connection, enum tcp_end end)
{
    struct world *world = context;
    struct conversation *talk = &world->conversations[world->owners[connection.index]];
    assert_false(talk->has_ended);
    talk->has_ended = true;
    talk->end = end;
}

static void accept_syn_ack(struct world *world, const struct packet *packet)
{
    int number = packet->destination_port - FIRST_PORT;
    struct conversation *talk = &world->conversations[number];
    const struct tcp_opening opening = {.tuple = tuple_of(world, number),
                                        .our_sequence = packet->tcp.acknowledgement,
                                        .their_sequence = packet->tcp.sequence,
                                        .window = packet->tcp.window,
                                        .mss = packet_tcp_mss(packet)};
    assert_int_equal(packet->tcp.acknowledgement, first_sequence(number));
    assert_int_equal(opening.mss, world->ends->mss);
    assert_int_equal(tcp_accept(world->table, &opening, world->now_ns, &talk->connection),
                     TCP_ACCEPTED);
    talk->is_open = true;
    world->owners[talk->connection.index] = number;
    go_on(world, talk, number);
}

static void take_packet(struct world *world, const struct packet *packet)
{
    const struct tcp_segment segment = packet_segment(packet);
    if (tcp_receive(world->table, &segment, world->now_ns))
        return;
    int number = segment.destination_port - FIRST_PORT;
    assert_in_range(number, 0, CONVERSATIONS - 1);
    bool is_syn_ack = (segment.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    if (is_syn_ack && !world->conversations[number].is_open)
        accept_syn_ack(world, packet);
    else
        tcp_refuse(world->table, &segment);
}

static void read_tun(struct world *world)
{
    uint8_t frame[2000];
    for (;;) {
        ssize_t length = read(world->tun, frame, sizeof frame);
        if (length < 0) {
            assert_int_equal(errno, EAGAIN);
            return;
        }
        struct packet packet;
        if (packet_decode(&packet, frame, (size_t)length, false) == PACKET_OK &&
            packet.kind == PACKET_TCP && !is_lost(world))
            take_packet(world, &packet);
    }
}

/* --- The server: the kernel's TCP --- */

/* The place of IPv4 in IPv6 is the same for sockets (RFC 4291, 2.5.5.2), so that one kind serves
 * both. */
static int listen_on(struct ip_number server, uint16_t port, int buffer)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const uint64_t words[2] = {htobe64(server.high), htobe64(server.low)};
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&address.sin6_addr, words, sizeof words);
    assert_true(fd >= 0);
    if (buffer > 0)
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, CONVERSATIONS), 0);
    return fd;
}

static void take_callers(struct world *world, int listener)
{
    struct sockaddr_in6 address;
    socklen_t size = sizeof address;
    int fd;
    while ((fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK)) >= 0) {
        struct conversation *talk = &world->conversations[ntohs(address.sin6_port) - FIRST_PORT];
        assert_int_equal(talk->socket, -1);
        talk->socket = fd;
        talk->read_from_ns = listener == world->listeners[1] ? world->now_ns + UNREAD_NS : 0;
    }
}

static void server_reads(struct conversation *talk, int number)
{
    uint8_t bytes[4000];
    ssize_t got;
    while ((got = read(talk->socket, bytes, sizeof bytes)) > 0) {
        for (uint32_t i = 0; i < got; i++)
            assert_int_equal(bytes[i], stream_byte(number, talk->read + i));
        talk->read += (uint32_t)got;
    }
    if (got == 0)
        talk->has_eof = true;
    else if (errno != EAGAIN)
        fail_msg("conversation %d: the kernel's end says %s", number, strerror(errno));
}

static void server_writes(struct conversation *talk, int number)
{
    uint8_t bytes[4000];
    uint32_t left = talk->to_client - talk->written;
    uint32_t part = left < sizeof bytes ? left : (uint32_t)sizeof bytes;
    for (uint32_t i = 0; i < part; i++)
        bytes[i] = stream_byte(number, talk->written + i);
    ssize_t put = part > 0 ? write(talk->socket, bytes, part) : 0;
    if (put > 0)
        talk->written += (uint32_t)put;
    if (talk->written == talk->to_client && talk->server_closes_first)
        shutdown(talk->socket, SHUT_WR);
}

static void serve(struct world *world, int number)
{
    struct conversation *talk = &world->conversations[number];
    if (talk->socket < 0 || talk->has_eof)
        return;
    if (world->now_ns >= talk->read_from_ns)
        server_reads(talk, number);
    server_writes(talk, number);
    if (talk->has_eof)
        shutdown(talk->socket, SHUT_WR);
}

/* --- Both --- */

static bool is_over(const struct world *world)
{
    for (int i = 0; i < CONVERSATIONS; i++)
        if (!world->conversations[i].has_ended || !world->conversations[i].has_eof)
            return false;
    return true;
}

static void step(struct world *world)
{
    struct pollfd wait = {.fd = world->tun, .events = POLLIN};
    poll(&wait, 1, 2);
    world->now_ns = clock_monotonic_ns();
    read_tun(world);
    while (tcp_tick(world->table, world->now_ns))
        ;
    for (int i = 0; i < KINDS; i++)
        take_callers(world, world->listeners[i]);
    for (int i = 0; i < CONVERSATIONS; i++) {
        const struct conversation *talk = &world->conversations[i];
        serve(world, i);
        if (!talk->is_open && world->now_ns >= talk->syn_again_ns)
            send_syn(world, i);
    }
}

static void open_listeners(struct world *world)
{
    world->tun = netns_make_tun("tun0", false);
    assert_true(world->tun >= 0);
    assert_true(netns_run("%s", world->ends->command));
    world->listeners[0] = listen_on(world->ends->server, LISTEN_PORT, 0);
    world->listeners[1] = listen_on(world->ends->server, LISTEN_PORT + 1, SMALL_BUFFER);
}

static void open_world(struct world *world)
{
    static const uint32_t sizes[] = {0, 1, 600, 5000, 20000, 60000};
    struct tcp_setup setup = tcp_setup_default();
    struct error err;
    setup.callbacks = (struct tcp_callbacks){world, emit, data, event, gone};
    setup.maximum_connections = CONVERSATIONS;
    setup.maximum_chunks = 1000;
    setup.tries = 20;
    setup.lifetime_ns = setup.linger_ns = 2 * GIVE_UP_NS;
    world->now_ns = clock_monotonic_ns();
    world->table = tcp_new(&setup, world->now_ns, &err);
    assert_non_null(world->table);
    for (int i = 0; i < CONVERSATIONS; i++)
        world->conversations[i] = (struct conversation){.to_server = sizes[i / 6 % 6],
                                                        .to_client = sizes[i % 6],
                                                        .server_closes_first = i / 3 % 2,
                                                        .socket = -1};
    open_listeners(world);
}

static void close_world(struct world *world)
{
    for (int i = 0; i < CONVERSATIONS; i++)
        close(world->conversations[i].socket);
    for (int i = 0; i < KINDS; i++)
        close(world->listeners[i]);
    close(world->tun);
    tcp_free(world->table);
}

static void the_kernel_understands_it(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);
    world->ends = *state;
    world->seed = 1;
    open_world(world);
    uint64_t end_ns = world->now_ns + GIVE_UP_NS;
    while (!is_over(world) && world->now_ns < end_ns)
        step(world);
    for (int i = 0; i < CONVERSATIONS; i++) {
        const struct conversation *talk = &world->conversations[i];
        print_message("# %d: client %u of %u, server %u of %u, ended %d %d, end of file %d\n", i,
                      talk->delivered, talk->to_client, talk->read, talk->to_server,
                      talk->has_ended, talk->end, talk->has_eof);
        assert_true(talk->has_ended && talk->has_eof);
        assert_int_equal(talk->end, TCP_END_CLOSED);
        assert_int_equal(talk->delivered, talk->to_client);
        assert_int_equal(talk->read, talk->to_server);
    }
    const struct tcp_counters *counters = tcp_counters(world->table);
    assert_true(world->lost > 0 && counters->retransmitted > 0);
    assert_true(counters->window_probes > 0);
    assert_int_equal(tcp_chunks_used(world->table), 0);
    close_world(world);
    test_free(world);
}

int main(void)
{
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    static struct ends ipv4 = {IP_NUMBER_V4(0x0a090002), IP_NUMBER_V4(0x0a090001),
                               "ip address add 10.9.0.1/24 dev tun0", 1460},
                       ipv6 = {{0xfd09ull << 48, 2},
                               {0xfd09ull << 48, 1},
                               "echo 0 > /proc/sys/net/ipv6/conf/tun0/disable_ipv6 && "
                               "ip address add fd09::1/64 dev tun0 nodad",
                               1440};
    const struct CMUnitTest tests[] = {
        {"the kernel understands it", the_kernel_understands_it, NULL, NULL, &ipv4},
        {"the kernel understands it over IPv6", the_kernel_understands_it, NULL, NULL, &ipv6},
    };
    return cmocka_run_group_tests_name("tcp_kernel", tests, NULL, NULL);
}
