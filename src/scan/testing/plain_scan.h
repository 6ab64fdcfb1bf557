/* The probes of a scan made as plainly as can be, one at a time, from the documented order, cookies
 * and headers: what the batch passes are compared with. TCP only. */
#ifndef SCAN_TESTING_PLAIN_SCAN_H
#define SCAN_TESTING_PLAIN_SCAN_H

#include "probe/probe.h"
#include "target/permutation.h"
#include "target/range_set.h"

/* A normal set, and how many elements stand before each range. */
struct plain_set {
    const struct range_set *set;
    uint64_t *before;
};

struct plain_scan {
    struct plain_set addresses, ports;
    struct permutation order;
    struct probe_setup setup; /* its space is not used */
};

/* The sets must outlive the scan. Undo with plain_scan_fini. */
int plain_scan_init(struct plain_scan *scan, const struct range_set *addresses,
                    const struct range_set *ports, uint64_t seed, const struct probe_setup *setup,
                    struct error *err);
void plain_scan_fini(struct plain_scan *scan);

/* Writes the frame at an index of the scan, at most PACKET_HEADERS_MAX + 4 bytes; returns its
 * length. */
size_t plain_scan_frame(const struct plain_scan *scan, uint64_t index, uint8_t *frame);

/* A number that stands for a frame: sums of them are equal if the frames are, in whatever order. */
uint64_t plain_scan_digest(const uint8_t *frame, size_t length);

/* Do the checksums of this frame hold? */
bool plain_scan_sums_hold(const struct probe_setup *setup, const uint8_t *frame, size_t length);

#endif
