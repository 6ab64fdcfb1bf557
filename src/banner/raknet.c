/* Minecraft, Bedrock edition: the name of a server in RakNet's answer to an unconnected ping. */
#include <string.h>

#include "banner/datagrams.h"

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    enum { PONG = 0x1c, TIME_AND_SERVER = 16 };
    static const uint8_t magic[] = {0,    0xff, 0xff, 0,    0xfe, 0xfe, 0xfe, 0xfe,
                                    0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34, 0x56, 0x78};
    uint8_t kind = reader_u8(datagram);
    reader_skip(datagram, TIME_AND_SERVER);
    const uint8_t *found = reader_bytes(datagram, sizeof magic);
    uint16_t length = reader_be16(datagram);
    if (datagram->failed || kind != PONG || memcmp(found, magic, sizeof magic) != 0)
        return false;
    reader_limit(datagram, length);
    return datagram_tell_bytes(talk, APP_MINECRAFT, datagram->at, reader_left(datagram));
}

const struct datagram_ops datagram_minecraft = {
    .name = "minecraft",
    .source = "RakNet, ID_UNCONNECTED_PONG",
    .app = APP_MINECRAFT,
    .ports = {19132},
    .understand = understand,
};
