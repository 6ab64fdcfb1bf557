/* IP protocols kept from the host's own stack. */
#include "transport/reserve_protocols.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/held_socket.h"
#include "transport/packet_tap.h"

static bool needs_no_socket(uint8_t protocol)
{
    static const uint8_t known[] = {0, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6};
    for (size_t i = 0; i < sizeof known; i++)
        if (known[i] == protocol)
            return true;
    return false;
}

int protocol_reserve(struct protocol_reservation *reservation, bool ipv6, uint8_t protocol,
                     struct error *err)
{
    if (needs_no_socket(protocol))
        return 0;
    held_socket_allow(reservation->count + 1);
    int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0 && errno == EPERM)
        return packet_explain_no_permission(err);
    if (fd < 0)
        return error_sys(err, errno, "cannot open a socket for IP protocol %u", protocol);
    if (held_socket_deafen(fd, err) < 0) {
        close(fd);
        return -1;
    }
    reservation->sockets[reservation->count++] = fd;
    return 0;
}

void protocol_release(struct protocol_reservation *reservation)
{
    for (unsigned i = 0; i < reservation->count; i++)
        close(reservation->sockets[i]);
    *reservation = (struct protocol_reservation){0};
}
