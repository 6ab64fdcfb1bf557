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
#include "scan/adapter.h"
#include "scan/state.h"
#include "target/shard.h"
#include "target/space.h"
#include "transport/transport.h"

/* Why the state of a scan is kept. */
enum scan_save_reason {
    SCAN_SAVE_CHECKPOINT, /* the scan goes on: only a crash will need it */
    SCAN_SAVE_REST,       /* it ends early */
    SCAN_SAVE_NOTHING,    /* it is complete: what checkpoints left can go */
};

/* Keeps `state` where a later run finds it; called on the output thread. */
typedef int scan_save_fn(void *context, enum scan_save_reason reason,
                         const struct scan_state *state, struct error *err);

struct scan_setup {
    const struct target_space *space;
    struct index_run run;               /* what to probe */
    const struct schedule_extent *owed; /* left from an earlier run */
    unsigned owed_count;
    uint32_t tries; /* probes for each pair */
    double rate_pps;
    uint32_t wait_seconds;
    bool wait_forever;
    bool send_resets;
    uint8_t ttl;
    uint32_t dedup_mib; /* the most memory for telling duplicates by; 0: DEDUP_MEMORY_MIB */
    const struct adapter *adapter;
    struct transport_group *transports; /* one a worker */
    struct probe_set *probes;
    struct output_set *outputs;
    int signal_fd; /* a signalfd for the signals that end a scan; -1: none */
    int status_fd; /* where status lines go; -1: nowhere */
    scan_save_fn *save;
    void *save_context;
};

/* What this machine lost. */
struct scan_drops {
    uint64_t ring;         /* replies: the ring that the kernel fills for us was full */
    uint64_t socket;       /* replies: refused by our socket for another reason */
    uint64_t interface_rx; /* frames that arrived, of whatever kind, before any socket */
    uint64_t interface_tx; /* frames that were taken to be sent, whoever's */
};

struct scan_summary {
    bool interrupted;    /* ended before everything was sent */
    bool cut_short;      /* ended before the wait for replies was over */
    uint64_t elapsed_ns; /* of sending */
    uint64_t probes, packets, resets;
    uint64_t frames, replies, duplicates, forged, undecodable;
    uint64_t open, closed; /* distinct */
    struct scan_drops drops;
    uint64_t unsent_resets, dedup_forgotten;
};

/* Runs to the end. Fatal: the link is lost, an output cannot be written, no memory; the state is
 * saved then too. The summary is filled in any case. The outputs are left open, flushed. */
int scan_run(const struct scan_setup *setup, struct scan_summary *summary, struct error *err);

/* The summary as text: a few lines. */
struct buffer;
void scan_summary_text(const struct scan_summary *summary, struct buffer *out);

#endif
