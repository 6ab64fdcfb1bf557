/* SSDP: the answer to a search, whose form is that of HTTP (UPnP Device Architecture 1.1, 1.3.3).
 */
#include "banner/datagrams.h"

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    size_t length = reader_left(datagram);
    if (!text_begins(datagram->at, length, "HTTP/1."))
        return false;
    return datagram_tell_bytes(talk, APP_SSDP, datagram->at, length);
}

const struct datagram_ops datagram_ssdp = {
    .name = "ssdp",
    .source = "UPnP Device Architecture 1.1",
    .app = APP_SSDP,
    .ports = {1900},
    .understand = understand,
};
