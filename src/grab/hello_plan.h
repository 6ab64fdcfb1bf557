/* What is said first to a server, by its port and the attempt. */
#ifndef GRAB_HELLO_PLAN_H
#define GRAB_HELLO_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "banner/banner.h"
#include "base/error.h"

/* What the user wants to be said. */
enum hello_policy {
    HELLO_BY_PORT, /* what is usual on the port */
    HELLO_SSL,     /* TLS on every port */
    HELLO_HTTP,    /* a request on every port */
    HELLO_SMB,     /* a negotiation on every port */
    HELLO_ANY,     /* by port; where that is nothing, or gets no answer, TLS, HTTP and all others in
                      turn */
};

enum hello_kind {
    HELLO_NONE, /* nothing: wait for the server */
    HELLO_PROTOCOL,
    HELLO_TLS,
    HELLO_BYTES,
};

struct hello {
    enum hello_kind kind;
    const struct banner_ops *protocol; /* whose hello it is; with HELLO_TLS who speaks inside, with
                                          HELLO_BYTES who is usual on the port; NULL: nobody
                                          known */
    const uint8_t *bytes;
    size_t length;
};

/* The user's own hello for a port; the bytes are the caller's and outlive the plan. */
struct hello_bytes {
    uint16_t port;
    const uint8_t *bytes;
    size_t length;
};

/* Attempts are numbered from 0. The last three are made only when a server was asked in one
 * protocol and answered in the other, or in TLS for what it does not speak inside. */
enum {
    HELLO_ATTEMPTS = 32,
    HELLO_ATTEMPT_HTTP = HELLO_ATTEMPTS - 3,
    HELLO_ATTEMPT_TLS,
    HELLO_ATTEMPT_TLS_BARE, /* nothing is offered */
};

struct hello_plan;

/* The plan of a scan; read only, so that all workers may share it. NULL without memory. */
struct hello_plan *hello_plan_new(enum hello_policy policy, const struct hello_bytes *own,
                                  unsigned own_count, struct error *err);
void hello_plan_free(struct hello_plan *plan);

/* What is said on this port at this attempt, below HELLO_ATTEMPTS. */
struct hello hello_plan_at(const struct hello_plan *plan, uint16_t port, unsigned attempt);

/* Is there another attempt behind this one, should it get no answer? */
bool hello_plan_goes_on(const struct hello_plan *plan, uint16_t port, unsigned attempt);

/* The attempt behind `after` at which this protocol's own hello is said; 0 if there is none. */
unsigned hello_plan_attempt_of(const struct hello_plan *plan, uint16_t port, unsigned after,
                               const struct banner_ops *protocol);

#endif
