/* A packet socket that receives: what an interface takes in, seen besides the host's own stack. */
#ifndef TRANSPORT_PACKET_TAP_H
#define TRANSPORT_PACKET_TAP_H

#include <net/if.h>

#include "transport/tpacket_ring.h"
#include "transport/transport.h"

struct packet_tap {
    struct tpacket_ring ring;
    int fd; /* for poll */
    int interface_index;
    char interface_name[IF_NAMESIZE];
    uint16_t group;   /* of taps that share what arrives */
    uint64_t dropped; /* read from the kernel so far */
};

/* Tells which capability is missing and how to get it; -1. */
int packet_explain_no_permission(struct error *err);

/* Opens a packet socket that is bound to nothing: -1 if that fails, with advice if it is not
 * permitted. On links without Ethernet headers frames begin with the IP header. */
int packet_socket_open(bool has_ethernet, struct error *err);

/* Binds it to an interface and to the frames of `protocol` (host order). */
int packet_socket_bind(int fd, const struct transport_setup *setup, uint16_t protocol,
                       struct error *err);

/* Gives a socket that sends room for as many frames as a driver may hold at a time. */
void packet_socket_enlarge(int fd);

/* Opens on what the filter of `setup` lets through, with a ring of `ring_size` bytes (see
 * tpacket_ring_map). After a failure only packet_tap_close may be called, which does nothing on a
 * tap whose descriptor is -1. */
int packet_tap_open(struct packet_tap *tap, const struct transport_setup *setup, size_t ring_size,
                    struct error *err);
void packet_tap_close(struct packet_tap *tap);

/* Shares what arrives among taps of the same setup, so that each frame comes to one of them: all
 * that one host sends to the same, and what is not IP (ARP), and Neighbour Discovery, to the first
 * tap. `first` opens the
 * group; the others join it. */
int packet_tap_share(struct packet_tap *first, struct error *err);
int packet_tap_join(struct packet_tap *tap, const struct packet_tap *first, struct error *err);

/* What POLLERR on the descriptor means: 0 nothing, negative that the link is lost. */
int packet_tap_check(const struct packet_tap *tap, struct error *err);

/* How many frames found the ring full, since it was opened. Asks the kernel. */
uint64_t packet_tap_dropped(struct packet_tap *tap);

#endif
