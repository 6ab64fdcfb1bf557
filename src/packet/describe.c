/* A frame in one line for a person. All bytes are read by packet_decode; here are only its fields.
 */
#include "packet/describe.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#include "packet/decode.h"
#include "packet/icmp_error.h"

/* Text of a fixed size that grows at its end; what does not fit is cut. */
struct line {
    char *text;
    size_t used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = PACKET_TEXT_SIZE - line->used;
    int length = vsnprintf(line->text + line->used, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        line->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* ---- from whom, to whom ---- */

enum { END_TEXT_SIZE = IP_TEXT_SIZE + 8, NO_PORT = -1 };

static char *end_text(char text[END_TEXT_SIZE], struct ip_number address, int port)
{
    char ip[IP_TEXT_SIZE];
    bool is_v4 = ip_number_is_v4(address);
    *ip_number_write(ip, address) = '\0';
    if (port == NO_PORT)
        snprintf(text, END_TEXT_SIZE, "%s", ip);
    else
        snprintf(text, END_TEXT_SIZE, is_v4 ? "%s:%d" : "[%s]:%d", ip, port);
    return text;
}

static void add_ends(struct line *line, const char *protocol, struct ip_number source,
                     int source_port, struct ip_number destination, int destination_port)
{
    char from[END_TEXT_SIZE], to[END_TEXT_SIZE];
    add(line, "%-4s %-21s > %-21s ", protocol, end_text(from, source, source_port),
        end_text(to, destination, destination_port));
}

static void add_ports(struct line *line, const char *protocol, const struct packet *packet)
{
    add_ends(line, protocol, packet_source(packet), packet->source_port, packet_destination(packet),
             packet->destination_port);
}

static void add_hosts(struct line *line, const char *protocol, const struct packet *packet)
{
    add_ends(line, protocol, packet_source(packet), NO_PORT, packet_destination(packet), NO_PORT);
}

/* The flow label of IPv6 stands where the identification of IPv4 does. */
static void add_hops(struct line *line, const struct packet *packet)
{
    add(line, " ttl=%u %s=%u", packet->ttl, packet->version == 6 ? "flow" : "id", packet->ip_id);
}

static void add_tail(struct line *line, const struct packet *packet)
{
    if (packet->payload_length > 0)
        add(line, " %zu-bytes", packet->payload_length);
    add_hops(line, packet);
}

/* ---- what it says ---- */

struct number_name {
    unsigned number;
    const char *name;
};

/* The name of the number, or NULL. */
static const char *name_of(const struct number_name *names, size_t count, unsigned number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

#define NAME_OF(names, number) name_of(names, sizeof(names) / sizeof *(names), number)

static void describe_tcp(struct line *line, const struct packet *packet)
{
    static const char *const flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    const char *between = "";
    add_ports(line, "TCP", packet);
    for (unsigned bit = 0; bit < 8; bit++) {
        if (packet->tcp.flags >> bit & 1) {
            add(line, "%s%s", between, flags[bit]);
            between = "-";
        }
    }
    if (packet->tcp.flags == 0)
        add(line, "no-flags");
    add(line, " seq=%u", packet->tcp.sequence);
    if (packet->tcp.flags & TCP_ACK)
        add(line, " ack=%u", packet->tcp.acknowledgement);
    add(line, " win=%u", packet->tcp.window);
    add_tail(line, packet);
}

static void describe_udp(struct line *line, const struct packet *packet)
{
    add_ports(line, "UDP", packet);
    add(line, "%zu-bytes", packet->payload_length);
    add_hops(line, packet);
}

static void describe_sctp(struct line *line, const struct packet *packet)
{
    static const struct number_name chunks[] = {
        {0, "DATA"},  {SCTP_INIT, "INIT"}, {SCTP_INIT_ACK, "INIT-ACK"},
        {6, "ABORT"}, {9, "ERROR"},        {14, "SHUTDOWN-COMPLETE"},
    };
    const char *name = NAME_OF(chunks, packet->sctp.chunk_type);
    add_ports(line, "SCTP", packet);
    if (name != NULL)
        add(line, "%s", name);
    else
        add(line, "chunk=%u", packet->sctp.chunk_type);
    add(line, " tag=%u", packet->sctp.verification_tag);
    if (packet->sctp.chunk_type == SCTP_INIT || packet->sctp.chunk_type == SCTP_INIT_ACK)
        add(line, " initiate-tag=%u", packet->sctp.initiate_tag);
    add_hops(line, packet);
}

/* The packet that an ICMP error is about. */
static void add_quote(struct line *line, const struct packet_quote *quote)
{
    static const struct number_name protocols[] = {
        {IPPROTO_TCP, "TCP"}, {IPPROTO_UDP, "UDP"}, {IPPROTO_SCTP, "SCTP"}};
    char from[END_TEXT_SIZE], to[END_TEXT_SIZE];
    const char *protocol = NAME_OF(protocols, quote->protocol);
    if (!quote->present)
        return;
    if (protocol != NULL && quote->has_ports)
        add(line, " (%s %s > %s)", protocol,
            end_text(from, quote_source(quote), quote->source_port),
            end_text(to, quote_destination(quote), quote->destination_port));
    else
        add(line, " (protocol %u %s > %s)", quote->protocol,
            end_text(from, quote_source(quote), NO_PORT),
            end_text(to, quote_destination(quote), NO_PORT));
}

/* The name of what is no error; NULL if it has none. */
static const char *request_name(const struct packet *packet)
{
    static const struct number_name types[] = {
        {ICMP_ECHO_REPLY, "echo-reply"},
        {ICMP_ECHO_REQUEST, "echo-request"},
        {ICMP_TIMESTAMP_REQUEST, "timestamp-request"},
        {ICMP_TIMESTAMP_REPLY, "timestamp-reply"},
    };
    static const struct number_name types_ipv6[] = {
        {ICMPV6_ECHO_REPLY, "echo-reply"},
        {ICMPV6_ECHO_REQUEST, "echo-request"},
        {133, "router-solicitation"},
        {134, "router-advertisement"},
        {137, "redirect"},
    };
    return packet->version == 6 ? NAME_OF(types_ipv6, packet->icmp.type)
                                : NAME_OF(types, packet->icmp.type);
}

static const char *icmp_name(const struct packet *packet)
{
    const char *name = request_name(packet);
    unsigned kind = icmp_error_kind(packet->version, packet->icmp.type, packet->icmp.code);
    if (name == NULL && kind != ICMP_ERROR_KINDS - 1)
        name = icmp_error_name(kind);
    return name;
}

static void describe_icmp(struct line *line, const struct packet *packet)
{
    const char *name = icmp_name(packet);
    add_hosts(line, "ICMP", packet);
    if (name != NULL)
        add(line, "%s", name);
    else
        add(line, "type=%u code=%u", packet->icmp.type, packet->icmp.code);
    if (packet->icmp.quote.present)
        add_quote(line, &packet->icmp.quote);
    else
        add(line, " id=%u seq=%u", packet->icmp.id, packet->icmp.sequence);
    add(line, " ttl=%u", packet->ttl);
}

static void describe_neighbour(struct line *line, const struct packet *packet)
{
    char target[END_TEXT_SIZE], mac[MAC_TEXT_SIZE];
    add_hosts(line, "ND", packet);
    add(line, packet->neighbour.type == ICMPV6_SOLICITATION ? "solicitation" : "advertisement");
    add(line, " target=%s", end_text(target, packet->neighbour.target, NO_PORT));
    if (packet->neighbour.has_mac)
        add(line, " sender=%s", mac_format(&packet->neighbour.mac, mac));
}

static void describe_arp(struct line *line, const struct packet *packet)
{
    char mac[MAC_TEXT_SIZE];
    add_ends(line, "ARP", ip_number_v4(packet->arp.sender), NO_PORT,
             ip_number_v4(packet->arp.target), NO_PORT);
    if (packet->arp.operation == ARP_REQUEST)
        add(line, "request");
    else if (packet->arp.operation == ARP_REPLY)
        add(line, "reply");
    else
        add(line, "operation=%u", packet->arp.operation);
    add(line, " sender=%s", mac_format(&packet->arp.sender_mac, mac));
}

static void describe_other(struct line *line, const struct packet *packet)
{
    add_hosts(line, "IP", packet);
    add(line, "protocol=%u %zu-bytes ttl=%u", packet->protocol, packet->payload_length,
        packet->ttl);
}

static bool has_addresses(const struct packet *packet)
{
    const struct ip_number source = packet->source_ipv6, destination = packet->destination_ipv6;
    if (packet->version == 6)
        return (source.high | source.low | destination.high | destination.low) != 0;
    return packet->version == 4 && (packet->source | packet->destination) != 0;
}

/* What is broken is told with the hosts, if it came that far. */
static void describe_broken(struct line *line, const struct packet *packet, enum packet_error error,
                            size_t length)
{
    static const char *const words[] = {
        [PACKET_TRUNCATED] = "truncated",
        [PACKET_MALFORMED] = "malformed",
        [PACKET_FRAGMENT] = "a fragment",
        [PACKET_NOT_IP] = "neither ARP nor IP",
    };
    if (has_addresses(packet))
        add_hosts(line, "IP", packet);
    else
        add(line, "%-4s ", "?");
    add(line, "%s, %zu-bytes", words[error], length);
}

char *packet_describe(char text[PACKET_TEXT_SIZE], const uint8_t *frame, size_t length,
                      bool has_ethernet)
{
    static void (*const describers[])(struct line * line, const struct packet *packet) = {
        [PACKET_ARP] = describe_arp,
        [PACKET_TCP] = describe_tcp,
        [PACKET_UDP] = describe_udp,
        [PACKET_ICMP] = describe_icmp,
        [PACKET_SCTP] = describe_sctp,
        [PACKET_IP_OTHER] = describe_other,
        [PACKET_NEIGHBOUR] = describe_neighbour,
    };
    struct packet packet;
    struct line line = {.text = text};
    text[0] = '\0';
    enum packet_error error = packet_decode(&packet, frame, length, has_ethernet);
    if (error == PACKET_OK)
        describers[packet.kind](&line, &packet);
    else
        describe_broken(&line, &packet, error, length);
    return text;
}
