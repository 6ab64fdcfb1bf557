/* What the judging of replies has in common: ICMP errors. */
#include "probe/match.h"

#include "probe/setup.h"

static bool says_closed(const struct packet *packet)
{
    return packet->icmp.type == ICMP_UNREACHABLE && packet->icmp.quote.present &&
           (packet->icmp.code == ICMP_CODE_PROTOCOL_UNREACHABLE ||
            packet->icmp.code == ICMP_CODE_PORT_UNREACHABLE);
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
    return packet->destination == quote->source &&
           cookie_left_from(cookie, quote->source, quote->source_port) &&
           quote->ip_id == (uint16_t)cookie->tag && word_is_ours(word, quote->word, cookie->cookie);
}

enum probe_verdict match_unreachable(const struct probe_setup *setup,
                                     const struct quoted_probe *probe, const struct packet *packet,
                                     struct probe_reply *reply)
{
    const struct packet_quote *quote = &packet->icmp.quote;
    if (!says_closed(packet) || quote->protocol != probe->protocol ||
        !setup_owns_address(setup, packet->destination))
        return PROBE_IGNORE;
    uint32_t port = port_code(probe->class, quote->destination_port);
    if (!target_space_contains(setup->space, ip_number_v4(quote->destination), port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(setup, quote->destination, port);
    if (!quote_is_ours(packet, &cookie, probe->word))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = quote->destination,
        .port = port,
        .protocol = probe->protocol,
        .ttl = packet->ttl,
    };
    return PROBE_CLOSED;
}
