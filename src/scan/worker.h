/* A worker: one thread on one transport that sends probes and judges replies, in turn, until the
 * scan is done.
 *
 * It owns its transport, probes' frames, pace and schedule; nothing on its path is locked or
 * allocated. What others see of it: the ring of findings (it produces, the output thread consumes),
 * counters it alone writes, and two atomic words: the command it obeys and the phase it is in. Its
 * schedule may be read by others once the phase is WORKER_WAITING or later. */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/ring.h"
#include "probe/probe.h"
#include "scan/adapter.h"
#include "scan/pace.h"
#include "scan/schedule.h"
#include "target/space.h"
#include "transport/transport.h"

/* What the output thread orders. */
enum worker_command { WORKER_RUN, WORKER_STOP_SENDING, WORKER_QUIT };

/* What the worker is doing. */
enum worker_phase { WORKER_SENDING, WORKER_WAITING, WORKER_DONE, WORKER_FAILED };

/* Written by the worker only, read by anybody. */
struct worker_counters {
    _Atomic uint64_t probes;        /* probes sent, retries counted */
    _Atomic uint64_t packets;       /* all packets sent: probes, resets, ARP */
    _Atomic uint64_t resets;        /* RST sent for half-open connections */
    _Atomic uint64_t frames;        /* frames received */
    _Atomic uint64_t replies;       /* proven by their cookie, repetitions counted */
    _Atomic uint64_t forged;        /* replies whose cookie is wrong */
    _Atomic uint64_t undecodable;   /* truncated, malformed or fragmented */
    _Atomic uint64_t unsent_resets; /* held back by the rate */
    /* as the transport counts them */
    _Atomic uint64_t ring_dropped, socket_dropped, tx_refused;
};

struct worker_setup {
    const struct target_space *space;
    const struct adapter *adapter;
    struct transport *transport;
    struct probe_set *probes;
    struct ring *findings; /* of struct finding */
    double rate_pps;
    uint64_t wait_ns; /* after the last probe; UINT64_MAX: for ever */
    bool send_resets;
    uint8_t ttl;
};

struct worker {
    struct worker_setup setup;
    struct link_header link;
    struct pace pace;
    struct schedule schedule; /* prepared by the owner before worker_start */
    struct probe_batch batch;
    struct tx_slots slots;
    uint64_t waiting_since_ns;
    uint64_t stats_read_ns;
    struct error error; /* what happened, in phase WORKER_FAILED */
    struct worker_counters counters;
    struct schedule_state snapshot; /* the worker's while asked for, else the reader's */
    _Atomic bool snapshot_asked;
    _Atomic int command;
    _Atomic int phase;
    pthread_t thread;
};

/* Starts the thread. The setup's pointers must stay valid until worker_join. */
int worker_start(struct worker *worker, struct error *err);

/* Asks for a snapshot of the schedule; it is there once worker_snapshot_ready says so, until it is
 * asked for again. */
void worker_ask_snapshot(struct worker *worker);
bool worker_snapshot_ready(struct worker *worker);

/* Waits for the thread to end; send it WORKER_QUIT first where it would not end by itself. */
void worker_join(struct worker *worker);

#endif
