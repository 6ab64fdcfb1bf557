/* The checksums of the Internet protocols. */
#include "packet/checksum.h"

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint64_t total = sum;
    for (; length >= 2; at += 2, length -= 2)
        total += (uint32_t)(at[0] << 8 | at[1]);
    if (length > 0)
        total += (uint32_t)at[0] << 8;
    /* End-around carry, so that no length can overflow the running sum. */
    total = (total >> 32) + (total & 0xffffffff);
    return (uint32_t)((total >> 32) + total);
}

uint16_t checksum_finish(uint32_t sum)
{
    sum = (sum >> 16) + (sum & 0xffff);
    sum += sum >> 16;
    return (uint16_t)~sum;
}

uint32_t checksum_pseudo_ipv4(uint32_t source, uint32_t destination, uint8_t protocol,
                              uint16_t length)
{
    return (source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) +
           protocol + length;
}

static uint32_t sum_of_word(uint64_t word)
{
    return (uint32_t)((word >> 48) + (word >> 32 & 0xffff) + (word >> 16 & 0xffff) +
                      (word & 0xffff));
}

uint32_t checksum_pseudo_ipv6(struct ip_number source, struct ip_number destination,
                              uint8_t protocol, uint16_t length)
{
    return sum_of_word(source.high) + sum_of_word(source.low) + sum_of_word(destination.high) +
           sum_of_word(destination.low) + protocol + length;
}

/* The remainders of the sixteen half bytes: the reflected Castagnoli polynomial 0x82f63b78, four
 * bits at a time. Small, and fast enough: probes derive their CRCs from a template's. */
static const uint32_t half_byte_remainder[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ half_byte_remainder[crc & 15];
        crc = crc >> 4 ^ half_byte_remainder[crc & 15];
    }
    return ~crc;
}
