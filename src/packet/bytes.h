/* Header fields written to memory in network byte order. (Reading goes through base/reader.h.) */
#ifndef PACKET_BYTES_H
#define PACKET_BYTES_H

#include <stdint.h>
#include <string.h>

#include "base/address.h"

static inline uint8_t *put_u8(uint8_t *at, uint8_t value)
{
    *at = value;
    return at + 1;
}

static inline uint8_t *put_be16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static inline uint8_t *put_be32(uint8_t *at, uint32_t value)
{
    return put_be16(put_be16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

static inline uint8_t *put_be64(uint8_t *at, uint64_t value)
{
    return put_be32(put_be32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

static inline uint8_t *put_ipv6(uint8_t *at, struct ip_number address)
{
    return put_be64(put_be64(at, address.high), address.low);
}

static inline uint8_t *put_mac(uint8_t *at, const struct mac_address *mac)
{
    memcpy(at, mac->bytes, sizeof mac->bytes);
    return at + sizeof mac->bytes;
}

#endif
