/* The packets themselves, for who wants to see them: a line for each (--packet-trace), and those
 * received in a capture file (--pcap).
 *
 * It looks through the transports (transport/observed.h). A worker copies frames into a ring of its
 * own, the output thread takes them from there, prints and saves them, beside the results. A frame
 * that arrives when the ring is full is left out and counted. With a trace, whose use is to see
 * what is sent, probes wait for room instead. */
#ifndef SCAN_FRAME_LOG_H
#define SCAN_FRAME_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/pcap_file.h"
#include "transport/transport.h"

/* The transports of one adapter. */
struct frame_log_link {
    struct transport_group *transports; /* open */
    bool has_ethernet;
};

struct frame_log_setup {
    int trace_fd;           /* where lines go; -1: nowhere */
    struct pcap_file *pcap; /* where frames are saved; NULL: nowhere. The caller's */
};

/* What became of the frames; those left out came faster than they could be written. */
struct frame_log_counts {
    uint64_t saved, unsaved; /* frames received */
    uint64_t untraced;       /* lines */
};

struct frame_log;

/* A log that looks through all transports of these links (at most ADAPTERS_MAX), whose capture then
 * is the whole scan's: 8 MiB of rings for all of them, at least 1 MiB each. NULL and `err` without
 * memory. */
struct frame_log *frame_log_new(const struct frame_log_setup *setup,
                                const struct frame_log_link *links, unsigned count,
                                struct error *err);

/* Only when the transports are closed, or have nobody that uses them. */
void frame_log_free(struct frame_log *log);

/* Is there anything to print? */
bool frame_log_has_lines(const struct frame_log *log);

/* Output thread: prints and saves what has been seen. Returns how many frames that were, negative
 * if the capture file cannot be written. */
int frame_log_drain(struct frame_log *log, struct error *err);

/* Output thread: carries what is saved to the file. */
int frame_log_flush(struct frame_log *log, struct error *err);

/* Output thread. */
struct frame_log_counts frame_log_count(const struct frame_log *log);

#endif
