/* Reserved ports: nobody else gets them, and the host answers nothing that is sent to them. */
#include "transport/reserve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/af_packet.h"
#include "transport/interface.h"
#include "transport/testing/netns.h"

enum {
    HOST = 0xc0000201,   /* 192.0.2.1, on the interface "host" */
    TARGET = 0xc0000202, /* 192.0.2.2, played by the test on the interface "wire" */
    NOBODY = 0xc0000263,
    FIRST = 40000,
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

#define IPV4(address)                                                                              \
    {                                                                                              \
        .of = {{0, IP_NUMBER_V4_PREFIX << 32 | (address)}}, .count = 1                             \
    }
static const struct reserve_addresses host = IPV4(HOST), nobody = IPV4(NOBODY);

static int try_bind(int type, uint32_t address, uint16_t port)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    assert_int_equal(errno, EADDRINUSE);
    close(fd);
    return -1;
}

static bool is_free(int type, uint16_t port)
{
    int fd = try_bind(type, HOST, port);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void reserve(struct port_reservation *reservation, uint16_t port, uint32_t count)
{
    struct error err = {0};
    if (port_reserve(reservation, &host, port, count, &err) < 0)
        fail_msg("%s", err.text);
}

static void reserved_ports_are_taken_until_released(void **state)
{
    (void)state;
    struct port_reservation reservation;
    reserve(&reservation, FIRST, 8);
    for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
        assert_true(is_free(type, FIRST - 1));
        for (uint16_t i = 0; i < 8; i++)
            assert_false(is_free(type, (uint16_t)(FIRST + i)));
        assert_true(is_free(type, FIRST + 8));
    }
    port_release(&reservation);
    port_release(&reservation);
    for (uint16_t i = 0; i < 8; i++)
        assert_true(is_free(SOCK_STREAM, (uint16_t)(FIRST + i)) &&
                    is_free(SOCK_DGRAM, (uint16_t)(FIRST + i)));
}

static void a_port_in_use_is_named_and_nothing_is_kept(void **state)
{
    (void)state;
    static const struct {
        int type;
        const char *name;
    } protocols[] = {{SOCK_STREAM, "40002/tcp"}, {SOCK_DGRAM, "40002/udp"}};
    for (size_t i = 0; i < 2; i++) {
        struct port_reservation reservation;
        struct error err = {0};
        int holder = try_bind(protocols[i].type, HOST, FIRST + 2);
        assert_true(port_reserve(&reservation, &host, FIRST, 4, &err) < 0);
        assert_non_null(strstr(err.text, protocols[i].name));
        assert_non_null(strstr(err.text, "192.0.2.1"));
        assert_non_null(strstr(err.text, "--adapter-port"));
        assert_int_equal(reservation.count, 0);
        assert_true(is_free(SOCK_STREAM, FIRST) && is_free(SOCK_DGRAM, FIRST + 1));
        close(holder);
    }
}

static void a_port_used_on_every_address_is_in_use(void **state)
{
    (void)state;
    struct port_reservation reservation;
    struct error err = {0};
    int holder = try_bind(SOCK_STREAM, INADDR_ANY, FIRST);
    assert_int_equal(listen(holder, 1), 0);
    assert_true(port_reserve(&reservation, &host, FIRST, 1, &err) < 0);
    assert_non_null(strstr(err.text, "40000/tcp"));
    close(holder);
}

static bool is_free_ipv6(int type, uint16_t port)
{
    int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &at.sin6_addr), 1);
    int result = bind(fd, (struct sockaddr *)&at, sizeof at);
    if (result < 0)
        assert_int_equal(errno, EADDRINUSE);
    close(fd);
    return result == 0;
}

static void both_families_are_reserved(void **state)
{
    (void)state;
    const struct ip_number ipv6 = {0x20010db8ull << 32, 1}, link_local = {0xfe80ull << 48, 1};
    struct reserve_addresses both = {.of = {host.of[0], ipv6}, .count = 2};
    struct port_reservation reservation;
    struct error err = {0};
    uint16_t port;
    assert_int_equal(port_reserve_random(&reservation, &both, &port, &err), 0);
    for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
        assert_false(is_free(type, port) || is_free_ipv6(type, port));
    port_release(&reservation);
    assert_true(is_free(SOCK_STREAM, port) && is_free_ipv6(SOCK_DGRAM, port));
    /* On its own a link-local address does not say of which link. */
    both.of[1] = link_local;
    both.interface_index = (int)if_nametoindex("host");
    assert_int_equal(port_reserve(&reservation, &both, FIRST, 4, &err), 0);
    assert_int_equal(reservation.count, 4 * 2 * 2);
    port_release(&reservation);
    both.of[1].low = 99;
    assert_true(port_reserve(&reservation, &both, FIRST, 1, &err) < 0);
    assert_non_null(strstr(err.text, "fe80::63 is not an address of this host"));
}

static void edges_of_the_port_range(void **state)
{
    (void)state;
    struct port_reservation reservation;
    struct error err = {0};
    reserve(&reservation, 65535, 1);
    assert_false(is_free(SOCK_DGRAM, 65535));
    port_release(&reservation);
    assert_true(port_reserve(&reservation, &host, 65535, 2, &err) < 0);
    assert_non_null(strstr(err.text, "65535"));
    reserve(&reservation, FIRST, 0);
    assert_int_equal(reservation.count, 0);
    port_release(&reservation);
}

/* In a child, as it changes a limit of the process: 0 if all is well. */
static int reserve_with_few_descriptors(void)
{
    struct rlimit limit;
    struct port_reservation reservation;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (port_reserve(&reservation, &host, FIRST, 4096, NULL) < 0)
        return 1;
    if (is_free(SOCK_DGRAM, FIRST + RESERVE_PORTS_MAX - 1))
        return 2;
    if (!is_free(SOCK_DGRAM, FIRST + RESERVE_PORTS_MAX))
        return 3;
    port_release(&reservation);
    limit.rlim_cur = limit.rlim_max = 64;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct error err = {0};
    if (port_reserve(&reservation, &host, FIRST, 4096, &err) >= 0)
        return 4;
    return strstr(err.text, "ulimit") == NULL ? 5 : 0;
}

static void many_ports_raise_the_descriptor_limit(void **state)
{
    (void)state;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 2 * RESERVE_PORTS_MAX + 512)
        skip();
    if (getenv("UNDER_MEMCHECK") != NULL)
        return; /* it has descriptors of its own, and limits for them */
    pid_t child = fork();
    if (child == 0)
        _exit(reserve_with_few_descriptors());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void random_ports_lie_in_their_range(void **state)
{
    (void)state;
    enum { TIMES = 200 };
    static struct port_reservation reservations[TIMES];
    static bool seen[65536];
    for (unsigned i = 0; i < TIMES; i++) {
        uint16_t port;
        struct error err = {0};
        assert_int_equal(port_reserve_random(&reservations[i], &host, &port, &err), 0);
        assert_in_range(port, 40000, 60000);
        assert_false(seen[port]);
        seen[port] = true;
        assert_false(is_free(SOCK_STREAM, port) || is_free(SOCK_DGRAM, port));
    }
    for (unsigned i = 0; i < TIMES; i++)
        port_release(&reservations[i]);
}

static void a_foreign_address_is_an_error(void **state)
{
    (void)state;
    struct port_reservation reservation;
    struct error err = {0};
    uint16_t port;
    assert_true(port_reserve(&reservation, &nobody, FIRST, 1, &err) < 0);
    assert_non_null(strstr(err.text, "192.0.2.99 is not an address of this host"));
    memset(&err, 0, sizeof err);
    assert_true(port_reserve_random(&reservation, &nobody, &port, &err) < 0);
    assert_non_null(strstr(err.text, "192.0.2.99 is not an address of this host"));
}

/* ---- what the host answers ---- */

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint32_t sum16(const uint8_t *bytes, size_t length, uint32_t sum)
{
    for (size_t i = 0; i < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum > 0xffff)
        sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)~sum;
}

/* Ethernet and IPv4 headers of a packet from the target to the host; the rest follows at byte 34.
 */
static void write_headers(uint8_t *frame, uint8_t protocol, uint32_t payload)
{
    struct interface interface;
    assert_int_equal(interface_find(&interface, "host", IP_V4, NULL), 0);
    memset(frame, 0, 14 + 20 + payload);
    memcpy(frame, interface.mac.bytes, 6);
    memcpy(frame + 6, "\x02\0\0\0\0\x02", 6);
    put16(frame + 12, 0x0800);
    uint8_t *ip = frame + 14;
    ip[0] = 0x45;
    put16(ip + 2, 20 + payload);
    ip[8] = 64;
    ip[9] = protocol;
    put32(ip + 12, TARGET);
    put32(ip + 16, HOST);
    put16(ip + 10, fold(sum16(ip, 20, 0)));
}

static uint32_t write_syn_ack(uint8_t *frame, uint16_t port)
{
    write_headers(frame, PROTOCOL_TCP, 20);
    uint8_t *tcp = frame + 34;
    put16(tcp, 80);
    put16(tcp + 2, port);
    put32(tcp + 4, 1000);
    put32(tcp + 8, 2000);
    tcp[12] = 5 << 4;
    tcp[13] = 0x12;
    put16(tcp + 14, 1024);
    uint32_t pseudo = sum16(frame + 14 + 12, 8, PROTOCOL_TCP + 20);
    put16(tcp + 16, fold(sum16(tcp, 20, pseudo)));
    return 54;
}

static uint32_t write_datagram(uint8_t *frame, uint16_t port)
{
    write_headers(frame, PROTOCOL_UDP, 12); /* without checksum: allowed in IPv4 */
    uint8_t *udp = frame + 34;
    put16(udp, 53);
    put16(udp + 2, port);
    put16(udp + 4, 12);
    return 46;
}

typedef uint32_t writer(uint8_t *frame, uint16_t port);

static void send_to(struct transport *wire, writer *write_packet, uint16_t port)
{
    struct tx_slots slots;
    wire->ops->tx_reserve(wire->state, &slots, 1, NULL);
    slots.length[0] = write_packet(slots.frame[0], port);
    assert_int_equal(wire->ops->tx_commit(wire->state, &slots, NULL), 1);
}

/* The port that the host speaks of in the first answer it sends: as source of an RST, or as
 * destination in what an ICMP error quotes. */
static uint16_t answered_port(struct transport *wire)
{
    struct rx_frames frames = {0};
    while (frames.count == 0 || frames.frame[0][12] != 0x08 || frames.frame[0][13] != 0x00) {
        wire->ops->rx_release(wire->state);
        assert_int_equal(wire->ops->wait(wire->state, NS_PER_SECOND, NULL), 0);
        assert_int_equal(wire->ops->rx_peek(wire->state, &frames, NULL), 0);
    }
    assert_int_equal(frames.count, 1);
    const uint8_t *ip = frames.frame[0] + 14;
    const uint8_t *port = ip[9] == PROTOCOL_ICMP ? ip + 20 + 8 + 20 + 2 : ip + 20;
    if (ip[9] == PROTOCOL_TCP)
        assert_int_equal(ip[20 + 13] & 0x04, 0x04);
    uint16_t answered = (uint16_t)(port[0] << 8 | port[1]);
    wire->ops->rx_release(wire->state);
    return answered;
}

/* Packets to a reserved port, then one to a free port: the first answer is to the free one. */
static void the_host_is_silent_on_reserved_ports(void **state)
{
    (void)state;
    static writer *const writers[] = {write_syn_ack, write_datagram};
    struct transport_setup setup = netns_setup("wire", true);
    struct transport wire;
    assert_int_equal(transport_open(&wire, &transport_af_packet, &setup, NULL), 0);
    struct port_reservation reservation;
    reserve(&reservation, FIRST, 2);
    for (size_t i = 0; i < 2; i++) {
        for (unsigned n = 0; n < 5; n++)
            send_to(&wire, writers[i], FIRST + n % 2);
        send_to(&wire, writers[i], FIRST + 2);
        assert_int_equal(answered_port(&wire), FIRST + 2);
    }
    port_release(&reservation);
    for (size_t i = 0; i < 2; i++) {
        send_to(&wire, writers[i], FIRST);
        assert_int_equal(answered_port(&wire), FIRST);
    }
    transport_close(&wire);
}

static bool make_network(void)
{
    return netns_make_veth("host", "wire") &&
           netns_run("sysctl -qw net.ipv6.conf.host.disable_ipv6=0 "
                     "net.ipv6.conf.host.accept_ra=0") &&
           netns_run("ip addr add 2001:db8::1/64 dev host nodad") &&
           netns_run("ip addr add fe80::1/64 dev host nodad") &&
           netns_run("ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev host nud permanent") &&
           netns_run("ip addr add 192.0.2.1/24 dev host") &&
           netns_run("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev host nud permanent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_ports_are_taken_until_released),
        cmocka_unit_test(a_port_in_use_is_named_and_nothing_is_kept),
        cmocka_unit_test(a_port_used_on_every_address_is_in_use),
        cmocka_unit_test(both_families_are_reserved),
        cmocka_unit_test(edges_of_the_port_range),
        cmocka_unit_test(many_ports_raise_the_descriptor_limit),
        cmocka_unit_test(random_ports_lie_in_their_range),
        cmocka_unit_test(a_foreign_address_is_an_error),
        cmocka_unit_test(the_host_is_silent_on_reserved_ports),
    };
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    if (!make_network())
        return EXIT_FAILURE;
    return cmocka_run_group_tests_name("reserve", tests, NULL, NULL);
}
