/* The table of protocols over UDP, and whose a reply is. */
#include "banner/datagrams.h"

const struct datagram_ops *const datagram_protocols[] = {
    &datagram_dns,    &datagram_mdns,    &datagram_snmp,   &datagram_nbstat, &datagram_ntp,
    &datagram_isakmp, &datagram_coap,    &datagram_ssdp,   &datagram_sip,    &datagram_memcached,
    &datagram_rpc,    &datagram_tftp,    &datagram_dtls,   &datagram_quic,   &datagram_radius,
    &datagram_stun,   &datagram_nat_pmp, &datagram_bacnet, &datagram_cldap,  &datagram_minecraft,
};

const unsigned datagram_protocol_count = sizeof datagram_protocols / sizeof datagram_protocols[0];

static bool is_usual_on(const struct datagram_ops *ops, uint16_t port)
{
    for (unsigned i = 0; i < DATAGRAM_PORTS_MAX && ops->ports[i] != 0; i++)
        if (ops->ports[i] == port)
            return true;
    return false;
}

static bool claims(const struct datagram_ops *ops, const uint8_t *bytes, size_t length,
                   struct banner_talk *talk)
{
    struct reader reader = reader_over(bytes, length);
    return ops->understand(&reader, talk);
}

/* Asks those that are usual on the port, or those that are not. */
static bool is_claimed(bool usual, uint16_t port, const uint8_t *bytes, size_t length,
                       struct banner_talk *talk)
{
    for (unsigned i = 0; i < datagram_protocol_count; i++) {
        const struct datagram_ops *ops = datagram_protocols[i];
        bool is_asked = usual ? is_usual_on(ops, port) : !ops->only_if_asked;
        if (is_asked && claims(ops, bytes, length, talk))
            return true;
    }
    return false;
}

void datagram_read(uint16_t port, const uint8_t *bytes, size_t length, struct banner_talk *talk)
{
    if (is_claimed(true, port, bytes, length, talk) || is_claimed(false, port, bytes, length, talk))
        return;
    banner_tell(talk, APP_UNKNOWN, bytes,
                length < DATAGRAM_UNKNOWN_MAX ? length : (size_t)DATAGRAM_UNKNOWN_MAX);
}

void datagram_read_raw(const uint8_t *bytes, size_t length, struct banner_talk *talk)
{
    banner_tell(talk, APP_UNKNOWN, bytes,
                length < BANNER_TEXT_MAX ? length : (size_t)BANNER_TEXT_MAX);
}

bool datagram_tell(const struct banner_talk *talk, uint16_t app, const struct text *text)
{
    banner_tell(talk, app, text->bytes, text->length);
    return text->length > 0;
}

bool datagram_tell_bytes(const struct banner_talk *talk, uint16_t app, const uint8_t *bytes,
                         size_t length)
{
    if (length > BANNER_TEXT_MAX)
        length = BANNER_TEXT_MAX;
    while (length > 0 &&
           (bytes[length - 1] == '\r' || bytes[length - 1] == '\n' || bytes[length - 1] == '\0'))
        length--;
    banner_tell(talk, app, bytes, length);
    return length > 0;
}
