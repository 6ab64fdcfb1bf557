/* SUN RPC over UDP. */
#include "banner/datagrams.h"
#include "banner/rpc_reply.h"

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    return rpc_reply_read(datagram, &text) && datagram_tell(talk, APP_RPC, &text);
}

const struct datagram_ops datagram_rpc = {
    .name = "rpc",
    .source = "RFC 1833, RFC 5531",
    .app = APP_RPC,
    .ports = {111, 2049},
    .only_if_asked = true,
    .understand = understand,
};
