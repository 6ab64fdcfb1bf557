/* The BPF half of the simulator, loaded and attached. */
#ifndef TESTS_LAB_NETWORK_H
#define TESTS_LAB_NETWORK_H

#include "base/error.h"
#include "options.h"
#include "sim.h"

struct network;

/* Loads the program and attaches it to the interface, from which it goes with this process.
 * `on_event` is called for each event, which is valid during the call. */
struct network *network_new(const struct sim_options *options,
                            void (*on_event)(void *context, const struct sim_event *event),
                            void *context, struct error *err);
void network_free(struct network *network);

/* Becomes readable when there are events; network_dispatch then hands them out. */
int network_event_fd(const struct network *network);
void network_dispatch(struct network *network);

/* The counters of all processors together. */
struct sim_counters network_counters(const struct network *network);

struct sim_peer network_peer(const struct network *network);

/* How many of the counted pairs were probed 0, 1, 2, 3 times, or more often. */
enum { NETWORK_TIMES = 5 };
void network_count_pairs(const struct network *network, uint64_t times[NETWORK_TIMES]);

/* Attaches a program that lets every frame in, and returns 0 when a signal ends the process. */
int network_pass(const struct sim_options *options, struct error *err);

#endif
