/* CRC-32C (Castagnoli), the checksum of SCTP (RFC 9260, appendix A), a byte at a time from a table.
 */
#ifndef TESTS_LAB_CRC32C_H
#define TESTS_LAB_CRC32C_H

#include <stdint.h>

/* 0x1edc6f41 with its bits reversed: SCTP's CRC works from the low bit up. */
#define CRC32C_POLYNOMIAL 0x82f63b78u

static inline void crc32c_fill(uint32_t table[256])
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
        table[byte] = crc;
    }
}

/* Start with ~0 and invert the end. */
static inline uint32_t crc32c_step(const uint32_t table[256], uint32_t crc, uint8_t byte)
{
    return crc >> 8 ^ table[(crc ^ byte) & 255];
}

#endif
