/* NAT-PMP: the external address of a gateway (RFC 6886, 3.2), or that it speaks PCP instead (RFC
 * 6887, 9). */
#include "banner/datagrams.h"

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    enum { ADDRESS_RESPONSE = 0x80, VERSION_MAX = 2 };
    struct text text = {0};
    uint8_t version = reader_u8(datagram), operation = reader_u8(datagram);
    uint16_t result = reader_be16(datagram);
    uint32_t seconds = reader_be32(datagram);
    if (datagram->failed || version > VERSION_MAX || operation != ADDRESS_RESPONSE)
        return false;
    text_named_number(&text, "version", version);
    text_named_number(&text, "result", result);
    text_named_number(&text, "seconds", seconds);
    const uint8_t *address = reader_bytes(datagram, 4);
    if (address && version == 0) {
        text_named_string(&text, "address", "");
        text_ipv4(&text, address);
    }
    return datagram_tell(talk, APP_NAT_PMP, &text);
}

const struct datagram_ops datagram_nat_pmp = {
    .name = "nat-pmp",
    .source = "RFC 6886, RFC 6887",
    .app = APP_NAT_PMP,
    .ports = {5351},
    .only_if_asked = true,
    .understand = understand,
};
