/* Frames from templates: laying a template out.
 *
 * "Don't fragment" stays clear. With it set, the identification would have no meaning (RFC 6864)
 * and middleboxes may rewrite it; we need it back in ICMP quotes. Nothing is lost, as probes are
 * too small to be fragmented. */
#include "probe/frame.h"

#include <stdlib.h>

#include "packet/bytes.h"
#include "packet/checksum.h"

enum { MAX_PACKET = 1500 }; /* what an Ethernet frame carries; links may carry less */

static void write_ipv4(uint8_t *ip, uint8_t ttl, uint8_t protocol, uint16_t length)
{
    uint8_t *at = put_be16(ip, 0x4500);
    at = put_be16(at, (uint16_t)(FRAME_TRANSPORT + length));
    at = put_be32(at, 0); /* identification, flags, offset */
    at = put_u8(at, ttl);
    put_u8(at, protocol);
}

static void write_ipv6(uint8_t *ip, uint8_t ttl, uint8_t protocol, uint16_t length)
{
    uint8_t *at = put_be32(ip, 0); /* patched */
    at = put_be16(at, length);
    at = put_u8(at, protocol);
    put_u8(at, ttl);
}

static const struct family {
    const char *name;
    uint32_t header; /* bytes */
    void (*write)(uint8_t *ip, uint8_t ttl, uint8_t protocol, uint16_t length);
} families[FRAME_FAMILIES] = {
    [FRAME_IPV4] = {"IPv4", FRAME_TRANSPORT, write_ipv4},
    [FRAME_IPV6] = {"IPv6", FRAME_IPV6_TRANSPORT, write_ipv6},
};

uint32_t frame_room(const struct probe_setup *setup, enum frame_family family)
{
    uint32_t mtu = setup->mtu > 0 && setup->mtu < MAX_PACKET ? setup->mtu : MAX_PACKET;
    uint32_t header = families[family].header;
    return mtu > header ? mtu - header : 0;
}

int frame_template_init(struct frame_template *template, const struct probe_setup *setup,
                        enum frame_family family, uint8_t protocol, const uint8_t *transport,
                        size_t length, struct error *err)
{
    const struct family *format = &families[family];
    const struct link_header *link = family == FRAME_IPV4 ? &setup->link : &setup->link_ipv6;
    uint32_t room = frame_room(setup, family);
    if (length > room)
        return error_set(err, "a probe of %zu bytes is too long; at most %u fit behind %s here",
                         length, room, format->name);
    uint32_t ip = link->length;
    uint32_t frame_length = ip + format->header + (uint32_t)length;
    uint32_t block_count = (frame_length + FRAME_BLOCK - 1) / FRAME_BLOCK;
    uint8_t *frame = aligned_alloc(FRAME_BLOCK, (size_t)block_count * FRAME_BLOCK);
    if (frame == NULL)
        return error_set(err, "out of memory for a probe's template");
    memset(frame, 0, (size_t)block_count * FRAME_BLOCK);
    memcpy(frame, link->bytes, link->length);
    format->write(frame + ip, setup->ttl, protocol, (uint16_t)length);
    memcpy(frame + ip + format->header, transport, length);
    *template = (struct frame_template){
        .blocks = (frame_block *)frame,
        .block_count = block_count,
        .length = frame_length,
        .ip = ip,
        .ip_sum = checksum_add(0, frame + ip, FRAME_TRANSPORT),
        .transport_sum = checksum_add(0, transport, length),
        .pseudo_sum = protocol + (uint32_t)length,
        .ttl_protocol = (uint32_t)setup->ttl << 24 | (uint32_t)protocol << 16,
    };
    return 0;
}

void frame_template_fini(struct frame_template *template)
{
    free(template->blocks);
    *template = (struct frame_template){0};
}

void frame_templates_fini(struct frame_template templates[FRAME_FAMILIES])
{
    for (int family = 0; family < FRAME_FAMILIES; family++)
        frame_template_fini(&templates[family]);
}
