/* The receiving line: transport -> packet -> probe.match -> finding; and the answers that replies
 * call for. */
#ifndef SCAN_RX_H
#define SCAN_RX_H

#include "base/error.h"

struct worker;

/* Receives and judges one batch. Returns the number of frames, 0 if none had arrived or the output
 * thread is behind (then the frames wait in the kernel's ring). */
int rx_step(struct worker *worker, struct error *err);

#endif
