/* The receiving program of the AF_XDP transport: TCP, UDP and SCTP to the scanner's own addresses
 * and ports go to its socket, everything else goes on to the kernel as if the program were not
 * there: of IPv6 also what has extension headers, which is rare in what answers probes.
 *
 * So do frames that arrive on a queue that has no socket. Fragments go on, too: only the first one
 * shows its ports. What goes on is seen by the transport through a packet tap, which stands behind
 * this program. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { MORE_FRAGMENTS_OR_OFFSET = 0x3fff, VLAN_NUMBER = 0xfff };

char LICENSE[] SEC("license") = "BSD";

/* Set before the program is loaded; host order, own_address and own_port within their masks. */
const volatile __u32 own_address, own_address_mask;
const volatile __u32 own_address_ipv6[4], own_address_ipv6_mask[4]; /* network order */
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

static __always_inline bool is_packet_to_us_ipv6(const struct ipv6hdr *ip)
{
    __u32 differing = 0;
    for (int i = 0; i < 4; i++)
        differing |=
            (ip->daddr.in6_u.u6_addr32[i] & own_address_ipv6_mask[i]) ^ own_address_ipv6[i];
    return ip->version == 6 && has_ports(ip->nexthdr) && differing == 0;
}

static __always_inline bool is_own_port(const __be16 *ports, const void *data_end)
{
    return (const void *)(ports + 2) <= data_end &&
           (bpf_ntohs(ports[1]) & own_port_mask) == own_port;
}

static __always_inline bool is_ours_ipv4(struct iphdr *ip, void *data_end)
{
    if ((void *)(ip + 1) > data_end || !is_whole_packet_to_us(ip))
        return false;
    return is_own_port((void *)ip + ip->ihl * 4, data_end);
}

static __always_inline bool is_ours_ipv6(struct ipv6hdr *ip, void *data_end)
{
    if ((void *)(ip + 1) > data_end || !is_packet_to_us_ipv6(ip))
        return false;
    return is_own_port((void *)(ip + 1), data_end);
}

struct tagged_header {
    struct ethhdr ethernet;
    __be16 tag, protocol;
};

/* What stands behind the link header, if that has the tag that it has to have; else NULL. A tag
 * that the hardware took out is not seen here: such a frame goes on to the tap, which is told of
 * it. */
static __always_inline void *behind_link(void *data, void *data_end, __be16 *protocol)
{
    struct tagged_header *header = data;
    if ((void *)(header + 1) > data_end)
        return NULL;
    *protocol = header->ethernet.h_proto;
    if (own_vlan == 0)
        return data + sizeof(struct ethhdr);
    bool is_tagged =
        *protocol == bpf_htons(ETH_P_8021Q) && (bpf_ntohs(header->tag) & VLAN_NUMBER) == own_vlan;
    *protocol = header->protocol;
    return is_tagged ? header + 1 : NULL;
}

static __always_inline bool is_ours(void *data, void *data_end)
{
    __be16 protocol;
    void *ip = behind_link(data, data_end, &protocol);
    if (ip == NULL)
        return false;
    switch (protocol) {
    case bpf_htons(ETH_P_IP):
        return is_ours_ipv4(ip, data_end);
    case bpf_htons(ETH_P_IPV6):
        return is_ours_ipv6(ip, data_end);
    default:
        return false;
    }
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
