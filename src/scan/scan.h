/* A whole scan: the workers, the output side, and the end.
 *
 * scan_run starts the workers' threads and makes the calling thread the output thread: it takes
 * findings from their rings, removes duplicates, feeds the outputs, draws the status, obeys
 * signals, and saves the state of an interrupted scan. */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/output.h"
#include "scan/crew.h"
#include "scan/drops.h"
#include "scan/frame_log.h"
#include "scan/loss.h"
#include "scan/state.h"
#include "scan/status.h"
#include "scan/suspects.h"

/* Why the state of a scan is kept. */
enum scan_save_reason {
    SCAN_SAVE_CHECKPOINT, /* the scan goes on: only a crash will need it */
    SCAN_SAVE_REST,       /* it has ended early */
};

/* Keeps `state` where a later run finds it; called on the output thread. */
typedef int scan_save_fn(void *context, enum scan_save_reason reason,
                         const struct scan_state *state, struct error *err);

struct scan_setup {
    struct crew_setup crew; /* what to probe, and how */
    uint32_t wait_seconds;
    bool wait_forever;
    uint32_t dedup_mib; /* the most memory for telling duplicates by; 0: DEDUP_MEMORY_MIB */
    struct output_set *outputs;
    const struct host_names *names; /* that results tell; NULL: none */
    const struct vendors *vendors;  /* of the hardware addresses that ARP gives; NULL: none */
    struct frame_log *frame_log;    /* looks through the transports; NULL: nobody does */
    int signal_fd;                  /* a signalfd for what control.h has a use for; -1: none */
    int keyboard_fd;                /* a terminal whose keys count; -1, or something else: none */
    int status_fd;
    enum status_style status_style;
    scan_save_fn *save;
    void *save_context;
};

/* What became of conversations for banners. */
struct scan_conversations {
    uint64_t opened, answered, mute; /* pairs */
    uint64_t reset, timed_out;       /* connections */
    uint64_t retransmitted;          /* segments */
    uint64_t fields, lost_fields;
    uint64_t starved, turned_away; /* see grab.h */
};

/* What left and came through one adapter. */
struct scan_adapter {
    const char *name; /* of its interface; the adapter's */
    unsigned workers;
    uint64_t packets, probes, frames, replies;
};

struct scan_summary {
    bool interrupted;    /* ended before everything was sent */
    bool cut_short;      /* ended before the wait for replies was over */
    uint64_t elapsed_ns; /* of sending */
    double rate_pps;     /* that was asked for last */
    uint64_t probes;     /* sent, retries counted */
    uint64_t retries;
    uint64_t packets, resets; /* packets are all that was sent */
    uint64_t unreachable;     /* probes not sent: their host did not answer ARP */
    uint64_t wayless;         /* packets, of those sent, that a tunnel had no peer for */
    uint64_t packets_sending; /* of the packets, those before the end of sending */
    uint64_t frames, replies, duplicates, forged, undecodable;
    uint64_t icmp_errors[ICMP_ERROR_KINDS]; /* that probes met on their way */
    uint64_t segments;                      /* of conversations */
    uint64_t pairs; /* that were to be probed, but for those that an earlier run had begun with */
    unsigned tries; /* of each */
    uint64_t open, closed; /* distinct */
    uint64_t up;           /* of the open: hosts that ARP found, not ports */
    struct scan_adapter adapters[ADAPTERS_MAX];
    unsigned adapter_count;
    struct scan_drops drops;
    struct loss loss;
    struct suspect_counts suspects;
    uint64_t unsent, dedup_forgotten;
    struct scan_conversations conversations; /* if there were any */
    struct frame_log_counts seen;            /* if anybody wanted to see packets */
};

/* Runs to the end. Fatal: the link is lost, an output cannot be written, no memory; the state is
 * saved then too. What is saved at the end stands for what the outputs have taken: if one of them
 * could not, it is an earlier state. The summary is filled in any case. The outputs are left open,
 * flushed. */
int scan_run(const struct scan_setup *setup, struct scan_summary *summary, struct error *err);

/* Packets and results that this machine lost: of what it knows to be its own. Frames that arrived
 * and that the interface dropped are not among them, because they may have been anybody's. */
uint64_t scan_summary_lost(const struct scan_summary *summary);

/* The summary as text: a few lines. */
struct buffer;
void scan_summary_text(const struct scan_summary *summary, struct buffer *out);

#endif
