/* libpfring, the library of PF_RING, loaded at run time.
 *
 * Few hosts have it and no distribution carries it, so nothing is linked with it: it is looked for
 * when it is asked for. These are the facts of its ABI that are needed, and no more. Types and
 * members have names of our own; a function's name is "pfring_" and the member's.
 *
 * Sources: userland/lib/pfring.h, kernel/linux/pf_ring.h and CHANGELOG.md in
 * https://github.com/ntop/PF_RING; https://www.ntop.org/guides/pf_ring. */
#ifndef TRANSPORT_PFRING_LIBRARY_H
#define TRANSPORT_PFRING_LIBRARY_H

#include <stdint.h>
#include <sys/time.h>

#include "base/error.h"

/* The first version that tells its number before a device is open, and the first without DNA,
 * whose place ZC has taken: so there is one kind of driver to ask for. */
enum { PFRING_LIBRARY_LEAST = 0x060400 };

enum pfring_flag {
    PFRING_PROMISCUOUS = 1 << 3,
    PFRING_ALL_TO_QUEUE_0 = 1 << 7, /* what arrives is not spread over several queues */
    PFRING_DO_NOT_PARSE = 1 << 9,
    PFRING_DO_NOT_TIMESTAMP = 1 << 10,
};

enum { PFRING_RECEIVED_ONLY = 1 }; /* a direction */

enum pfring_error {
    PFRING_INVALID_ARGUMENT = -2,
    PFRING_WRONG_CONFIGURATION = -5,
    PFRING_END_OF_DEMO = -6,
    PFRING_NOT_SUPPORTED = -7,
    PFRING_INVALID_VERSION = -8,
    PFRING_INVALID_STATUS = -11,
    PFRING_NOT_ENABLED = -12,
};

struct pfring_ring; /* an open device: the library's own affair */

/* What is told of a received frame. It begins as in libpcap in every version; about 250 bytes
 * follow that are not the same in all. */
struct pfring_frame {
    struct timeval time;
    uint32_t captured; /* bytes that are there */
    uint32_t length;   /* bytes that were on the link */
    uint8_t more[1024];
};

/* Here, too, later versions have more. */
struct pfring_counters {
    uint64_t received, dropped;
    uint64_t more[16];
};

struct pfring_card {
    uint32_t longest_frame;
    uint32_t rx_slots, tx_slots; /* of a ZC driver; zero for others */
    uint32_t more[16];
};

struct pfring_library {
    void *handle;
    void (*version_noring)(uint32_t *version); /* 0x060400 is 6.4.0 */
    struct pfring_ring *(*open)(const char *device, uint32_t longest_frame, uint32_t flags);
    void (*close)(struct pfring_ring *ring);
    int (*get_card_settings)(struct pfring_ring *ring, struct pfring_card *card);
    int (*set_application_name)(struct pfring_ring *ring, char *name);
    int (*set_direction)(struct pfring_ring *ring, int direction);
    int (*set_poll_watermark)(struct pfring_ring *ring, uint16_t frames);
    int (*enable_ring)(struct pfring_ring *ring);

    /* Negative if the frame was not taken. Without `flush` it may stay until others follow, or
     * flush_tx_packets is called. */
    int (*send)(struct pfring_ring *ring, char *frame, unsigned length, uint8_t flush);
    int (*flush_tx_packets)(struct pfring_ring *ring);

    /* 1 for a frame, 0 if there is none. With a buffer of zero bytes it lends the frame's own
     * bytes, until the next call. */
    int (*recv)(struct pfring_ring *ring, uint8_t **buffer, unsigned buffer_size,
                struct pfring_frame *frame, uint8_t wait);
    int (*poll)(struct pfring_ring *ring, unsigned timeout_ms);
    int (*stats)(struct pfring_ring *ring, struct pfring_counters *counters);
};

/* The file names by which it is looked for, ended by NULL. */
extern const char *const pfring_library_names[];

/* Loads the first of the files that is there. An error says what was looked for and what to
 * install, that the version is too old, or which function is missing; then nothing stays loaded. */
int pfring_library_load(struct pfring_library *library, const char *const names[],
                        struct error *err);

/* Does nothing if it is not loaded. */
void pfring_library_unload(struct pfring_library *library);

#endif
