/* What the scanner found: one record, the currency between scan, writers and readers. */
#ifndef OUTPUT_RESULT_H
#define OUTPUT_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/banner_app.h"
#include "output/word.h"

enum result_kind {
    RESULT_STATUS, /* a port is open or closed, a host is up */
    RESULT_BANNER, /* what a service said */
};

enum result_status { RESULT_OPEN, RESULT_CLOSED, RESULT_UP };

/* The protocol is an IP protocol number; 0 stands for ARP, as in the binary format, and 255, which
 * IANA keeps free, for what is said of a protocol as such: its number is the port then. */
enum {
    RESULT_ARP = 0,
    RESULT_ICMP = 1,
    RESULT_TCP = 6,
    RESULT_UDP = 17,
    RESULT_SCTP = 132,
    RESULT_IP = 255,
};

/* The longest banner that is carried; output_set_record cuts longer ones. */
enum { RESULT_BANNER_MAX = (1 << 20) - 64 };

struct result {
    enum result_kind kind;
    enum result_status status;
    uint64_t time; /* wall clock, seconds since 1970 UTC */
    struct ip_address ip;
    const char *name; /* of the host, as the user called it; NULL: none. A plain host_name of
                         base/host_names.h; its maker keeps it */
    uint16_t port;    /* of TCP, UDP, SCTP; else the number of the IP protocol or ICMP request */
    uint8_t protocol;
    uint8_t reason;        /* TCP flags of the reply (FIN 0x01 ... CWR 0x80); 0 for others */
    uint8_t ttl;           /* of the reply's IP header */
    uint16_t app;          /* banners: enum banner_app */
    const uint8_t *banner; /* banners: the text, not NUL-terminated; the record's maker keeps it */
    uint32_t banner_length;
};

/* Takes a result, which with its banner is valid during the call. Negative, with `err`, ends what
 * the results come from. */
struct error;
typedef int result_fn(void *context, const struct result *result, struct error *err);

/* "open", "closed", "up". */
const struct word *result_status_name(enum result_status status);

/* "tcp", "udp", "sctp", "icmp", "arp", "ip". */
const struct word *result_protocol_name(uint8_t protocol);

/* "http", "ssh", ...; "unknown" for ids out of the table. */
const struct word *result_app_name(uint16_t app);

#endif
