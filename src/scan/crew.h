/* All workers of a scan: what they share, and what they have done together. */
#ifndef SCAN_CREW_H
#define SCAN_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "grab/grab.h"
#include "scan/finding.h"
#include "scan/pace.h"
#include "scan/state.h"
#include "scan/supply.h"
#include "scan/worker.h"

/* One adapter with its workers. */
struct crew_adapter {
    const struct adapter *adapter;
    const struct neighbours *neighbours; /* asked already; NULL: all goes to the router */
    struct transport_group *transports;  /* one a worker */
    struct probe_set *probes;
};

struct crew_setup {
    const struct target_space *space;
    struct index_run run;               /* what to probe */
    const struct schedule_extent *owed; /* left from an earlier run */
    unsigned owed_count;
    uint32_t tries; /* probes for each pair */
    double rate_pps;
    bool send_resets;
    bool raw_udp; /* see struct worker_setup */
    uint8_t ttl;
    const struct crew_adapter *adapters;
    unsigned adapter_count;
    const struct ways *ways;       /* of the adapters; NULL: each leads everywhere */
    const struct grab_setup *grab; /* without callbacks and segment size; its maximum is that of all
                                      workers. NULL: nobody is talked to */
    worker_begin_fn *begin;        /* see struct worker_setup */
    const void *begin_context;
};

struct crew {
    struct pace pace;
    struct supply supply;
    struct worker *workers; /* those of one adapter beside each other */
    unsigned count, started;
    struct handover_hall hall;
    struct handover_place *places; /* of the workers in there */
    uint32_t tries;
    uint64_t probes_total;     /* that this run has to send, retries counted */
    struct index_run asked;    /* the rest of the supply when snapshots were asked for */
    struct schedule_owed owed; /* of one worker at a time, in crew_take_rest */
};

/* Prepares a worker for each transport of each adapter. After a failure only crew_fini may be
 * called. */
int crew_init(struct crew *crew, const struct crew_setup *setup, struct error *err);
void crew_fini(struct crew *crew);

/* Starts all; those that did start before a failure are for crew_join. */
int crew_start(struct crew *crew, struct error *err);

/* Packets a second from now on, of all together. */
void crew_set_rate(struct crew *crew, double rate_pps);

void crew_command(struct crew *crew, enum worker_command command);

/* Failed if one has failed, else sending while one is. */
enum worker_phase crew_phase(const struct crew *crew);

/* Where the sending of all together ended. */
struct sending_end crew_sending_end(const struct crew *crew);

/* What went wrong, in phase WORKER_FAILED. */
const struct error *crew_error(const struct crew *crew);

/* Waits until all have ended. */
void crew_join(struct crew *crew);

/* The sum of what they counted. */
uint64_t crew_count(const struct crew *crew, enum worker_count what);
uint64_t crew_count_of(const struct crew *crew, unsigned adapter, enum worker_count what);
uint64_t crew_icmp_errors(const struct crew *crew, unsigned kind);

/* Snapshots of where the scan stands: asked for, ready a moment later, taken. One does not hold
 * while something that it counts as sent is still waiting to be, handed over to another adapter. */
void crew_ask_snapshot(struct crew *crew);
bool crew_snapshot_ready(const struct crew *crew);
bool crew_snapshot_holds(const struct crew *crew);
void crew_take_snapshot(const struct crew *crew, struct scan_state *state);

/* Where the scan stands when no worker is sending any more. */
void crew_take_rest(struct crew *crew, struct scan_state *state);

#endif
