/* The user-space half of the simulated network: sends what XDP cannot, copies, late replies and
 * lies, through a packet socket. */
#ifndef TESTS_LAB_HELPER_H
#define TESTS_LAB_HELPER_H

#include <stdint.h>

#include "base/error.h"
#include "forge.h"
#include "hold.h"
#include "options.h"
#include "sim.h"

struct helper {
    const struct sim_options *options;
    int socket;
    struct hold hold;
    uint64_t sent, failed;
    uint64_t forged[FORGE_KINDS];
    uint64_t next_unsolicited_ns;
};

int helper_init(struct helper *helper, const struct sim_options *options, struct error *err);
void helper_fini(struct helper *helper);

/* Holds or answers what the BPF program passed on. */
void helper_take(struct helper *helper, const struct sim_event *event);

/* Sends what is due, and a lie out of nowhere when one is due and `peer` is known. */
void helper_run(struct helper *helper, const struct sim_peer *peer);

/* When helper_run has something to do again; UINT64_MAX if it has not. */
uint64_t helper_next_ns(const struct helper *helper);

#endif
