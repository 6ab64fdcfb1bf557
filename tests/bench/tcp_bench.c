/* What a million connections of user-mode TCP cost: ns an operation, bytes a connection.
 *
 *   tcp_bench [CONNECTIONS [ipv6]]     1048576 unless said; a power of two up to 2^23
 *
 * Connections are opened in one order and served in another, so that each segment meets a cold one.
 * Segments that leave are counted and thrown away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "packet/decode.h"
#include "tcp/tcp.h"

enum { DEFAULT_CONNECTIONS = 1 << 20, MAXIMUM = 1 << 23, BANNER = 300 };

struct bench {
    struct tcp_table *table;
    uint64_t now_ns; /* simulated */
    uint32_t count;
    struct ip_number local, remote; /* of the far ends the first */
    uint64_t emitted, delivered, events, gone;
};

static void emit(void *context, const struct tcp_segment *segment)
{
    struct bench *bench = context;
    bench->emitted += segment->flags & TCP_ACK ? 1 : 0;
}

static void data(void *context, struct tcp_handle connection, const uint8_t *bytes, size_t length)
{
    struct bench *bench = context;
    (void)connection;
    (void)bytes;
    bench->delivered += length;
}

static void event(void *context, struct tcp_handle connection, enum tcp_event event)
{
    struct bench *bench = context;
    (void)connection;
    (void)event;
    bench->events++;
}

static void gone(void *context, struct tcp_handle connection, enum tcp_end end)
{
    struct bench *bench = context;
    (void)connection;
    (void)end;
    bench->gone++;
}

static struct ip_number remote_of(const struct bench *bench, uint32_t i)
{
    return (struct ip_number){bench->remote.high, bench->remote.low + i};
}

static void accept_one(struct bench *bench, uint32_t i)
{
    const struct tcp_opening opening = {.tuple = {bench->local, remote_of(bench, i), 40000, 80},
                                        .our_sequence = i * 77,
                                        .their_sequence = i * 99,
                                        .window = 65535,
                                        .mss = 1460};
    struct tcp_handle connection;
    tcp_accept(bench->table, &opening, bench->now_ns, &connection);
    tcp_set_timer(bench->table, connection, bench->now_ns + 2 * NS_PER_SECOND);
}

/* A segment of `length` bytes from the far end, `offset` behind its first byte. */
static void receive(struct bench *bench, uint32_t i, uint8_t flags, uint32_t offset, size_t length)
{
    static const uint8_t bytes[BANNER];
    const struct tcp_segment segment = {.source = remote_of(bench, i),
                                        .destination = bench->local,
                                        .source_port = 80,
                                        .destination_port = 40000,
                                        .sequence = i * 99 + 1 + offset,
                                        .acknowledgement = i * 77,
                                        .flags = flags,
                                        .window = 65535,
                                        .payload = bytes,
                                        .payload_length = length};
    tcp_receive(bench->table, &segment, bench->now_ns);
}

static void receive_banner(struct bench *bench, uint32_t i)
{
    receive(bench, i, TCP_ACK | TCP_PSH, 0, BANNER);
}

static void receive_reset(struct bench *bench, uint32_t i)
{
    receive(bench, i, TCP_RST, BANNER, 0);
}

/* Does it for each connection, in an order that jumps about; ns each. */
static void for_each(struct bench *bench, const char *what,
                     void (*operation)(struct bench *, uint32_t))
{
    uint64_t start = clock_monotonic_ns();
    for (uint32_t i = 0; i < bench->count; i++)
        operation(bench, i * 0x9e3779b1u & (bench->count - 1));
    printf("%-28s %6.1f ns\n", what, (double)(clock_monotonic_ns() - start) / (double)bench->count);
}

static void tick(struct bench *bench, const char *what, uint64_t span_ns, uint64_t step_ns)
{
    uint64_t calls = 0, events = bench->events;
    uint64_t start = clock_monotonic_ns();
    for (uint64_t end = bench->now_ns + span_ns; bench->now_ns < end; bench->now_ns += step_ns)
        do
            calls++;
        while (tcp_tick(bench->table, bench->now_ns));
    uint64_t took = clock_monotonic_ns() - start;
    events = bench->events - events;
    printf("%-28s %6.1f ns a call, %llu calls, %llu timers", what, (double)took / (double)calls,
           (unsigned long long)calls, (unsigned long long)events);
    if (events > 0)
        printf(", %.1f ns a timer", (double)took / (double)events);
    putchar('\n');
}

static double resident_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static int run(struct bench *bench)
{
    struct tcp_setup setup = tcp_setup_default();
    struct error err;
    double before = resident_mib();
    setup.callbacks = (struct tcp_callbacks){bench, emit, data, event, gone};
    setup.maximum_connections = bench->count;
    bench->now_ns = NS_PER_SECOND;
    bench->table = tcp_new(&setup, bench->now_ns, &err);
    if (bench->table == NULL) {
        fprintf(stderr, "tcp_bench: %s\n", err.text);
        return 1;
    }
    printf("%u connections\n", bench->count);
    for_each(bench, "accept, ACK, timer", accept_one);
    tick(bench, "tick, nothing due", NS_PER_SECOND, NS_PER_MS);
    for_each(bench, "segment of 300 bytes, ACK", receive_banner);
    tick(bench, "tick, all timers", 2 * NS_PER_SECOND, NS_PER_MS);
    double used = resident_mib() - before;
    for_each(bench, "reset, end", receive_reset);
    printf("memory %.0f MiB, %.0f bytes a connection\n", used, used * 1048576 / bench->count);
    bool is_right = bench->delivered == (uint64_t)bench->count * BANNER &&
                    bench->events == bench->count && bench->gone == bench->count &&
                    bench->emitted == 2 * (uint64_t)bench->count;
    tcp_free(bench->table);
    if (!is_right)
        fprintf(stderr, "tcp_bench: not every connection was served\n");
    return is_right ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct bench bench = {
        .count = DEFAULT_CONNECTIONS, .local = ip_number_v4(0x0a000001), .remote = ip_number_v4(0)};
    bool ipv6 = argc > 2 && strcmp(argv[2], "ipv6") == 0;
    if (argc > 1)
        bench.count = (uint32_t)strtoul(argv[1], NULL, 10);
    if (ipv6) {
        bench.local = (struct ip_number){0x20010db800000000, 1};
        bench.remote = (struct ip_number){0x20010db800010000, 0};
    }
    bool is_power = bench.count != 0 && (bench.count & (bench.count - 1)) == 0;
    if (argc > 2 + ipv6 || !is_power || bench.count > MAXIMUM) {
        fprintf(stderr, "usage: tcp_bench [CONNECTIONS [ipv6]]   (a power of two up to %d)\n",
                MAXIMUM);
        return 1;
    }
    return run(&bench);
}
