/* Frames for tests of transports over a link: short ones that carry a serial number. */
#ifndef TRANSPORT_TESTING_FRAMES_H
#define TRANSPORT_TESTING_FRAMES_H

#include "transport/transport.h"

enum { PROBE = 60 }; /* their length */

struct transport_stats stats_of(struct transport *transport);

/* Writes PROBE bytes: an Ethernet header, zeros, and the serial number. */
void write_ethernet(uint8_t *frame, uint16_t ethertype, uint32_t serial);
uint32_t serial_of(const uint8_t *frame);

/* What tx_commit says to `count` ARP-like frames with serial numbers from `first` on. */
int send_serials(struct transport *transport, unsigned count, uint32_t first, struct error *err);

/* What it says to one frame of these bytes. */
int send_one(struct transport *transport, const uint8_t *bytes, uint32_t length, struct error *err);

/* Sends as another program of this host does, through the queueing layer with its taps. */
bool send_as_host(const char *interface_name, const uint8_t *frame, size_t length);

/* Waits until something has arrived, and peeks at it; a transport that never gets any makes the
 * test run into its time-out. */
void peek_some(struct transport *transport, struct rx_frames *frames);

#endif
