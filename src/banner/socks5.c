/* SOCKS 5: how a proxy wants its clients to prove themselves (RFC 1928, 3; RFC 1929). It is asked
 * to connect to nobody. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { VERSION = 5, ANSWER = 2, NONE = 0, GSSAPI = 1, PASSWORD = 2, REFUSED = 0xff };

static const char *name_of(uint8_t method)
{
    switch (method) {
    case NONE:
        return "none";
    case GSSAPI:
        return "gssapi";
    case PASSWORD:
        return "password";
    case REFUSED:
        return "refused";
    default:
        return NULL;
    }
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, 1);
    text_named_string(&text, "auth", name_of(reader_u8(reader)));
    banner_tell(talk, APP_SOCKS5, text.bytes, text.length);
    return BANNER_DONE;
}

/* One of the methods offered, and nothing more. */
static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] == VERSION) && (length < 2 || name_of(bytes[1])) &&
           length <= ANSWER;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? ANSWER : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t methods[] = {VERSION, 3, NONE, GSSAPI, PASSWORD};
    return banner_say(talk, methods, sizeof methods);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, ANSWER, fits(bytes, length));
}

const struct banner_ops banner_socks5 = {
    .name = "socks5",
    .source = "RFC 1928",
    .apps = {APP_SOCKS5},
    .ports = {1080},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};
