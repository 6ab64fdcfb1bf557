/* The least that sending and receiving by AF_XDP costs: loops that do nothing else, written against
 * libxdp alone. What they reach on a link is what the scanner is measured by.
 *
 *   bare_xdp send    INTERFACE SECONDS FRAME    sends the frame over and over
 *   bare_xdp receive INTERFACE SECONDS          receives whatever comes, by a native program
 *   bare_xdp turns   INTERFACE SECONDS FRAME    a batch out, what is there in, and again
 *
 * FRAME is in hexadecimal. Prints how many frames were sent and received and the seconds it took.
 * Copy mode, queue 0, batches of 256 out of 1024 frames, at most 1024 a kick. */
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/xsk.h>

#include "bare_xdp.skel.h"

enum {
    CHUNK = 2048,
    TX_CHUNKS = 1024,
    RX_CHUNKS = 8192,
    BATCH = 256,
    BUDGET_OPTION = 9, /* XDP_MAX_TX_SKB_BUDGET, not in every if_xdp.h */
};

struct bare {
    struct xsk_ring_prod fill, tx;
    struct xsk_ring_cons completion, rx;
    struct xsk_umem *umem;
    struct xsk_socket *socket;
    uint8_t *area;
    uint32_t frame_length;
    uint32_t next_chunk;  /* to send; chunks come back in order */
    uint32_t outstanding; /* given to the kernel and not come back */
    uint64_t sent, received;
    volatile uint64_t sum; /* of a byte of each received frame, so that each is looked at */
};

static void check(bool well, const char *what)
{
    if (well)
        return;
    fprintf(stderr, "bare_xdp: %s failed\n", what);
    exit(EXIT_FAILURE);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void open_socket(struct bare *bare, const char *interface)
{
    const size_t size = (size_t)(TX_CHUNKS + RX_CHUNKS) * CHUNK;
    const struct xsk_umem_config umem = {
        .fill_size = 2 * RX_CHUNKS, .comp_size = 2 * TX_CHUNKS, .frame_size = CHUNK};
    const struct xsk_socket_config config = {
        .rx_size = RX_CHUNKS,
        .tx_size = TX_CHUNKS,
        .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
        .bind_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
    };
    int budget = TX_CHUNKS, room = 4 << 20;
    bare->area =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    check(bare->area != MAP_FAILED, "mmap");
    check(xsk_umem__create(&bare->umem, bare->area, size, &bare->fill, &bare->completion, &umem) ==
              0,
          "xsk_umem__create");
    check(xsk_socket__create(&bare->socket, interface, 0, bare->umem, &bare->rx, &bare->tx,
                             &config) == 0,
          "xsk_socket__create");
    int fd = xsk_socket__fd(bare->socket);
    setsockopt(fd, SOL_XDP, BUDGET_OPTION, &budget, sizeof budget);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
}

static void fill_ring(struct bare *bare)
{
    uint32_t at = 0;
    xsk_ring_prod__reserve(&bare->fill, RX_CHUNKS, &at);
    for (uint32_t i = 0; i < RX_CHUNKS; i++)
        *xsk_ring_prod__fill_addr(&bare->fill, at + i) = (uint64_t)(TX_CHUNKS + i) * CHUNK;
    xsk_ring_prod__submit(&bare->fill, RX_CHUNKS);
}

/* The program goes with the process. */
static void attach(struct bare *bare, const char *interface)
{
    struct bare_xdp_bpf *loaded = bare_xdp_bpf__open_and_load();
    check(loaded != NULL, "loading the program");
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
    check(bpf_link_create(bpf_program__fd(loaded->progs.take_all), (int)if_nametoindex(interface),
                          BPF_XDP, &options) >= 0,
          "attaching the program");
    uint32_t queue = 0;
    int fd = xsk_socket__fd(bare->socket);
    check(bpf_map_update_elem(bpf_map__fd(loaded->maps.sockets), &queue, &fd, BPF_ANY) == 0,
          "joining the map");
}

static void write_frames(struct bare *bare, const char *hex)
{
    bare->frame_length = (uint32_t)strlen(hex) / 2;
    check(bare->frame_length >= 14 && bare->frame_length < CHUNK, "reading the frame");
    for (uint32_t chunk = 0; chunk < TX_CHUNKS; chunk++)
        for (uint32_t i = 0; i < bare->frame_length; i++) {
            unsigned byte;
            check(sscanf(hex + 2 * (size_t)i, "%2x", &byte) == 1, "reading the frame");
            bare->area[(size_t)chunk * CHUNK + i] = (uint8_t)byte;
        }
}

static void reap(struct bare *bare)
{
    uint32_t at = 0;
    uint32_t done = xsk_ring_cons__peek(&bare->completion, TX_CHUNKS, &at);
    xsk_ring_cons__release(&bare->completion, done);
    bare->outstanding -= done;
    bare->sent += done;
}

static void send_some(struct bare *bare)
{
    uint32_t at = 0;
    if (bare->outstanding + BATCH <= TX_CHUNKS &&
        xsk_ring_prod__reserve(&bare->tx, BATCH, &at) == BATCH) {
        for (uint32_t i = 0; i < BATCH; i++)
            *xsk_ring_prod__tx_desc(&bare->tx, at + i) =
                (struct xdp_desc){.addr = (uint64_t)(bare->next_chunk++ % TX_CHUNKS) * CHUNK,
                                  .len = bare->frame_length};
        xsk_ring_prod__submit(&bare->tx, BATCH);
        bare->outstanding += BATCH;
    }
    /* Also for what an earlier kick left in the ring, as it does when the link has no room. */
    if (__atomic_load_n(bare->tx.consumer, __ATOMIC_ACQUIRE) != *bare->tx.producer)
        sendto(xsk_socket__fd(bare->socket), NULL, 0, MSG_DONTWAIT, NULL, 0);
    reap(bare);
}

static uint32_t receive_some(struct bare *bare)
{
    uint32_t at = 0, back = 0;
    uint32_t count = xsk_ring_cons__peek(&bare->rx, BATCH, &at);
    if (count == 0)
        return 0;
    xsk_ring_prod__reserve(&bare->fill, count, &back);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t address = xsk_ring_cons__rx_desc(&bare->rx, at + i)->addr;
        bare->sum += bare->area[address + 30];
        *xsk_ring_prod__fill_addr(&bare->fill, back + i) = address & ~(uint64_t)(CHUNK - 1);
    }
    xsk_ring_prod__submit(&bare->fill, count);
    xsk_ring_cons__release(&bare->rx, count);
    bare->received += count;
    return count;
}

static void run(struct bare *bare, bool sends, bool receives, double seconds)
{
    double begin = now(), end = begin + seconds;
    struct pollfd wait = {.fd = xsk_socket__fd(bare->socket), .events = POLLIN};
    for (double time = begin; time < end; time = now()) {
        if (sends)
            send_some(bare);
        while (receives && receive_some(bare) == BATCH)
            continue;
        if (!sends)
            poll(&wait, 1, 1);
    }
    printf("%lu %lu %.6f\n", bare->sent, bare->received, now() - begin);
}

int main(int argc, char **argv)
{
    static struct bare bare;
    bool receive = argc == 4 && strcmp(argv[1], "receive") == 0;
    bool send = argc == 5 && strcmp(argv[1], "send") == 0;
    bool turns = argc == 5 && strcmp(argv[1], "turns") == 0;
    if (!receive && !send && !turns)
        return fprintf(stderr, "usage: bare_xdp send|receive|turns INTERFACE SECONDS [FRAME]\n"), 2;
    open_socket(&bare, argv[2]);
    if (argc == 5)
        write_frames(&bare, argv[4]);
    if (receive || turns) {
        fill_ring(&bare);
        attach(&bare, argv[2]);
    }
    run(&bare, send || turns, receive || turns, strtod(argv[3], NULL));
    return 0;
}
