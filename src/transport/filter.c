/* Classic BPF programs for packet sockets: one keeps foreign frames out, one shares frames among
 * several sockets.
 *
 * The first is written as a table of steps whose jumps name labels; a second pass turns labels
 * into the relative offsets that BPF wants. A load beyond the end of a frame ends the program with
 * "reject", so short frames need no checks of their own.
 *
 * Sources: S. McCanne, V. Jacobson, "The BSD Packet Filter" (USENIX 1993);
 * Documentation/networking/filter.rst of Linux. */
#include "transport/filter.h"

#include <assert.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

enum { ETHERNET_HEADER = 14, ETHERTYPE_AT = 12, VLAN_NUMBER = 0xfff };

/* Offsets in the IPv4 header, and of the destination port behind it (RFC 791, 9293, 768, 9260). */
enum {
    IPV4_FRAGMENT_AT = 6,
    IPV4_PROTOCOL_AT = 9,
    IPV4_SOURCE_AT = 12,
    IPV4_DESTINATION_AT = 16,
    DESTINATION_PORT_AT = 2,
    IPV4_FRAGMENT_OFFSET = 0x1fff,
};

/* The same of IPv6 (RFC 8200), with the numbers of its extension headers. */
enum {
    IPV6_NEXT_HEADER_AT = 6,
    IPV6_SOURCE_AT = 8,
    IPV6_DESTINATION_AT = 24,
    IPV6_HEADER = 40,
    IPV6_FRAGMENT_AT = IPV6_HEADER + 2,
    IPV6_FRAGMENT_OFFSET = 0xfff8,
};

/* Of ICMPv6: Neighbour Discovery has the types from router solicitation to redirect (RFC 4861). */
enum { ND_FIRST = 133, ND_SOLICITATION = 135, ND_LAST = 137 };

enum label {
    NEXT,
    LINK,
    IPV6,
    GROUP,
    OURS,
    FIRST,
    PORTS,
    FRAGMENT,
    PORTS_IPV6,
    ACCEPT,
    REJECT,
    LABELS
};

struct step {
    uint16_t code;
    uint32_t value;
    enum label yes, no; /* of a jump */
};

enum {
    LOAD_BYTE = BPF_LD | BPF_B | BPF_ABS,
    LOAD_HALF = BPF_LD | BPF_H | BPF_ABS,
    LOAD_WORD = BPF_LD | BPF_W | BPF_ABS,
    LOAD_HALF_BEHIND_HEADER = BPF_LD | BPF_H | BPF_IND,
    LOAD_HEADER_LENGTH = BPF_LDX | BPF_B | BPF_MSH,
    AND = BPF_ALU | BPF_AND | BPF_K,
    IF_EQUAL = BPF_JMP | BPF_JEQ | BPF_K,
    IF_AT_LEAST = BPF_JMP | BPF_JGE | BPF_K,
    IF_ABOVE = BPF_JMP | BPF_JGT | BPF_K,
    IF_BITS = BPF_JMP | BPF_JSET | BPF_K,
    GO = BPF_JMP | BPF_JEQ | BPF_K, /* with both labels the same */
    RETURN = BPF_RET | BPF_K,
};

struct program {
    struct step steps[FILTER_MAX];
    unsigned count;
    unsigned label_at[LABELS];
};

static void append(struct program *program, const struct step *steps, size_t count)
{
    assert(program->count + count <= FILTER_MAX);
    for (size_t i = 0; i < count; i++)
        program->steps[program->count++] = steps[i];
}

static void place(struct program *program, enum label label)
{
    program->label_at[label] = program->count;
}

#define APPEND(program, ...)                                                                       \
    append(program, (const struct step[]){__VA_ARGS__},                                            \
           sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))

/* Lets IPv4 go on to the next step. */
static void append_link(struct program *program, bool has_ethernet)
{
    if (has_ethernet)
        APPEND(program, {LOAD_HALF, ETHERTYPE_AT}, {IF_EQUAL, ETH_P_ARP, ACCEPT, NEXT},
               {IF_EQUAL, ETH_P_IPV6, IPV6, NEXT}, {IF_EQUAL, ETH_P_IP, NEXT, REJECT});
    else
        APPEND(program, {LOAD_BYTE, 0}, {AND, 0xf0}, {IF_EQUAL, 6 << 4, IPV6, NEXT},
               {IF_EQUAL, 4 << 4, NEXT, REJECT});
}

/* Lets frames of the VLAN go on. The kernel keeps tags apart; one that it has taken off, for an
 * interface in that VLAN, may still be there to be read (Linux 6.1), so that its presence is asked
 * for first. (The load is of a whole tag whatever its width says; libpcap, which may run the
 * program itself for a while, knows only that of a byte.) */
static void append_vlan(struct program *program, uint16_t vlan)
{
    enum label untagged = vlan == 0 ? LINK : REJECT;
    APPEND(program, {LOAD_BYTE, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)},
           {IF_EQUAL, 0, untagged, NEXT}, {LOAD_BYTE, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG)},
           {AND, VLAN_NUMBER}, {IF_EQUAL, vlan, NEXT, REJECT});
    place(program, LINK);
}

static void append_ipv4(struct program *program, uint32_t ip, const struct transport_setup *setup)
{
    enum label others = setup->all_protocols ? ACCEPT : REJECT;
    APPEND(program, {LOAD_WORD, ip + IPV4_DESTINATION_AT}, {AND, setup->address_mask},
           {IF_EQUAL, setup->address & setup->address_mask, NEXT, REJECT},
           {LOAD_BYTE, ip + IPV4_PROTOCOL_AT}, {IF_EQUAL, IPPROTO_TCP, PORTS, NEXT},
           {IF_EQUAL, IPPROTO_UDP, PORTS, NEXT}, {IF_EQUAL, IPPROTO_SCTP, PORTS, NEXT},
           {IF_EQUAL, IPPROTO_ICMP, ACCEPT, others});
}

/* All three protocols have the destination port at the same place. */
static void append_ports(struct program *program, uint32_t ip, const struct transport_setup *setup)
{
    uint32_t port = setup->port & setup->port_mask;
    APPEND(program, {LOAD_HALF, ip + IPV4_FRAGMENT_AT},
           {IF_BITS, IPV4_FRAGMENT_OFFSET, REJECT, NEXT}, {LOAD_HEADER_LENGTH, ip},
           {LOAD_HALF_BEHIND_HEADER, ip + DESTINATION_PORT_AT}, {AND, setup->port_mask},
           {IF_EQUAL, port, ACCEPT, REJECT});
}

static uint32_t word_of(struct ip_number number, unsigned index)
{
    uint64_t half = index < 2 ? number.high : number.low;
    return (uint32_t)(index % 2 == 0 ? half >> 32 : half);
}

/* Lets packets to our addresses go on to the next step, and those to a group at GROUP. */
static void append_destination_ipv6(struct program *program, uint32_t ip,
                                    const struct transport_setup *setup)
{
    if (setup->address_ipv6.high == 0 && setup->address_ipv6.low == 0) {
        APPEND(program, {GO, 0, REJECT, REJECT});
        return;
    }
    uint32_t at = ip + IPV6_DESTINATION_AT;
    APPEND(program, {LOAD_BYTE, at}, {IF_EQUAL, 0xff, GROUP, NEXT});
    for (unsigned i = 0; i < 4; i++) {
        uint32_t mask = word_of(setup->address_ipv6_mask, i);
        uint32_t wanted = word_of(setup->address_ipv6, i) & mask;
        APPEND(program, {LOAD_WORD, at + 4 * i}, {AND, mask}, {IF_EQUAL, wanted, NEXT, REJECT});
    }
}

/* Extension headers are rare in what answers probes, so they are let through without a look at what
 * stands behind them. */
static void append_ipv6(struct program *program, uint32_t ip, const struct transport_setup *setup)
{
    append_destination_ipv6(program, ip, setup);
    APPEND(program, {LOAD_BYTE, ip + IPV6_NEXT_HEADER_AT},
           {IF_EQUAL, IPPROTO_TCP, PORTS_IPV6, NEXT}, {IF_EQUAL, IPPROTO_UDP, PORTS_IPV6, NEXT},
           {IF_EQUAL, IPPROTO_SCTP, PORTS_IPV6, NEXT}, {IF_EQUAL, IPPROTO_FRAGMENT, FRAGMENT, NEXT},
           {IF_EQUAL, IPPROTO_ICMPV6, ACCEPT, NEXT}, {IF_EQUAL, IPPROTO_HOPOPTS, ACCEPT, NEXT},
           {IF_EQUAL, IPPROTO_ROUTING, ACCEPT, NEXT},
           {IF_EQUAL, IPPROTO_DSTOPTS, ACCEPT, setup->all_protocols ? ACCEPT : REJECT});
    place(program, GROUP);
    APPEND(program, {LOAD_BYTE, ip + IPV6_NEXT_HEADER_AT}, {IF_EQUAL, IPPROTO_ICMPV6, NEXT, REJECT},
           {LOAD_BYTE, ip + IPV6_HEADER}, {IF_EQUAL, ND_SOLICITATION, ACCEPT, REJECT});
    place(program, FRAGMENT);
    APPEND(program, {LOAD_HALF, ip + IPV6_FRAGMENT_AT},
           {IF_BITS, IPV6_FRAGMENT_OFFSET, REJECT, ACCEPT});
    place(program, PORTS_IPV6);
    APPEND(program, {LOAD_HALF, ip + IPV6_HEADER + DESTINATION_PORT_AT}, {AND, setup->port_mask},
           {IF_EQUAL, setup->port & setup->port_mask, ACCEPT, REJECT});
}

static uint8_t distance(const struct program *program, unsigned from, enum label label)
{
    return label == NEXT ? 0 : (uint8_t)(program->label_at[label] - from - 1);
}

static unsigned finish(struct sock_filter program[FILTER_MAX], const struct program *draft)
{
    for (unsigned i = 0; i < draft->count; i++) {
        const struct step *step = &draft->steps[i];
        program[i] = (struct sock_filter){.code = step->code,
                                          .jt = distance(draft, i, step->yes),
                                          .jf = distance(draft, i, step->no),
                                          .k = step->value};
    }
    return draft->count;
}

unsigned filter_build(struct sock_filter program[FILTER_MAX], const struct transport_setup *setup)
{
    struct program draft = {0};
    uint32_t ip = setup->has_ethernet ? ETHERNET_HEADER : 0;
    if (setup->has_ethernet)
        append_vlan(&draft, setup->vlan);
    append_link(&draft, setup->has_ethernet);
    append_ipv4(&draft, ip, setup);
    place(&draft, PORTS);
    append_ports(&draft, ip, setup);
    place(&draft, IPV6);
    append_ipv6(&draft, ip, setup);
    place(&draft, ACCEPT);
    APPEND(&draft, {RETURN, FILTER_SNAP_LENGTH});
    place(&draft, REJECT);
    APPEND(&draft, {RETURN, 0});
    return finish(program, &draft);
}

/* Knuth's multiplicative hash of the word that is loaded; the kernel takes what it returns modulo
 * the number of sockets. */
static void append_hash(struct program *program)
{
    APPEND(program, {BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1}, {BPF_ALU | BPF_RSH | BPF_K, 16},
           {BPF_RET | BPF_A, 0});
}

/* Loads the four words of an IPv6 source, mixed into one. */
static void append_source_ipv6(struct program *program)
{
    const uint32_t source = (uint32_t)SKF_NET_OFF + IPV6_SOURCE_AT;
    APPEND(program, {LOAD_WORD, source});
    for (uint32_t i = 1; i < 4; i++)
        APPEND(program, {BPF_MISC | BPF_TAX, 0}, {LOAD_WORD, source + 4 * i},
               {BPF_ALU | BPF_XOR | BPF_X, 0});
}

unsigned filter_build_chooser(struct sock_filter program[FILTER_MAX])
{
    const uint32_t ip = (uint32_t)SKF_NET_OFF;
    struct program draft = {0};
    APPEND(&draft, {LOAD_HALF, (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL},
           {IF_EQUAL, ETH_P_IPV6, IPV6, NEXT}, {IF_EQUAL, ETH_P_IP, NEXT, FIRST},
           {LOAD_WORD, ip + IPV4_SOURCE_AT});
    append_hash(&draft);
    place(&draft, IPV6);
    APPEND(&draft, {LOAD_BYTE, ip + IPV6_NEXT_HEADER_AT}, {IF_EQUAL, IPPROTO_ICMPV6, NEXT, OURS},
           {LOAD_BYTE, ip + IPV6_HEADER}, {IF_AT_LEAST, ND_FIRST, NEXT, OURS},
           {IF_ABOVE, ND_LAST, OURS, FIRST});
    place(&draft, FIRST);
    APPEND(&draft, {RETURN, 0});
    place(&draft, OURS);
    append_source_ipv6(&draft);
    append_hash(&draft);
    return finish(program, &draft);
}
