/* What the judging of replies has in common: ICMP errors. */
#include "probe/match.h"

#include "probe/setup.h"

/* The errors that speak of the port: type and code. */
static const struct {
    uint8_t version, type, code;
} closed_errors[] = {
    {4, ICMP_UNREACHABLE, ICMP_CODE_PROTOCOL_UNREACHABLE},
    {4, ICMP_UNREACHABLE, ICMP_CODE_PORT_UNREACHABLE},
    {6, ICMPV6_UNREACHABLE, ICMPV6_CODE_PORT_UNREACHABLE},
    {6, ICMPV6_PARAMETER_PROBLEM, ICMPV6_CODE_NEXT_HEADER}, /* a protocol that it does not speak */
};

static bool says_closed(const struct packet *packet)
{
    for (size_t i = 0; i < sizeof closed_errors / sizeof *closed_errors; i++)
        if (closed_errors[i].version == packet->version &&
            closed_errors[i].type == packet->icmp.type &&
            closed_errors[i].code == packet->icmp.code)
            return packet->icmp.quote.present;
    return false;
}

static bool word_is_ours(enum quote_word kind, uint32_t word, uint32_t cookie)
{
    switch (kind) {
    case QUOTE_WORD_COOKIE:
        return word == cookie;
    case QUOTE_WORD_ZERO:
        return word == 0;
    case QUOTE_WORD_ANY:
    default:
        return true;
    }
}

static bool quote_is_ours(const struct packet *packet, const struct cookie *cookie,
                          enum quote_word word)
{
    const struct packet_quote *quote = &packet->icmp.quote;
    const struct ip_number source = quote_source(quote);
    return ip_number_equal(packet_destination(packet), source) &&
           cookie_left_from(cookie, source, quote->source_port) &&
           quote->ip_id == cookie_ip_id(cookie) && word_is_ours(word, quote->word, cookie->cookie);
}

enum probe_verdict match_unreachable(const struct probe_setup *setup,
                                     const struct quoted_probe *probe, const struct packet *packet,
                                     struct probe_reply *reply)
{
    const struct packet_quote *quote = &packet->icmp.quote;
    if (!says_closed(packet) || quote->protocol != probe->protocol ||
        !setup_owns_address(setup, packet_destination(packet)))
        return PROBE_IGNORE;
    const struct ip_number host = quote_destination(quote);
    uint32_t port = port_code(probe->class, quote->destination_port);
    if (!target_space_contains(setup->space, host, port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(setup, host, port);
    if (!quote_is_ours(packet, &cookie, probe->word))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = probe->protocol,
        .ttl = packet->ttl,
    };
    return PROBE_CLOSED;
}
