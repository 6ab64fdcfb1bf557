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
#include <string.h>

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

enum label { NEXT, PORTS, ACCEPT, REJECT, LABELS };

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
    IF_BITS = BPF_JMP | BPF_JSET | BPF_K,
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
               {IF_EQUAL, ETH_P_IP, NEXT, REJECT});
    else
        APPEND(program, {LOAD_BYTE, 0}, {AND, 0xf0}, {IF_EQUAL, 4 << 4, NEXT, REJECT});
}

/* Lets frames of the VLAN go on; the kernel keeps tags apart, and has 0 where there is none. (The
 * load is of a whole tag whatever its width says; libpcap, which may run the program itself for a
 * while, knows only that of a byte.) */
static void append_vlan(struct program *program, uint16_t vlan)
{
    APPEND(program, {LOAD_BYTE, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG)}, {AND, VLAN_NUMBER},
           {IF_EQUAL, vlan, NEXT, REJECT});
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

static uint8_t distance(const struct program *program, unsigned from, enum label label)
{
    return label == NEXT ? 0 : (uint8_t)(program->label_at[label] - from - 1);
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
    place(&draft, ACCEPT);
    APPEND(&draft, {RETURN, FILTER_SNAP_LENGTH});
    place(&draft, REJECT);
    APPEND(&draft, {RETURN, 0});
    for (unsigned i = 0; i < draft.count; i++) {
        const struct step *step = &draft.steps[i];
        program[i] = (struct sock_filter){.code = step->code,
                                          .jt = distance(&draft, i, step->yes),
                                          .jf = distance(&draft, i, step->no),
                                          .k = step->value};
    }
    return draft.count;
}

unsigned filter_build_chooser(struct sock_filter program[FILTER_MAX])
{
    /* Knuth's multiplicative hash; the kernel takes what it returns modulo the number of sockets.
     */
    static const struct sock_filter chooser[] = {
        BPF_STMT(LOAD_HALF, SKF_AD_OFF + SKF_AD_PROTOCOL),
        BPF_JUMP(IF_EQUAL, ETH_P_IP, 0, 4),
        BPF_STMT(LOAD_WORD, SKF_NET_OFF + IPV4_SOURCE_AT),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
        BPF_STMT(BPF_RET | BPF_A, 0),
        BPF_STMT(RETURN, 0),
    };
    memcpy(program, chooser, sizeof chooser);
    return sizeof chooser / sizeof chooser[0];
}
