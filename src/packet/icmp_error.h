/* The errors that ICMP and ICMPv6 report, by type and code: kinds to count them by, and names. */
#ifndef PACKET_ICMP_ERROR_H
#define PACKET_ICMP_ERROR_H

#include <stdint.h>

enum { ICMP_ERROR_KINDS = 17 };

/* The kind of an error, below ICMP_ERROR_KINDS. `version` is that of the IP that carried it; what
 * means the same in both is one kind. The last kind is that of all without a name. */
unsigned icmp_error_kind(uint8_t version, uint8_t type, uint8_t code);

/* "host-unreachable"; of the last kind "other". */
const char *icmp_error_name(unsigned kind);

#endif
