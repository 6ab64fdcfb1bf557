/* --benchmark: how fast the parts of the program are on this machine, without a network.
 *
 * Each part is run again and again for a few hundredths of a second, several times over; the best
 * of these counts, as whatever disturbs a measurement makes it longer. One processor does it all.
 */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/dedup.h"
#include "base/port.h"
#include "output/writer.h"
#include "packet/build.h"
#include "packet/decode.h"
#include "probe/cookie.h"
#include "probe/probe.h"
#include "scan/adapter.h"
#include "target/permutation.h"
#include "target/space.h"
#include "transport/tx_frames.h"

enum { ROUNDS = 5, FORMAT_BUFFER = 1 << 20, REPLY_ROOM = 64 };
static const uint64_t ROUND_NS = 30 * NS_PER_MS;

/* Everything that is measured, and what it works on. */
struct bench {
    struct target_space *space;
    struct permutation order;
    struct adapter adapter;
    struct probe_setup setup;
    struct probe_set *probes;
    struct probe_batch batch;
    struct tx_frames frames;
    uint8_t *frame[BATCH_LANES];
    uint32_t length[BATCH_LANES];
    uint64_t index; /* of the next batch */
    alignas(64) uint8_t replies[BATCH_LANES][REPLY_ROOM];
    uint32_t reply_length;
    uint64_t judged_open; /* so that nothing is left out as useless */
    struct dedup dedup;
    const struct writer_ops *writer;
    void *writer_state;
    struct buffer text;
};

/* One round of BATCH_LANES things. */
typedef void part_fn(struct bench *bench);

/* ---- measuring ---- */

static double round_ns(struct bench *bench, part_fn *part)
{
    uint64_t begin = clock_monotonic_ns(), now = begin, batches = 0;
    while (now - begin < ROUND_NS) {
        for (int i = 0; i < 16; i++)
            part(bench);
        batches += 16;
        now = clock_monotonic_ns();
    }
    return (double)(now - begin) / (double)(batches * BATCH_LANES);
}

/* Nanoseconds for one of them. */
static double best_ns(struct bench *bench, part_fn *part)
{
    double best = round_ns(bench, part);
    for (int round = 1; round < ROUNDS; round++) {
        double ns = round_ns(bench, part);
        best = ns < best ? ns : best;
    }
    return best;
}

static void print_row(const char *what, double ns)
{
    printf("  %-48s %8.2f ns %10.2f million/s\n", what, ns, 1000 / ns);
}

/* ---- sending ---- */

static void permute(struct bench *bench)
{
    alignas(64) uint32_t major[BATCH_LANES], minor[BATCH_LANES];
    permutation_batch(&bench->order, bench->index, 1, BATCH_LANES, major, minor);
    bench->index = (bench->index + BATCH_LANES) % (bench->order.size - BATCH_LANES);
}

static void take_pairs(struct bench *bench)
{
    target_space_batch(bench->space, bench->index, 1, BATCH_LANES, bench->batch.address,
                       bench->batch.port);
    bench->index = (bench->index + BATCH_LANES) % (target_space_size(bench->space) - BATCH_LANES);
}

static void make_cookies(struct bench *bench)
{
    cookie_batch(&bench->setup, &bench->batch);
}

static void write_frames(struct bench *bench)
{
    probe_set_write(bench->probes, &bench->batch, bench->frame, bench->length);
}

static void make_probes(struct bench *bench)
{
    take_pairs(bench);
    write_frames(bench);
}

static const struct {
    const char *what;
    part_fn *part;
} sending[] = {
    {"permutation", permute},     {"index to address and port, permutation included", take_pairs},
    {"cookie", make_cookies},     {"frame, cookie included", write_frames},
    {"whole probe", make_probes},
};

static void measure_level(struct bench *bench, enum cpu_level level)
{
    printf("\nMaking TCP probes with the instructions of %s, a probe:\n", cpu_level_name(level));
    bench->order.level = bench->setup.level = level;
    target_space_use_level(bench->space, level);
    for (size_t i = 0; i < sizeof sending / sizeof sending[0]; i++)
        print_row(sending[i].what, best_ns(bench, sending[i].part));
}

/* ---- receiving ---- */

/* The far end's SYN-ACKs to the probes of the batch; with a wrong cookie if `error` is not 0. */
static void prepare_replies(struct bench *bench, uint32_t error)
{
    take_pairs(bench);
    make_cookies(bench);
    const struct link_header link = adapter_link_header(&bench->adapter);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        const struct tcp_segment reply = {
            .source = ip_number_v4(bench->batch.address[i]),
            .destination = ip_number_v4(bench->batch.source_address[i]),
            .source_port = (uint16_t)port_code_number(bench->batch.port[i]),
            .destination_port = (uint16_t)bench->batch.source_port[i],
            .sequence = i,
            .acknowledgement = bench->batch.cookie[i] + 1 + error,
            .flags = TCP_SYN | TCP_ACK,
            .ttl = 57,
        };
        bench->reply_length = (uint32_t)packet_build_tcp(bench->replies[i], &link, &reply);
    }
}

static void judge_replies(struct bench *bench)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        struct packet packet;
        struct probe_reply reply;
        if (packet_decode(&packet, bench->replies[i], bench->reply_length, true) == PACKET_OK &&
            probe_set_match(bench->probes, &packet, &reply) == PROBE_OPEN)
            bench->judged_open++;
    }
}

/* New results and one in 256 that was there: more than will ever be remembered. */
static void remember(struct bench *bench)
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        dedup_prefetch(&bench->dedup, bench->index + i);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        dedup_insert(&bench->dedup, bench->index + i, NULL);
    bench->index += BATCH_LANES - 1;
}

static int measure_receiving(struct bench *bench, struct error *err)
{
    printf("\nReceiving, a SYN-ACK:\n");
    prepare_replies(bench, 0);
    print_row("decode it and check its cookie", best_ns(bench, judge_replies));
    if (bench->judged_open == 0)
        return error_set(err, "the cookies of right replies were not recognised");
    bench->judged_open = 0;
    prepare_replies(bench, 1);
    print_row("the same, with a wrong one", best_ns(bench, judge_replies));
    if (bench->judged_open != 0)
        return error_set(err, "wrong cookies were taken for right ones");
    if (dedup_init(&bench->dedup, DEDUP_MEMORY_MIB, err) < 0)
        return -1;
    print_row("tell whether it was reported before", best_ns(bench, remember));
    return 0;
}

/* ---- output ---- */

static void format_records(struct bench *bench)
{
    struct result result = {
        .kind = RESULT_STATUS,
        .status = RESULT_OPEN,
        .time = 1700000000,
        .protocol = RESULT_TCP,
        .reason = TCP_SYN | TCP_ACK,
        .ttl = 57,
    };
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        result.ip = ip_from_v4(bench->batch.address[i]);
        result.port = (uint16_t)port_code_number(bench->batch.port[i]);
        bench->writer->record(bench->writer_state, &bench->text, &result);
    }
    buffer_clear(&bench->text);
}

static int measure_writer(struct bench *bench, const struct writer_ops *writer, struct error *err)
{
    static const struct scan_facts facts = {.version = APP_VERSION,
                                            .tcp_text = "",
                                            .udp_text = "",
                                            .sctp_text = "",
                                            .ip_protocol_text = ""};
    bench->writer = writer;
    bench->writer_state = calloc(1, writer->state_size + 1);
    if (bench->writer_state == NULL)
        return error_set(err, "out of memory");
    if (writer->open != NULL)
        writer->open(bench->writer_state, &bench->text, &facts);
    buffer_clear(&bench->text);
    print_row(writer->name, best_ns(bench, format_records));
    free(bench->writer_state);
    return 0;
}

static int measure_writers(struct bench *bench, struct error *err)
{
    printf("\nWriting results, a record of each format:\n");
    buffer_init(&bench->text, FORMAT_BUFFER);
    for (const struct writer_ops *const *writer = writer_table; *writer != NULL; writer++)
        if (measure_writer(bench, *writer, err) < 0)
            return -1;
    return 0;
}

/* ---- all of it ---- */

/* 10.0.0.0/8 with thirty ports, as everybody's inside may be scanned. */
static int make_space(struct bench *bench, struct error *err)
{
    enum { FIRST_PORT = 80, PORTS = 30 };
    static const uint32_t first = 0x0a000000, last = 0x0affffff;
    struct address_set addresses;
    struct range_set ports;
    address_set_init(&addresses);
    range_set_init(&ports);
    if (range_set_add(&addresses.v4, first, last, err) == 0 &&
        range_set_add(&ports, port_code(PORT_TCP, FIRST_PORT),
                      port_code(PORT_TCP, FIRST_PORT + PORTS - 1), err) == 0 &&
        address_set_normalise(&addresses, err) == 0 && range_set_normalise(&ports, err) == 0)
        bench->space = target_space_new(&addresses, &ports, 1, err);
    address_set_fini(&addresses);
    range_set_fini(&ports);
    if (bench->space == NULL)
        return -1;
    return permutation_init(&bench->order, last - first + 1ull, PORTS, 1, err);
}

static int prepare(struct bench *bench, struct error *err)
{
    const struct adapter_wish wish = {0};
    if (make_space(bench, err) < 0 || adapter_offline(&bench->adapter, &wish, 0, err) < 0)
        return -1;
    bench->setup = (struct probe_setup){
        .link = adapter_link_header(&bench->adapter),
        .source_address = (uint32_t)bench->adapter.ipv4.source.low,
        .source_port = bench->adapter.port,
        .ttl = 255,
        .tcp_mss = 1460,
        .key = {0x0706050403020100, 0x0f0e0d0c0b0a0908},
        .space = bench->space,
        .level = cpu_level_best(),
    };
    bench->probes = probe_set_new(&bench->setup, err);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        bench->frame[i] = bench->frames.slot[i];
    return bench->probes != NULL ? 0 : -1;
}

static int measure(struct bench *bench, struct error *err)
{
    if (prepare(bench, err) < 0)
        return -1;
    for (int level = CPU_BASE; level <= (int)cpu_level_best(); level++)
        measure_level(bench, (enum cpu_level)level);
    if (measure_receiving(bench, err) < 0)
        return -1;
    return measure_writers(bench, err);
}

static void bench_free(struct bench *bench)
{
    buffer_fini(&bench->text);
    dedup_fini(&bench->dedup);
    probe_set_free(bench->probes);
    target_space_free(bench->space);
    free(bench);
}

int app_benchmark(struct error *err)
{
    size_t size = (sizeof(struct bench) + 63) / 64 * 64;
    struct bench *bench = aligned_alloc(64, size);
    if (bench == NULL)
        return error_set(err, "out of memory");
    memset(bench, 0, size);
    printf("%s %s, one processor; the best this machine has is %s\n", APP_NAME, APP_VERSION,
           cpu_level_name(cpu_level_best()));
    int result = measure(bench, err);
    bench_free(bench);
    if (result == 0 && (fflush(stdout) != 0 || ferror(stdout)))
        return error_set(err, "cannot write to standard output");
    return result < 0 ? -1 : EXIT_COMPLETE;
}
