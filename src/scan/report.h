/* From findings to results: what workers found, told once each to the outputs. */
#ifndef SCAN_REPORT_H
#define SCAN_REPORT_H

#include <stdint.h>

#include "base/dedup.h"
#include "base/error.h"
#include "base/host_names.h"
#include "output/output.h"
#include "output/vendors.h"
#include "scan/crew.h"
#include "scan/suspects.h"

struct report {
    struct output_set *outputs;
    struct dedup dedup;
    uint64_t open, closed, up; /* distinct; hosts that are up count as open, too */
    uint64_t duplicates;
    uint64_t refusing, refusals; /* closed TCP ports; their resets, repetitions counted */
    uint64_t banners;            /* records of them */
    struct suspects suspects;
    struct suspect_counts suspected; /* whom results were told of */
    uint64_t flushed;                /* results that had been reported at the last flush */
    uint8_t *record;                 /* room for one banner, if there are any; owned */
    const struct host_names *names;  /* as the setup has them */
    const struct vendors *vendors;
};

struct report_setup {
    struct output_set *outputs;
    uint32_t dedup_mib; /* the most memory for telling duplicates by; 0: DEDUP_MEMORY_MIB */
    bool banners;       /* there may be some */
    uint64_t asked;     /* TCP ports of each host: suspects_asked */
    const struct host_names *names; /* that results tell; NULL: none */
    const struct vendors *vendors;  /* of hardware addresses; NULL: none are known */
};

int report_init(struct report *report, const struct report_setup *setup, struct error *err);
void report_fini(struct report *report);

/* Takes all that the workers have found so far; 1 if that was anything. */
int report_take(struct report *report, struct crew *crew, struct error *err);

/* Is there anything that a flush would carry to the outputs? */
bool report_has_news(const struct report *report);

/* Rotates the files that have had their time or size; those that have their size are rotated by
 * report_take too. */
int report_rotate(struct report *report, struct error *err);

/* Carries all results to where the outputs go. */
int report_flush(struct report *report, struct error *err);

#endif
