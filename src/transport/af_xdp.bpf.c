/* The receiving program of the AF_XDP transport: TCP, UDP and SCTP to the scanner's own addresses
 * and ports go to its socket, everything else goes on to the kernel as if the program were not
 * there.
 *
 * So do frames that arrive on a queue that has no socket. Fragments go on, too: only the first one
 * shows its ports. What goes on is seen by the transport through a packet tap, which stands behind
 * this program. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { MORE_FRAGMENTS_OR_OFFSET = 0x3fff, VLAN_NUMBER = 0xfff };

char LICENSE[] SEC("license") = "BSD";

/* Set before the program is loaded; host order, own_address and own_port within their masks. */
const volatile __u32 own_address, own_address_mask;
const volatile __u16 own_port, own_port_mask;
const volatile __u16 own_vlan; /* 0: no tag */

struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, 1); /* the number of queues, set before it is loaded */
    __type(key, __u32);
    __type(value, __u32);
} sockets SEC(".maps");

static __always_inline bool has_ports(__u8 protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static __always_inline bool is_whole_packet_to_us(const struct iphdr *ip)
{
    return ip->version == 4 && ip->ihl >= 5 && has_ports(ip->protocol) &&
           (bpf_ntohl(ip->daddr) & own_address_mask) == own_address &&
           (ip->frag_off & bpf_htons(MORE_FRAGMENTS_OR_OFFSET)) == 0;
}

struct tagged_header {
    struct ethhdr ethernet;
    __be16 tag, protocol;
};

/* Where the IP header is, if the frame has the tag that it has to have: NULL if not. A tag that the
 * hardware took out is not seen here: such a frame goes on to the tap, which is told of it. */
static __always_inline struct iphdr *behind_link(void *data, void *data_end)
{
    struct tagged_header *header = data;
    if ((void *)(header + 1) > data_end)
        return NULL;
    if (own_vlan == 0)
        return header->ethernet.h_proto == bpf_htons(ETH_P_IP) ? data + sizeof(struct ethhdr)
                                                               : NULL;
    bool tagged = header->ethernet.h_proto == bpf_htons(ETH_P_8021Q) &&
                  (bpf_ntohs(header->tag) & VLAN_NUMBER) == own_vlan;
    return tagged && header->protocol == bpf_htons(ETH_P_IP) ? (void *)(header + 1) : NULL;
}

static __always_inline bool is_ours(void *data, void *data_end)
{
    struct iphdr *ip = behind_link(data, data_end);
    if (ip == NULL || (void *)(ip + 1) > data_end || !is_whole_packet_to_us(ip))
        return false;
    __be16 *ports = (void *)ip + ip->ihl * 4;
    if ((void *)(ports + 2) > data_end)
        return false;
    return (bpf_ntohs(ports[1]) & own_port_mask) == own_port;
}

SEC("xdp")
int to_scanner(struct xdp_md *context)
{
    void *data = (void *)(long)context->data;
    void *data_end = (void *)(long)context->data_end;
    if (!is_ours(data, data_end))
        return XDP_PASS;
    return (int)bpf_redirect_map(&sockets, context->rx_queue_index, XDP_PASS);
}
