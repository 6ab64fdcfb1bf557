/* XMPP: the stream that a server opens for us, with its features or its error, and STARTTLS (RFC
 * 6120: 4.2, 4.3, 4.9, 5.4). The text is the XML as it came. */
#include <string.h>

#include "banner/protocols.h"
#include "banner/text.h"

struct xmpp {
    bool asked_for_tls;
    struct {
        uint16_t length;
        uint8_t bytes[1534];
    } xml;
};

static bool ends_with(const struct xmpp *xmpp, const char *tag)
{
    size_t wanted = strlen(tag);
    return xmpp->xml.length >= wanted &&
           memcmp(xmpp->xml.bytes + xmpp->xml.length - wanted, tag, wanted) == 0;
}

static void end(void *state, struct banner_talk *talk)
{
    const struct xmpp *xmpp = state;
    banner_tell(talk, APP_XMPP, xmpp->xml.bytes, xmpp->xml.length);
}

static bool has(const struct xmpp *xmpp, const char *word)
{
    return text_contains(xmpp->xml.bytes, xmpp->xml.length, word);
}

/* A tag is whole. */
static enum banner_step look(struct xmpp *xmpp, struct banner_talk *talk)
{
    static const char question[] = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    if (xmpp->asked_for_tls)
        return has(xmpp, "<proceed") ? BANNER_START_TLS : BANNER_DONE;
    if (ends_with(xmpp, "</stream:stream>") || ends_with(xmpp, "<stream:features/>"))
        return BANNER_DONE;
    if (!ends_with(xmpp, "</stream:features>"))
        return BANNER_MORE;
    xmpp->asked_for_tls =
        talk->setup->start_tls && has(xmpp, "<starttls") && banner_say_text(talk, question);
    return xmpp->asked_for_tls ? BANNER_MORE : BANNER_DONE;
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct xmpp *xmpp = state;
    for (size_t i = 0; i < length; i++) {
        TEXT_PUT(&xmpp->xml, bytes[i]);
        enum banner_step step = bytes[i] == '>' ? look(xmpp, talk) : BANNER_MORE;
        if (xmpp->xml.length == sizeof xmpp->xml.bytes)
            step = BANNER_DONE;
        if (step != BANNER_MORE) {
            end(xmpp, talk);
            return step;
        }
    }
    return BANNER_MORE;
}

/* Whom we want to talk to has to be named; who is not that says so, behind a header of its own. */
static bool hello(struct banner_talk *talk)
{
    return banner_say_text(talk, "<?xml version='1.0'?><stream:stream to='masscan.invalid' "
                                 "version='1.0' xmlns='jabber:client' "
                                 "xmlns:stream='http://etherx.jabber.org/streams'>");
}

/* XML alone may be anything: a stream's tag or name space must follow soon. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const begins[] = {"<?xml ", "<stream:stream "};
    enum banner_match match = banner_begins_any(bytes, length, begins, 2);
    if (match != BANNER_YES)
        return match;
    if (text_contains(bytes, length, "<stream:") || text_contains(bytes, length, "jabber:"))
        return BANNER_YES;
    return length < BANNER_DETECT_MAX ? BANNER_MAYBE : BANNER_NO;
}

const struct banner_ops banner_xmpp = {
    .name = "xmpp",
    .source = "RFC 6120",
    .apps = {APP_XMPP},
    .ports = {5222, 5269},
    .state_size = sizeof(struct xmpp),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};
