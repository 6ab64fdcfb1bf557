/* What it means when a packet socket does not take a frame.
 *
 * Sources: packet(7); net/packet/af_packet.c and drivers/net/wireguard/device.c of Linux. */
#include "transport/refusal.h"

#include <errno.h>
#include <poll.h>

#include "transport/interface.h"

/* The socket's buffer is full: poll tells when the driver has finished some frames. */
static bool wait_for_buffer(int socket, struct patience *patience)
{
    uint64_t left = patience_left_ns(patience);
    if (left == 0)
        return false;
    struct timespec timeout = patience_timespec(left);
    struct pollfd poll = {.fd = socket, .events = POLLOUT};
    ppoll(&poll, 1, &timeout, NULL);
    return true;
}

static int offer_again_if(bool patient)
{
    return patient ? REFUSAL_OFFER_AGAIN : REFUSAL_GIVE_UP;
}

int refusal_handle(const struct refusal *refusal, struct patience *patience,
                   struct transport_stats *stats, struct error *err)
{
    const char *name = refusal->interface_name;
    switch (refusal->errnum) {
    case EINTR:
        return REFUSAL_OFFER_AGAIN;
    case ENOBUFS:
    case ENOMEM:
        stats->tx_refused++;
        return offer_again_if(patience_pause(patience));
    case EAGAIN:
        return offer_again_if(wait_for_buffer(refusal->socket, patience));
    case ENETDOWN:
        return offer_again_if(patience_pause(patience));
    case ENOKEY:       /* WireGuard has no peer for the address, */
    case EDESTADDRREQ: /* or does not know where the peer is */
        stats->tx_wayless++;
        return REFUSAL_PASS_OVER;
    case ENXIO:
    case ENODEV:
        return interface_lost(name, refusal->errnum, err);
    case EMSGSIZE:
        return error_set(err, "a frame of %u bytes is longer than the MTU of %s allows",
                         refusal->length, name);
    default:
        return error_sys(err, refusal->errnum, "cannot send a frame of %u bytes on %s",
                         refusal->length, name);
    }
}
