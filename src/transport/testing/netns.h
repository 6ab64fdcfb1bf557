/* A network namespace of its own for tests and benchmarks that open raw sockets: nothing they send
 * can leave the machine, and nothing stays behind. */
#ifndef TRANSPORT_TESTING_NETNS_H
#define TRANSPORT_TESTING_NETNS_H

#include <stdbool.h>

#include "base/error.h"
#include "transport/transport.h"

enum { NETNS_EXIT_SKIP = 77 }; /* the exit code by which Meson knows a skipped test */

/* Moves this process (which must have one thread) into a new, empty network namespace without IPv6;
 * without root, into a new user namespace first. */
int netns_enter(struct error *err);

/* As netns_enter, for a test's main: 0 if all went well; else the exit code (after a message):
 * failed for root, skipped for a user who may not do this here. */
int netns_enter_for_test(void);

/* Runs a shell command (usually ip); true if it exits with 0. */
bool netns_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Two interfaces whose frames come out of each other, both up and with carrier. */
bool netns_make_veth(const char *one, const char *other);

/* An interface whose frames are read from and written to the returned descriptor (non-blocking),
 * up, with (tap) or without (tun) Ethernet headers. Goes away with the descriptor. -1 on failure,
 * with errno EACCES for a user who may not open the device (never for root). */
int netns_make_tun(const char *name, bool ethernet);

/* A setup for the interface that lets everything through that filters may let through. */
struct transport_setup netns_setup(const char *name, bool has_ethernet);

#endif
