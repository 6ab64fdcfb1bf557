/* Source ports kept from the host. */
#include "transport/reserve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/random.h"
#include "transport/held_socket.h"

enum {
    SOCKETS_PER_PORT_MAX = 3,
    RANDOM_FIRST = 40000,
    RANDOM_LAST = 60000,
    RANDOM_TRIES = 256,
    PORT_LAST = 65535,
};

/* What has ports. */
struct protocol {
    const char *name;
    const char *option; /* of ss(8) */
    int type, number;
    bool listens;
};

static const struct protocol protocols[SOCKETS_PER_PORT_MAX] = {
    {"tcp", "t", SOCK_STREAM, IPPROTO_TCP, true},
    {"udp", "u", SOCK_DGRAM, IPPROTO_UDP, false},
    {"sctp", "S", SOCK_SEQPACKET, IPPROTO_SCTP, true},
};

/* A kernel without SCTP is not made to load it. */
static unsigned sockets_per_port(void)
{
    bool speaks_sctp = access("/proc/net/sctp", F_OK) == 0;
    return SOCKETS_PER_PORT_MAX - (speaks_sctp ? 0 : 1);
}

/* Positive outcomes of a bind. */
enum { PORT_BOUND = 0, PORT_IN_USE = 1 };

static int explain_bind(int errnum, struct ip_number address, uint16_t port,
                        const struct protocol *protocol, struct error *err)
{
    char text[IP_TEXT_SIZE];
    struct ip_address ip = ip_from_number(address);
    ip_format(&ip, text);
    switch (errnum) {
    case EADDRINUSE:
        error_set(err,
                  "source port %u/%s is in use on %s by another program (ss -an%sp 'sport = :%u' "
                  "shows which); stop it or choose another with --adapter-port",
                  port, protocol->name, text, protocol->option, port);
        return PORT_IN_USE;
    case EADDRNOTAVAIL:
        return error_set(err, "%s is not an address of this host, so its ports need no reservation",
                         text);
    default:
        return error_sys(err, errnum, "cannot reserve source port %u/%s on %s", port,
                         protocol->name, text);
    }
}

/* One thing to be reserved. */
struct reserved {
    struct ip_number address;
    uint16_t port;
    const struct protocol *protocol;
    int interface_index;
};

static int bind_address(int fd, const struct reserved *what)
{
    const struct ip_address ip = ip_from_number(what->address);
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(what->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(what->port)};
    if (ip_number_is_link_local(what->address))
        ipv6.sin6_scope_id = (uint32_t)what->interface_index;
    memcpy(&ipv4.sin_addr, ip.bytes, sizeof ipv4.sin_addr);
    memcpy(&ipv6.sin6_addr, ip.bytes, sizeof ipv6.sin6_addr);
    return ip.version == 4 ? bind(fd, (struct sockaddr *)&ipv4, sizeof ipv4)
                           : bind(fd, (struct sockaddr *)&ipv6, sizeof ipv6);
}

/* An address of a VRF is none of the host's but for sockets of its interfaces. */
static int bind_anywhere(int fd, const struct reserved *what)
{
    if (bind_address(fd, what) == 0)
        return 0;
    int index = what->interface_index;
    if (errno != EADDRNOTAVAIL ||
        setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof index) < 0)
        return -1;
    return bind_address(fd, what);
}

/* SCTP finds no address of a VRF (before Linux 6.2): the port, of which TCP was bound, is left. */
static bool is_unknown_to_sctp(const struct reserved *what, int errnum)
{
    return what->protocol->number == IPPROTO_SCTP && errnum == EADDRNOTAVAIL;
}

/* EADDRINUSE may come from listen as well: then another socket listens with SO_REUSEADDR. */
static int bind_one(int fd, const struct reserved *what, struct error *err)
{
    if (bind_anywhere(fd, what) == 0 && (!what->protocol->listens || listen(fd, 1) == 0))
        return PORT_BOUND;
    return is_unknown_to_sctp(what, errno)
               ? PORT_BOUND
               : explain_bind(errno, what->address, what->port, what->protocol, err);
}

/* Adds one bound socket to the reservation, or nothing. The filter comes first, so that not one
 * segment finds the port open. */
static int reserve_socket(struct port_reservation *reservation, const struct reserved *what,
                          struct error *err)
{
    int family = ip_number_is_v4(what->address) ? AF_INET : AF_INET6;
    int fd = socket(family, what->protocol->type | SOCK_CLOEXEC, what->protocol->number);
    if (fd < 0)
        return error_sys(err, errno, "cannot open a socket to reserve source port %u%s", what->port,
                         errno == EMFILE ? " (see ulimit -n, or use fewer source ports)" : "");
    int result = held_socket_deafen(fd, err);
    if (result == 0)
        result = bind_one(fd, what, err);
    if (result == PORT_BOUND)
        reservation->sockets[reservation->count++] = fd;
    else
        close(fd);
    return result;
}

static int reserve_port(struct port_reservation *reservation,
                        const struct reserve_addresses *addresses, uint16_t port, struct error *err)
{
    const unsigned per_port = sockets_per_port();
    int result = PORT_BOUND;
    for (unsigned i = 0; i < addresses->count * per_port && result == PORT_BOUND; i++) {
        const struct reserved what = {.address = addresses->of[i / per_port],
                                      .port = port,
                                      .protocol = &protocols[i % per_port],
                                      .interface_index = addresses->interface_index};
        result = reserve_socket(reservation, &what, err);
    }
    return result;
}

static int prepare(struct port_reservation *reservation, const struct reserve_addresses *addresses,
                   uint32_t count, struct error *err)
{
    size_t sockets = (size_t)count * SOCKETS_PER_PORT_MAX * addresses->count;
    *reservation = (struct port_reservation){0};
    reservation->sockets = calloc(sockets + 1, sizeof(int));
    if (reservation->sockets == NULL)
        return error_set(err, "no memory to reserve %u source ports", count);
    held_socket_allow((size_t)count * sockets_per_port() * addresses->count);
    return 0;
}

int port_reserve(struct port_reservation *reservation, const struct reserve_addresses *addresses,
                 uint16_t port, uint32_t count, struct error *err)
{
    *reservation = (struct port_reservation){0};
    if (count > PORT_LAST + 1u - port)
        return error_set(err, "%u source ports from %u on go beyond %d", count, port, PORT_LAST);
    if (count > RESERVE_PORTS_MAX)
        count = RESERVE_PORTS_MAX;
    if (prepare(reservation, addresses, count, err) < 0)
        return -1;
    for (uint32_t i = 0; i < count; i++)
        if (reserve_port(reservation, addresses, (uint16_t)(port + i), err) != PORT_BOUND) {
            port_release(reservation);
            return -1;
        }
    return 0;
}

static int pick_random(uint16_t *port, struct error *err)
{
    uint32_t number;
    if (random_bytes(&number, sizeof number, err) < 0)
        return -1;
    *port = (uint16_t)(RANDOM_FIRST + number % (RANDOM_LAST - RANDOM_FIRST + 1));
    return 0;
}

int port_reserve_random(struct port_reservation *reservation,
                        const struct reserve_addresses *addresses, uint16_t *port,
                        struct error *err)
{
    *reservation = (struct port_reservation){0};
    for (int i = 0; i < RANDOM_TRIES; i++) {
        if (pick_random(port, err) < 0 || prepare(reservation, addresses, 1, err) < 0)
            return -1;
        int result = reserve_port(reservation, addresses, *port, err);
        if (result == PORT_BOUND)
            return 0;
        port_release(reservation);
        if (result < 0)
            return result;
    }
    return error_set(err, "%d source ports picked at random between %d and %d were all in use",
                     RANDOM_TRIES, RANDOM_FIRST, RANDOM_LAST);
}

void port_release(struct port_reservation *reservation)
{
    for (unsigned i = 0; i < reservation->count; i++)
        close(reservation->sockets[i]);
    free(reservation->sockets);
    *reservation = (struct port_reservation){0};
}
