/* What the judging of replies has in common: ICMP errors. */
#include "probe/match.h"

#include <netinet/in.h>

#include "probe/setup.h"

/* The errors that speak of the pair itself: type and code. */
static const struct {
    uint8_t version, type, code;
    bool of_protocol;
} telling_errors[] = {
    {4, ICMP_UNREACHABLE, ICMP_CODE_PROTOCOL_UNREACHABLE, true},
    {4, ICMP_UNREACHABLE, ICMP_CODE_PORT_UNREACHABLE, false},
    {6, ICMPV6_UNREACHABLE, ICMPV6_CODE_PORT_UNREACHABLE, false},
    {6, ICMPV6_PARAMETER_PROBLEM, ICMPV6_CODE_NEXT_HEADER, true},
};

/* The requests of the probe of ICMP, by the type and code that they are quoted with. */
static const struct {
    uint8_t version, type, number;
} requests[] = {
    {4, ICMP_ECHO_REQUEST, PORT_ICMP_ECHO},
    {4, ICMP_TIMESTAMP_REQUEST, PORT_ICMP_TIMESTAMP},
    {6, ICMPV6_ECHO_REQUEST, PORT_ICMP_ECHO},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The number of the pair that was probed; false if this is no such probe. */
static bool number_of(const struct quoted_probe *probe, const struct packet_quote *quote,
                      uint32_t *number)
{
    *number = quote->protocol;
    if (probe->number == QUOTE_NUMBER_PROTOCOL)
        return true;
    uint8_t protocol = quote->version == 6 ? probe->protocol_ipv6 : probe->protocol;
    if (!quote->has_ports || quote->protocol != protocol)
        return false;
    *number = quote->destination_port;
    if (probe->number == QUOTE_NUMBER_PORT)
        return true;
    for (size_t i = 0; i < COUNT(requests); i++) {
        *number = requests[i].number;
        if (requests[i].version == quote->version && requests[i].type << 8 == quote->source_port)
            return true;
    }
    return false;
}

static bool word_is_ours(enum quote_word kind, uint32_t word, uint32_t cookie)
{
    switch (kind) {
    case QUOTE_WORD_COOKIE:
        return word == cookie;
    case QUOTE_WORD_ZERO:
        return word == 0;
    case QUOTE_WORD_ECHO:
        return word == (cookie << 16 | cookie >> 16);
    case QUOTE_WORD_ANY:
    default:
        return true;
    }
}

static bool quote_is_ours(const struct packet *packet, const struct cookie *cookie,
                          const struct quoted_probe *probe)
{
    const struct packet_quote *quote = &packet->icmp.quote;
    const struct ip_number source = quote_source(quote);
    const uint16_t port =
        probe->number == QUOTE_NUMBER_PORT ? quote->source_port : cookie->source_port;
    return ip_number_equal(packet_destination(packet), source) &&
           cookie_left_from(cookie, source, port) && quote->ip_id == cookie_ip_id(cookie) &&
           word_is_ours(probe->word, quote->word, cookie->cookie);
}

static enum probe_verdict meaning(const struct quoted_probe *probe, const struct packet *packet)
{
    const struct ip_number host = quote_destination(&packet->icmp.quote);
    for (size_t i = 0; i < COUNT(telling_errors); i++) {
        if (telling_errors[i].version != packet->version ||
            telling_errors[i].type != packet->icmp.type ||
            telling_errors[i].code != packet->icmp.code)
            continue;
        if (telling_errors[i].of_protocol)
            return probe->on_protocol_unreachable;
        bool must_be_host = probe->on_port_unreachable == PROBE_OPEN;
        return !must_be_host || ip_number_equal(packet_source(packet), host)
                   ? probe->on_port_unreachable
                   : PROBE_ERROR;
    }
    return PROBE_ERROR;
}

enum probe_verdict match_error(const struct probe_setup *setup, const struct quoted_probe *probe,
                               const struct packet *packet, struct probe_reply *reply)
{
    const struct packet_quote *quote = &packet->icmp.quote;
    uint32_t number;
    if (packet->kind != PACKET_ICMP || !quote->present || !number_of(probe, quote, &number) ||
        !setup_owns_address(setup, packet_destination(packet)))
        return PROBE_IGNORE;
    const struct ip_number host = quote_destination(quote);
    uint32_t port = port_code(probe->class, number);
    if (!target_space_contains(setup->space, host, port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(setup, host, port);
    if (!quote_is_ours(packet, &cookie, probe))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = probe->protocol,
        .ttl = packet->ttl,
    };
    return meaning(probe, packet);
}
