/* UDP payloads from a capture file (docs/payloads.md). */
#ifndef PROBE_PAYLOAD_PCAP_H
#define PROBE_PAYLOAD_PCAP_H

#include "probe/payload_set.h"

/* Puts the payload of each UDP datagram of a pcap or pcapng file into the set, for the port it was
 * sent to; of several for one port the last one stays. Errors name the file, and the packet by its
 * number from 1 on. */
int payload_pcap_load(struct payload_set *set, const char *path, struct error *err);

#endif
