/* The receive ring that a packet socket shares with the kernel (TPACKET_V3).
 *
 * Theory of operation. The ring is a row of blocks. The kernel fills a block with frames, one
 * behind the other, each behind a header that says where the next one is; when the block is full,
 * or when a time has gone by since it began and it holds anything, the kernel sets its status to
 * USER and goes on with the next block. We walk the frames and then set the status to KERNEL again.
 * If the kernel comes to a block that is still ours it drops frames and counts them, even if other
 * blocks are free.
 *
 * So at a low rate the ring does not fill by bytes but by time: each time-out uses up a block. Many
 * small blocks therefore ride out a longer pause of the reader than few large ones of the same
 * total: 128 blocks bear 128 time-outs (half a second); of 128 KiB each, 116,000 minimal frames.
 *
 * Source: Documentation/networking/packet_mmap.rst of Linux. */
#include "transport/tpacket_ring.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
    BLOCKS_MAX = 128,
    BLOCKS_MIN = 8,
    BLOCK_TIMEOUT_MS = 4, /* how long a frame may wait for company */
    FRAME_SIZE = 2048,    /* TPACKET_V3 only checks that it divides the block */
};

static int set_version(int socket, struct error *err)
{
    int version = TPACKET_V3;
    if (setsockopt(socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0)
        return error_sys(err, errno, "this kernel has no TPACKET_V3 receive ring");
    return 0;
}

/* A ring of half the size is better than none when memory is short. */
static int request_blocks(struct tpacket_ring *ring, int socket, size_t size, struct error *err)
{
    unsigned block_size = (unsigned)(size / BLOCKS_MAX);
    for (unsigned blocks = BLOCKS_MAX; blocks >= BLOCKS_MIN; blocks /= 2) {
        struct tpacket_req3 request = {
            .tp_block_size = block_size,
            .tp_block_nr = blocks,
            .tp_frame_size = FRAME_SIZE,
            .tp_frame_nr = block_size / FRAME_SIZE * blocks,
            .tp_retire_blk_tov = BLOCK_TIMEOUT_MS,
        };
        ring->blocks = blocks;
        ring->block_size = block_size;
        if (setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) == 0)
            return 0;
        if (errno != ENOMEM)
            break;
    }
    return error_sys(err, errno, "cannot make a receive ring of %u blocks of %zu bytes",
                     ring->blocks, ring->block_size);
}

int tpacket_ring_map(struct tpacket_ring *ring, int socket, size_t size, struct error *err)
{
    *ring = (struct tpacket_ring){0};
    if (set_version(socket, err) < 0 || request_blocks(ring, socket, size, err) < 0)
        return -1;
    size_t mapped = ring->blocks * ring->block_size;
    void *map = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, socket, 0);
    if (map == MAP_FAILED)
        return error_sys(err, errno, "cannot map the receive ring (%zu bytes)", mapped);
    ring->map = map;
    return 0;
}

void tpacket_ring_unmap(struct tpacket_ring *ring)
{
    if (ring->map != NULL)
        munmap(ring->map, ring->blocks * ring->block_size);
    *ring = (struct tpacket_ring){0};
}

static struct tpacket_block_desc *current_block(const struct tpacket_ring *ring)
{
    return (struct tpacket_block_desc *)(ring->map + ring->current * ring->block_size);
}

static bool is_ours(const struct tpacket_block_desc *block)
{
    /* Pairs with the kernel's barrier: what the status promises is written before the status. */
    return __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

static void give_block_back(struct tpacket_ring *ring)
{
    struct tpacket_block_desc *block = current_block(ring);
    __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    ring->current = (ring->current + 1) % ring->blocks;
    ring->released = 0;
    ring->next = NULL;
}

bool tpacket_ring_ready(const struct tpacket_ring *ring)
{
    return is_ours(current_block(ring));
}

/* tp_snaplen, not tp_len: what is there, should the frame have been longer than the snap length. */
static const uint8_t *walk(const uint8_t *at, struct rx_frames *frames)
{
    for (unsigned i = 0; i < frames->count; i++) {
        const struct tpacket3_hdr *header = (const struct tpacket3_hdr *)at;
        frames->frame[i] = at + header->tp_mac;
        frames->length[i] = header->tp_snaplen;
        at += header->tp_next_offset;
    }
    return at;
}

void tpacket_ring_peek(struct tpacket_ring *ring, struct rx_frames *frames)
{
    const struct tpacket_block_desc *block = current_block(ring);
    frames->count = 0;
    if (!is_ours(block))
        return;
    if (ring->next == NULL)
        ring->next = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
    uint32_t left = block->hdr.bh1.num_pkts - ring->released;
    frames->count = left < TRANSPORT_BATCH ? left : TRANSPORT_BATCH;
    ring->behind_held = walk(ring->next, frames);
    ring->held = frames->count;
    if (left == 0)
        give_block_back(ring);
}

void tpacket_ring_release(struct tpacket_ring *ring)
{
    if (ring->held == 0)
        return;
    ring->released += ring->held;
    ring->next = ring->behind_held;
    ring->held = 0;
    if (ring->released == current_block(ring)->hdr.bh1.num_pkts)
        give_block_back(ring);
}
