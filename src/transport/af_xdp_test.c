/* What is particular to AF_XDP: which frames it takes from the host's own stack and which it leaves
 * there, that the host's traffic goes on, that nothing stays behind, and where it refuses to open.
 *
 * The host is this process's network namespace with the interface "near", 192.0.2.1; the other end
 * of the link is "far", 192.0.2.2, in a namespace of its own: the peer. */
#include "transport/af_xdp.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <cmocka.h>

#include "base/clock.h"
#include "transport/af_packet.h"
#include "transport/testing/descriptors.h"
#include "transport/testing/netns.h"

#define HOST     0xc0000201 /* 192.0.2.1 */
#define PEER     0xc0000202
#define HOST_MAC 2, 10, 0, 0, 0, 1

enum {
    OWN_PORT = 40000, /* the first of four */
    SERVER_PORT = 8080,
    FRAME = 78,
    IP = 14,
    TCP = 34,
    TRANSFER = 8 * 1024 * 1024,
    TCP_SYN_ACK = 0x12,
    TCP_RST = 0x04,
};

static int host_namespace = -1, peer_namespace = -1;

/* ---- the two ends ---- */

static void enter(int namespace)
{
    assert_int_equal(setns(namespace, CLONE_NEWNET), 0);
}

static struct transport open_by(const struct transport_ops *ops,
                                const struct transport_setup *setup)
{
    struct transport transport;
    struct error err = {0};
    if (transport_open(&transport, ops, setup, &err) < 0)
        fail_msg("%s", err.text);
    return transport;
}

static const uint64_t NETWORK_IPV6 = 0x20010db800000001;

/* 192.0.2.0/31 and 2001:db8:0:1::2/127, ports 40000 to 40003. */
static struct transport_setup scanner_setup(void)
{
    struct transport_setup setup = netns_setup("near", true);
    setup.address = HOST & 0xfffffffe;
    setup.address_mask = 0xfffffffe;
    setup.address_ipv6 = (struct ip_number){NETWORK_IPV6, 2};
    setup.address_ipv6_mask = (struct ip_number){UINT64_MAX, ~1ull};
    setup.port = OWN_PORT;
    setup.port_mask = 0xfffc;
    return setup;
}

static struct transport open_scanner(void)
{
    struct transport_setup setup = scanner_setup();
    return open_by(&transport_af_xdp, &setup);
}

static struct transport open_far_end(void)
{
    enter(peer_namespace);
    struct transport_setup setup = netns_setup("far", true);
    struct transport transport = open_by(&transport_af_packet, &setup);
    enter(host_namespace);
    return transport;
}

static int send_one(struct transport *transport, const uint8_t *frame, uint32_t length)
{
    struct tx_slots slots;
    struct error err = {0};
    transport->ops->tx_reserve(transport->state, &slots, 1, &err);
    memcpy(slots.frame[0], frame, length);
    slots.length[0] = length;
    int sent = transport->ops->tx_commit(transport->state, &slots, &err);
    if (sent < 0)
        fail_msg("%s", err.text);
    return sent;
}

/* ---- frames ---- */

static uint16_t checksum(const uint8_t *bytes, size_t length, uint32_t sum)
{
    for (size_t i = 0; i < length; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

/* A packet from the peer, port 80; header words count as in IHL. */
static void write_ip(uint8_t frame[FRAME], uint8_t version_words, uint8_t protocol,
                     uint32_t destination, uint16_t port, uint16_t fragment)
{
    memset(frame, 0, FRAME);
    memcpy(frame, (uint8_t[]){HOST_MAC, 2}, 7);
    put16(frame + 12, 0x0800);
    uint8_t *ip = frame + IP, *ports = ip + (version_words & 15) * 4;
    ip[0] = version_words;
    put16(ip + 2, FRAME - IP);
    put16(ip + 6, fragment);
    ip[8] = 64;
    ip[9] = protocol;
    put32(ip + 12, PEER);
    put32(ip + 16, destination);
    put16(ip + 10, checksum(ip, 20, 0));
    put16(ports, 80);
    put16(ports + 2, port);
}

static void write_syn_ack(uint8_t frame[FRAME], uint16_t port)
{
    enum { LENGTH = 20 };
    write_ip(frame, 0x45, IPPROTO_TCP, HOST, port, 0);
    put16(frame + IP + 2, 20 + LENGTH);
    put16(frame + IP + 10, 0);
    put16(frame + IP + 10, checksum(frame + IP, 20, 0));
    frame[TCP + 12] = 5 << 4;
    frame[TCP + 13] = TCP_SYN_ACK;
    put16(frame + TCP + 16, checksum(frame + TCP, LENGTH,
                                     IPPROTO_TCP + LENGTH + (PEER >> 16) + (PEER & 0xffff) +
                                         (HOST >> 16) + (HOST & 0xffff)));
}

/* ---- who sees which frame ---- */

enum { BY_SCANNER = 1, BY_KERNEL = 2, BY_BOTH = 3 };

struct sight {
    const char *what;
    uint8_t version_words, protocol;
    uint32_t destination;
    uint16_t port, fragment, ethertype;
    uint32_t length;
    int seen;
    uint64_t ipv6; /* the lower half of the destination, of IPv6 packets */
};

static const struct sight sights[] = {
    {"TCP to the first own port", 0x45, 6, HOST, 40000, .seen = BY_SCANNER},
    {"TCP to the last own port", 0x45, 6, HOST, 40003, .seen = BY_SCANNER},
    {"TCP to the port before", 0x45, 6, HOST, 39999, .seen = BY_KERNEL},
    {"TCP to the port behind", 0x45, 6, HOST, 40004, .seen = BY_KERNEL},
    {"UDP", 0x45, 17, HOST, 40001, .seen = BY_SCANNER},
    {"UDP to a foreign port", 0x45, 17, HOST, 53, .seen = BY_KERNEL},
    {"SCTP", 0x45, 132, HOST, 40002, .seen = BY_SCANNER},
    {"to the other own address", 0x45, 6, HOST - 1, 40000, .seen = BY_SCANNER},
    {"to the address before", 0x45, 6, HOST - 2, 40000, .seen = BY_KERNEL},
    {"to the address behind", 0x45, 6, HOST + 1, 40000, .seen = BY_KERNEL},
    {"not to be fragmented", 0x45, 6, HOST, 40000, 0x4000, .seen = BY_SCANNER},
    {"a first fragment", 0x45, 17, HOST, 40000, 0x2000, .seen = BY_BOTH},
    {"a last fragment", 0x45, 17, HOST, 40000, 0x0010, .seen = BY_KERNEL},
    {"IP options", 0x47, 6, HOST, 40000, .seen = BY_SCANNER},
    {"IP options, foreign port", 0x47, 6, HOST, 80, .seen = BY_KERNEL},
    {"a header too short", 0x44, 6, HOST, 40000, .seen = BY_KERNEL},
    {"a wrong version", 0x65, 6, HOST, 80, .seen = BY_KERNEL},
    {"cut before the port", 0x45, 6, HOST, 40000, .length = 37, .seen = BY_KERNEL},
    {"cut before the address", 0x45, 6, HOST, 40000, .length = 33, .seen = BY_KERNEL},
    {"cut behind the port", 0x45, 6, HOST, 40000, .length = 38, .seen = BY_SCANNER},
    {"ICMP", 0x45, 1, HOST, 0, .seen = BY_BOTH},
    {"ICMP to a foreign address", 0x45, 1, HOST + 1, 0, .seen = BY_KERNEL},
    {"another protocol", 0x45, 47, HOST, 40000, .seen = BY_KERNEL},
    {"IPv6", 0x45, 6, HOST, 40000, .ethertype = 0x86dd, .seen = BY_KERNEL},
    {"TCP over IPv6", 0x60, 6, 0, 40000, .ipv6 = 2, .seen = BY_SCANNER},
    {"UDP over IPv6", 0x60, 17, 0, 40001, .ipv6 = 2, .seen = BY_SCANNER},
    {"SCTP over IPv6", 0x60, 132, 0, 40003, .ipv6 = 3, .seen = BY_SCANNER},
    {"TCP over IPv6, foreign port", 0x60, 6, 0, 40004, .ipv6 = 2, .seen = BY_KERNEL},
    {"to the IPv6 address before", 0x60, 6, 0, 40000, .ipv6 = 1, .seen = BY_KERNEL},
    {"to the IPv6 address behind", 0x60, 6, 0, 40000, .ipv6 = 4, .seen = BY_KERNEL},
    {"to a distant IPv6 address", 0x60, 6, 0, 40000, .ipv6 = 2 | 1ull << 63, .seen = BY_KERNEL},
    {"a wrong version of IPv6", 0x50, 6, 0, 80, .ipv6 = 2, .seen = BY_KERNEL},
    {"ICMPv6", 0x60, 58, 0, 0, .ipv6 = 2, .seen = BY_BOTH},
    {"extension headers", 0x60, 60, 0, 0, .ipv6 = 2, .seen = BY_BOTH},
    {"IPv6 cut before the port", 0x60, 6, 0, 40000, .ipv6 = 2, .length = 57, .seen = BY_KERNEL},
    {"IPv6 cut behind the port", 0x60, 6, 0, 40000, .ipv6 = 2, .length = 58, .seen = BY_SCANNER},
    {"ARP", 0x45, 6, HOST, 40000, .ethertype = 0x0806, .seen = BY_BOTH},
};
enum { SIGHTS = sizeof sights / sizeof sights[0] };

static void write_ipv6(uint8_t frame[FRAME], const struct sight *sight)
{
    memset(frame, 0, FRAME);
    memcpy(frame, (uint8_t[]){HOST_MAC, 2}, 7);
    put16(frame + 12, 0x86dd);
    uint8_t *ip = frame + IP;
    ip[0] = sight->version_words;
    put16(ip + 4, FRAME - IP - 40);
    ip[6] = sight->protocol;
    ip[7] = 64;
    put32(ip + 8, 0x20010db9);
    put32(ip + 24, (uint32_t)(NETWORK_IPV6 >> 32));
    put32(ip + 28, (uint32_t)NETWORK_IPV6);
    put32(ip + 32, (uint32_t)(sight->ipv6 >> 32));
    put32(ip + 36, (uint32_t)sight->ipv6);
    put16(ip + 40, 80);
    put16(ip + 42, sight->port);
}

/* The number of the sight is in the last bytes of the source MAC. */
static void send_sight(struct transport *far, uint16_t number)
{
    const struct sight *sight = &sights[number];
    uint8_t frame[FRAME];
    if (sight->ipv6 != 0)
        write_ipv6(frame, sight);
    else
        write_ip(frame, sight->version_words, sight->protocol, sight->destination, sight->port,
                 sight->fragment);
    put16(frame + 10, number);
    if (sight->ethertype != 0)
        put16(frame + 12, sight->ethertype);
    assert_int_equal(send_one(far, frame, sight->length != 0 ? sight->length : FRAME), 1);
}

static void mark(const uint8_t *frame, int observer, int seen[SIGHTS])
{
    unsigned number = frame[11];
    if (memcmp(frame + 6, (uint8_t[]){2, 0, 0, 0}, 4) != 0 || number >= SIGHTS)
        return;
    if ((seen[number] & observer) != 0)
        fail_msg("%s: came twice", sights[number].what);
    seen[number] |= observer;
}

static void look_as_scanner(struct transport *transport, int seen[SIGHTS])
{
    struct rx_frames frames;
    struct error err = {0};
    assert_int_equal(transport->ops->wait(transport->state, 20 * NS_PER_MS, &err), 0);
    assert_int_equal(transport->ops->rx_peek(transport->state, &frames, &err), 0);
    for (unsigned i = 0; i < frames.count; i++)
        mark(frames.frame[i], BY_SCANNER, seen);
    transport->ops->rx_release(transport->state);
}

/* A plain packet socket, which stands where the kernel's own stack begins. */
static int open_witness(void)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex("near")};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void look_as_kernel(int witness, int seen[SIGHTS])
{
    uint8_t frame[2048];
    while (recv(witness, frame, sizeof frame, 0) > 0)
        mark(frame, BY_KERNEL, seen);
}

/* The last sight, which both see, comes behind all others. */
static void only_own_frames_are_taken(void **state)
{
    (void)state;
    int seen[SIGHTS] = {0}, witness = open_witness();
    struct transport scanner = open_scanner(), far = open_far_end();
    for (uint16_t i = 0; i < SIGHTS; i++)
        send_sight(&far, i);
    for (unsigned turn = 0; turn < 100 && seen[SIGHTS - 1] != BY_BOTH; turn++) {
        look_as_scanner(&scanner, seen);
        look_as_kernel(witness, seen);
    }
    look_as_scanner(&scanner, seen);
    for (unsigned i = 0; i < SIGHTS; i++)
        if (seen[i] != sights[i].seen)
            fail_msg("%s: seen by %d, not %d", sights[i].what, seen[i], sights[i].seen);
    transport_close(&far);
    transport_close(&scanner);
    close(witness);
}

/* ---- the host ---- */

static bool is_rst(const uint8_t *frame, uint32_t length)
{
    return length >= TCP + 20 && frame[12] == 8 && frame[IP + 9] == IPPROTO_TCP &&
           (frame[TCP + 13] & TCP_RST) != 0;
}

/* How many resets the host sent up to that from port `last`. */
static unsigned count_resets_until(struct transport *far, uint16_t last)
{
    struct rx_frames frames;
    struct error err = {0};
    unsigned count = 0;
    bool over = false;
    for (unsigned turn = 0; turn < 10 && !over; turn++) {
        assert_int_equal(far->ops->wait(far->state, NS_PER_SECOND, &err), 0);
        assert_int_equal(far->ops->rx_peek(far->state, &frames, &err), 0);
        for (unsigned i = 0; i < frames.count; i++) {
            const uint8_t *ports = frames.frame[i] + TCP;
            bool rst = is_rst(frames.frame[i], frames.length[i]);
            count += rst;
            over |= rst && (ports[0] << 8 | ports[1]) == last;
        }
        far->ops->rx_release(far->state);
    }
    return count;
}

/* A foreign port shows that the SYN-ACKs are such as the kernel resets. */
static void the_kernel_resets_nothing_of_ours(void **state)
{
    (void)state;
    struct transport scanner = open_scanner(), far = open_far_end();
    uint8_t frame[FRAME];
    for (uint16_t port = OWN_PORT - 1; port <= OWN_PORT + 4; port++) {
        write_syn_ack(frame, port);
        assert_int_equal(send_one(&far, frame, FRAME - 6), 1);
    }
    assert_int_equal(count_resets_until(&far, OWN_PORT + 4), 2);
    transport_close(&far);
    transport_close(&scanner);
}

struct flood {
    struct transport *far, *scanner;
    _Atomic bool over;
    uint64_t received;
};

static void send_batch(struct transport *transport, const uint8_t *frame)
{
    struct tx_slots slots;
    struct error err = {0};
    transport->ops->tx_reserve(transport->state, &slots, TRANSPORT_BATCH, &err);
    for (unsigned i = 0; i < slots.count; i++)
        memcpy(slots.frame[i], frame, slots.length[i] = FRAME);
    transport->ops->tx_commit(transport->state, &slots, &err);
}

static void take_batch(struct flood *flood)
{
    struct transport *scanner = flood->scanner;
    struct rx_frames frames;
    struct error err = {0};
    scanner->ops->rx_peek(scanner->state, &frames, &err);
    for (unsigned i = 0; i < frames.count; i++)
        flood->received += frames.frame[i][IP + 9] == IPPROTO_UDP;
    scanner->ops->rx_release(scanner->state);
}

/* Replies to the scanner, and probes of the scanner. */
static void *flood_link(void *argument)
{
    struct flood *flood = argument;
    uint8_t reply[FRAME], probe[FRAME];
    write_ip(reply, 0x45, IPPROTO_UDP, HOST, OWN_PORT, 0);
    write_ip(probe, 0x45, IPPROTO_TCP, 0x0a000001, 80, 0);
    while (!flood->over) {
        send_batch(flood->far, reply);
        send_batch(flood->scanner, probe);
        take_batch(flood);
    }
    return NULL;
}

static uint8_t byte_at(size_t at)
{
    return (uint8_t)((at * 0x9e3779b1u) >> 16);
}

/* Connects from the peer and sends the TRANSFER bytes. */
static void *send_stream(void *argument)
{
    const struct timeval patience = {.tv_sec = 10};
    static uint8_t bytes[TRANSFER];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SERVER_PORT)};
    (void)argument;
    address.sin_addr.s_addr = htonl(HOST);
    for (size_t i = 0; i < TRANSFER; i++)
        bytes[i] = byte_at(i);
    if (setns(peer_namespace, CLONE_NEWNET) < 0)
        return NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        send(fd, bytes, TRANSFER, MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static int listen_here(void)
{
    const struct timeval patience = {.tv_sec = 10};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SERVER_PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

/* How many bytes came as they were sent. */
static size_t receive_stream(int listener)
{
    static uint8_t buffer[1 << 16];
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fd >= 0);
    size_t right = 0;
    for (ssize_t length = 1; length > 0;) {
        length = recv(fd, buffer, sizeof buffer, 0);
        for (ssize_t i = 0; i < length; i++)
            right += buffer[i] == byte_at(right);
    }
    close(fd);
    return right;
}

static void traffic_of_the_host_goes_on(void **state)
{
    (void)state;
    struct transport scanner = open_scanner(), far = open_far_end();
    struct flood flood = {.far = &far, .scanner = &scanner};
    pthread_t flooder, sender;
    int listener = listen_here();
    pthread_create(&flooder, NULL, flood_link, &flood);
    pthread_create(&sender, NULL, send_stream, NULL);
    size_t right = receive_stream(listener);
    flood.over = true;
    pthread_join(sender, NULL);
    pthread_join(flooder, NULL);
    assert_int_equal(right, TRANSFER);
    assert_true(flood.received > TRANSPORT_BATCH);
    close(listener);
    transport_close(&far);
    transport_close(&scanner);
}

/* ---- nothing stays behind ---- */

static bool has_program(const char *name)
{
    uint32_t id = 0;
    assert_int_equal(bpf_xdp_query_id((int)if_nametoindex(name), 0, &id), 0);
    return id != 0;
}

/* A child that opens the scanner's transport, says so, and does nothing more. */
static pid_t start_scanner(void)
{
    int ready[2];
    char said = 0;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        struct transport transport;
        struct transport_setup setup = scanner_setup();
        said = transport_open(&transport, &transport_af_xdp, &setup, NULL) == 0;
        if (write(ready[1], &said, 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &said, 1), 1);
    assert_int_equal(said, 1);
    close(ready[0]);
    return child;
}

static void a_killed_scanner_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_false(has_program("near"));
    for (unsigned i = 0; i < 3; i++) {
        pid_t child = start_scanner();
        assert_true(has_program("near"));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_false(has_program("near"));
    }
    struct transport transport = open_scanner();
    assert_true(has_program("near"));
    transport_close(&transport);
    assert_false(has_program("near"));
}

/* ---- capabilities ---- */

static void keep_capabilities(uint32_t kept)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};
    if (syscall(SYS_capset, &header, data) < 0)
        _exit(9);
}

/* Runs a part that gives capabilities up in a child, whose exit code must be 0. */
static void in_child(int (*part)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(part());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int exchange_without_capabilities(void)
{
    int seen[SIGHTS] = {0};
    uint8_t frame[FRAME];
    struct transport_stats stats;
    struct transport scanner = open_scanner(), far = open_far_end();
    keep_capabilities(0);
    write_ip(frame, 0x45, IPPROTO_TCP, PEER, 80, 0);
    for (unsigned i = 0; i < 1000; i++)
        if (send_one(&scanner, frame, FRAME) != 1)
            return 1;
    send_sight(&far, 0);
    for (unsigned i = 0; i < 100 && seen[0] == 0; i++)
        look_as_scanner(&scanner, seen);
    scanner.ops->stats(scanner.state, &stats);
    if (stats.sent != 1000 || stats.received == 0 || seen[0] != BY_SCANNER)
        return 2;
    transport_close(&scanner);
    transport_close(&far);
    return has_program("near") ? 3 : 0;
}

static void an_open_one_needs_no_capabilities(void **state)
{
    (void)state;
    in_child(exchange_without_capabilities);
}

static int open_with_raw_only(void)
{
    struct transport_setup setup = scanner_setup();
    struct transport transport;
    struct transport_group group;
    struct error err = {0}, reason = {0};
    keep_capabilities(1u << CAP_NET_RAW);
    if (transport_open(&transport, &transport_af_xdp, &setup, &err) >= 0)
        return 1;
    if (strstr(err.text, "CAP_BPF") == NULL)
        return 2;
    if (transport_group_open_fastest(&group, &setup, &reason, &err) < 0)
        return 3;
    if (group.member[0].ops != &transport_af_packet || strcmp(reason.text, err.text) != 0)
        return 4;
    transport_group_close(&group);
    return 0;
}

static void without_capabilities_packet_sockets_do(void **state)
{
    (void)state;
    in_child(open_with_raw_only);
}

/* ---- where it does not open ---- */

/* Refuses with this text and leaves nothing; packet sockets do instead. */
static void expect_refusal(const struct transport_setup *setup, const char *text)
{
    struct transport transport;
    struct transport_group group;
    struct error err = {0}, reason;
    unsigned descriptors = count_descriptors();
    assert_true(transport_open(&transport, &transport_af_xdp, setup, &err) < 0);
    if (strstr(err.text, text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(transport_group_open_fastest(&group, setup, &reason, &err), 0);
    assert_ptr_equal(group.member[0].ops, &transport_af_packet);
    assert_string_equal(reason.text, err.text);
    transport_group_close(&group);
}

static void a_second_program_is_refused(void **state)
{
    (void)state;
    struct transport_setup setup = scanner_setup();
    struct transport first = open_scanner();
    expect_refusal(&setup, "another XDP program");
    transport_close(&first);
}

static void the_loopback_is_refused(void **state)
{
    (void)state;
    struct transport_setup setup = netns_setup("lo", true);
    expect_refusal(&setup, "not for the loopback interface lo");
    assert_false(has_program("lo"));
}

static void links_without_ethernet_are_refused(void **state)
{
    (void)state;
    int tun = netns_make_tun("tun", false);
    assert_true(tun >= 0);
    struct transport_setup setup = netns_setup("tun", false);
    expect_refusal(&setup, "without Ethernet headers");
    close(tun);
}

static void the_fastest_is_this_one(void **state)
{
    (void)state;
    struct transport_setup setup = scanner_setup();
    struct transport_group group;
    struct error err = {0}, reason;
    char text[TRANSPORT_DESCRIPTION_SIZE];
    assert_int_equal(transport_group_open_fastest(&group, &setup, &reason, &err), 0);
    assert_string_equal(reason.text, "");
    transport_describe(&group.member[0], text);
    assert_string_equal(text, "af_xdp, native, copy");
    transport_group_close(&group);
}

/* A namespace lives as long as a descriptor of it. */
static int make_namespace(void)
{
    struct error err;
    if (netns_enter(&err) < 0)
        return -1;
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static bool make_ends(void)
{
    peer_namespace = make_namespace();
    host_namespace = make_namespace();
    return peer_namespace >= 0 && host_namespace >= 0 && netns_run("ip link set dev lo up") &&
           netns_run("ip link add name near type veth peer name far netns /proc/%d/fd/%d",
                     (int)getpid(), peer_namespace) &&
           netns_run("ip link set dev near address 02:0a:00:00:00:01 up && "
                     "ip addr add 192.0.2.1/24 dev near") &&
           setns(peer_namespace, CLONE_NEWNET) == 0 &&
           netns_run("ip addr add 192.0.2.2/24 dev far && ip link set dev far up") &&
           setns(host_namespace, CLONE_NEWNET) == 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_own_frames_are_taken),
        cmocka_unit_test(the_kernel_resets_nothing_of_ours),
        cmocka_unit_test(traffic_of_the_host_goes_on),
        cmocka_unit_test(a_killed_scanner_leaves_nothing_behind),
        cmocka_unit_test(an_open_one_needs_no_capabilities),
        cmocka_unit_test(without_capabilities_packet_sockets_do),
        cmocka_unit_test(a_second_program_is_refused),
        cmocka_unit_test(the_loopback_is_refused),
        cmocka_unit_test(links_without_ethernet_are_refused),
        cmocka_unit_test(the_fastest_is_this_one),
    };
    if (geteuid() != 0)
        return NETNS_EXIT_SKIP; /* the kernel lets only root use BPF */
    if (!make_ends())
        return EXIT_FAILURE;
    return cmocka_run_group_tests_name("af_xdp", tests, NULL, NULL);
}
