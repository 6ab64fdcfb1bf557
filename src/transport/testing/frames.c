/* Frames for tests of transports over a link: short ones that carry a serial number. */
#include "transport/testing/frames.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

struct transport_stats stats_of(struct transport *transport)
{
    struct transport_stats stats;
    transport->ops->stats(transport->state, &stats);
    return stats;
}

void write_ethernet(uint8_t *frame, uint16_t ethertype, uint32_t serial)
{
    static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    memset(frame, 0, PROBE);
    memcpy(frame, addresses, sizeof addresses);
    frame[12] = (uint8_t)(ethertype >> 8);
    frame[13] = (uint8_t)ethertype;
    memcpy(frame + 20, &serial, sizeof serial);
}

uint32_t serial_of(const uint8_t *frame)
{
    uint32_t serial;
    memcpy(&serial, frame + 20, sizeof serial);
    return serial;
}

int send_serials(struct transport *transport, unsigned count, uint32_t first, struct error *err)
{
    struct tx_slots slots;
    transport->ops->tx_reserve(transport->state, &slots, count, err);
    for (unsigned i = 0; i < count; i++) {
        write_ethernet(slots.frame[i], 0x0806, first + i);
        slots.length[i] = PROBE;
    }
    return transport->ops->tx_commit(transport->state, &slots, err);
}

int send_one(struct transport *transport, const uint8_t *bytes, uint32_t length, struct error *err)
{
    struct tx_slots slots;
    transport->ops->tx_reserve(transport->state, &slots, 1, err);
    memcpy(slots.frame[0], bytes, length);
    slots.length[0] = length;
    return transport->ops->tx_commit(transport->state, &slots, err);
}

bool send_as_host(const char *interface_name, const uint8_t *frame, size_t length)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_ifindex = (int)if_nametoindex(interface_name)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    ssize_t sent = sendto(fd, frame, length, 0, (struct sockaddr *)&to, sizeof to);
    close(fd);
    return sent == (ssize_t)length;
}

void peek_some(struct transport *transport, struct rx_frames *frames)
{
    struct error err = {0};
    do {
        assert_int_equal(transport->ops->wait(transport->state, NS_PER_SECOND, &err), 0);
        assert_int_equal(transport->ops->rx_peek(transport->state, frames, &err), 0);
    } while (frames->count == 0);
}
