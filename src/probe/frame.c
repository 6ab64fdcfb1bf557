/* Frames from templates: laying a template out.
 *
 * "Don't fragment" stays clear. With it set, the identification would have no meaning (RFC 6864)
 * and middleboxes may rewrite it; we need it back in ICMP quotes. Nothing is lost, as probes are
 * too small to be fragmented. */
#include "probe/frame.h"

#include <stdlib.h>

#include "packet/bytes.h"
#include "packet/checksum.h"

enum { MAX_TRANSPORT = 1480 }; /* what an Ethernet frame carries behind an IPv4 header */

static void write_ip(uint8_t *ip, uint8_t ttl, uint8_t protocol, uint16_t total_length)
{
    uint8_t *at = put_be16(ip, 0x4500);
    at = put_be16(at, total_length);
    at = put_be32(at, 0); /* identification, flags, offset */
    at = put_u8(at, ttl);
    put_u8(at, protocol);
}

int frame_template_init(struct frame_template *template, const struct probe_setup *setup,
                        uint8_t protocol, const uint8_t *transport, size_t length,
                        struct error *err)
{
    if (length > MAX_TRANSPORT)
        return error_set(err, "a probe of %zu bytes is too long; at most %d fit behind IPv4",
                         length, MAX_TRANSPORT);
    uint32_t ip = setup->link.length;
    uint32_t frame_length = ip + FRAME_TRANSPORT + (uint32_t)length;
    uint32_t block_count = (frame_length + FRAME_BLOCK - 1) / FRAME_BLOCK;
    uint8_t *frame = aligned_alloc(FRAME_BLOCK, (size_t)block_count * FRAME_BLOCK);
    if (frame == NULL)
        return error_set(err, "out of memory for a probe's template");
    memset(frame, 0, (size_t)block_count * FRAME_BLOCK);
    memcpy(frame, setup->link.bytes, setup->link.length);
    write_ip(frame + ip, setup->ttl, protocol, (uint16_t)(FRAME_TRANSPORT + length));
    memcpy(frame + ip + FRAME_TRANSPORT, transport, length);
    *template = (struct frame_template){
        .blocks = (frame_block *)frame,
        .block_count = block_count,
        .length = frame_length,
        .ip = ip,
        .ip_sum = checksum_add(0, frame + ip, FRAME_TRANSPORT),
        .transport_sum = checksum_add(0, transport, length),
        .ttl_protocol = (uint32_t)setup->ttl << 24 | (uint32_t)protocol << 16,
    };
    return 0;
}

void frame_template_fini(struct frame_template *template)
{
    free(template->blocks);
    *template = (struct frame_template){0};
}
