/* The sending line: index -> (address, port) -> frames -> transport. */
#ifndef SCAN_TX_H
#define SCAN_TX_H

#include <stdint.h>

#include "base/error.h"

struct worker;

/* Sends the next batch if the pace allows one and anything is due. Returns the number of probes
 * done with, 0 for none now. */
int tx_step(struct worker *worker, uint64_t now_ns, struct error *err);

/* Sends what workers of other adapters handed over, as far as the link takes it. Returns the number
 * of probes done with. */
int tx_handed_step(struct worker *worker, struct error *err);

#endif
