/* The checksums of the Internet protocols: one's complement sum (RFC 1071) and CRC-32C (RFC 3309,
 * for SCTP). */
#ifndef PACKET_CHECKSUM_H
#define PACKET_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* Adds bytes, as big-endian 16-bit words (an odd last byte is padded with zero), to a running sum.
 * Start with 0. */
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t length);

/* The folded complement, in host order, ready to be stored big-endian. */
uint16_t checksum_finish(uint32_t sum);

/* The sum of the pseudo header of TCP and UDP over IPv4. Addresses in host order, length of header
 * and payload. */
uint32_t checksum_pseudo_ipv4(uint32_t source, uint32_t destination, uint8_t protocol,
                              uint16_t length);

/* The same over IPv6 (RFC 8200, 8.1), and for ICMPv6. */
uint32_t checksum_pseudo_ipv6(struct ip_number source, struct ip_number destination,
                              uint8_t protocol, uint16_t length);

/* CRC-32C of the bytes as SCTP uses it; to be stored least significant byte first. */
uint32_t crc32c(const void *bytes, size_t length);

#endif
