/* A worker: one thread on one transport that sends probes and judges replies, in turn, until the
 * scan is done.
 *
 * It owns its transport, frames, schedule and answers; nothing on its path is locked but the pace
 * it shares with the others, and nothing is allocated. What others see of it: the ring of findings
 * (it produces, the output thread consumes), counters it alone writes, snapshots of its schedule
 * when asked for, and two atomic words: the command it obeys and the phase it is in. Its schedule
 * may be read by others once the phase is WORKER_WAITING or later. */
#ifndef SCAN_WORKER_H
#define SCAN_WORKER_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/ring.h"
#include "packet/icmp_error.h"
#include "probe/probe.h"
#include "scan/adapter.h"
#include "scan/banners.h"
#include "scan/counter.h"
#include "scan/handover.h"
#include "scan/neighbours.h"
#include "scan/outbox.h"
#include "scan/pace.h"
#include "scan/schedule.h"
#include "target/space.h"
#include "transport/transport.h"

/* What the output thread orders. */
enum worker_command {
    WORKER_RUN,
    WORKER_PAUSE, /* no probes for a while */
    WORKER_STOP_SENDING,
    WORKER_QUIT,
};

/* What the worker is doing. */
enum worker_phase { WORKER_SENDING, WORKER_WAITING, WORKER_DONE, WORKER_FAILED };

/* What a worker counts: written by it only, read by anybody. */
enum worker_count {
    COUNT_PROBES,      /* probes sent, retries counted */
    COUNT_RETRIES,     /* those of them that were not a pair's first */
    COUNT_UNREACHABLE, /* probes not sent: their host gave no hardware address */
    COUNT_PACKETS,     /* all packets sent: probes, resets, ARP and the like */
    COUNT_RESETS,      /* RST for half-open connections */
    COUNT_SEGMENTS,    /* of conversations */
    COUNT_FRAMES,      /* frames received */
    COUNT_REPLIES,     /* proven by their cookie, repetitions counted */
    COUNT_FORGED,      /* replies whose cookie is wrong */
    COUNT_UNDECODABLE, /* truncated, malformed or fragmented */
    COUNT_UNSENT,      /* resets and segments for which there was no room or no time */
    COUNT_FIELDS,      /* of banners */
    COUNT_LOST_FIELDS, /* for which there was no room */
    COUNT_ACTIVE,      /* conversations that are not over: now */
    /* as the transport counts them */
    COUNT_RING_DROPPED,
    COUNT_SOCKET_DROPPED,
    COUNT_TX_REFUSED,
    COUNT_TX_WAYLESS,
    WORKER_COUNTS,
};

/* What a worker's thread does before all else, such as giving up rights that it has no use for;
 * called by several threads at once. */
typedef int worker_begin_fn(const void *context, struct error *err);

struct worker_setup {
    const struct target_space *space;
    const struct adapter *adapter;
    const struct neighbours *neighbours; /* nobody writes it any more */
    struct transport *transport;
    struct probe_set *probes;
    struct pace *pace; /* shared by all workers */
    bool send_resets;
    bool raw_udp; /* what replies over UDP say is told as it came */
    uint8_t ttl;
    int cpu;                /* the processor it stays on; -1: any */
    worker_begin_fn *begin; /* NULL: nothing */
    const void *begin_context;
};

/* When the last probe had left, and how many packets of all kinds had by then. */
struct sending_end {
    uint64_t at_ns; /* of the monotonic clock */
    uint64_t packets;
};

struct worker {
    struct worker_setup setup;
    struct link_header link, link_ipv6; /* to the routers */
    struct schedule schedule;           /* prepared by the owner before worker_start */
    struct ring findings;               /* of struct finding; the owner's */
    struct outbox outbox;               /* what replies call for: see answers.h; the owner's */
    uint64_t obliged;       /* packets that anybody could call for: answers_may_oblige */
    uint32_t answers_ahead; /* how many more answers than probes have left */
    struct banners banners; /* the owner's, while the thread does not run */
    uint64_t now_ns;        /* the clock at the begin of this turn */
    struct probe_batch batch;
    struct probe_lanes_ipv6 lanes_ipv6; /* of the batch, where there are IPv6 targets */
    struct space_ahead ahead;           /* of the schedule's probes, where there are */
    struct tx_slots slots;
    uint64_t stats_read_ns;
    struct sending_end sending_end; /* the reader's once the phase is WORKER_WAITING or later */
    struct error error;             /* what happened, in phase WORKER_FAILED */
    alignas(64) _Atomic uint64_t counts[WORKER_COUNTS];
    _Atomic uint64_t icmp_errors[ICMP_ERROR_KINDS]; /* that probes met; counted in the same way */
    struct schedule_owed snapshot; /* the worker's while asked for, else the reader's */
    _Atomic bool snapshot_asked;
    _Atomic int command;
    _Atomic int phase;
    pthread_t thread;
    struct handover handover; /* behind all that a worker of one adapter needs */
};

static inline void worker_count(struct worker *worker, enum worker_count what, uint64_t number)
{
    counter_add(&worker->counts[what], number);
}

/* Starts the thread. The setup's pointers must stay valid until worker_join. */
int worker_start(struct worker *worker, struct error *err);

/* What the worker is to do from now on; may be told by any thread. */
void worker_command(struct worker *worker, enum worker_command command);
enum worker_phase worker_phase(struct worker *worker);

/* Where the sending ended; of a worker that still sends: where it is. */
struct sending_end worker_sending_end(struct worker *worker);

/* Asks for a snapshot of what the schedule owes; it is there once worker_snapshot_ready says so,
 * until it is asked for again. */
void worker_ask_snapshot(struct worker *worker);
bool worker_snapshot_ready(struct worker *worker);

/* Waits for the thread to end, which it does only after WORKER_QUIT or a failure. */
void worker_join(struct worker *worker);

#endif
