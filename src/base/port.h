/* What is probed on an address: a port of TCP, UDP or SCTP, an ICMP request, an IP protocol, or, by
 * ARP, the address itself.
 *
 * A port code puts the class above a 16-bit number, so that one set of integers holds every kind:
 * `-p 80,U:53,I:0` is {80, 65536 + 53, 3 * 65536 + 0}. */
#ifndef BASE_PORT_H
#define BASE_PORT_H

#include <stdint.h>

enum port_class {
    PORT_TCP,
    PORT_UDP,
    PORT_SCTP,
    PORT_ICMP,     /* number 0 = echo, 1 = timestamp */
    PORT_IP_PROTO, /* number = the IP protocol, 0-255 */
    PORT_ARP,      /* number 0 */
    PORT_CLASSES,
};

enum { PORT_ICMP_ECHO = 0, PORT_ICMP_TIMESTAMP = 1 };

static inline uint32_t port_code(enum port_class class, uint32_t number)
{
    return (uint32_t) class << 16 | number;
}

static inline enum port_class port_code_class(uint32_t code)
{
    return (enum port_class)(code >> 16);
}

static inline uint32_t port_code_number(uint32_t code)
{
    return code & 0xffff;
}

#endif
