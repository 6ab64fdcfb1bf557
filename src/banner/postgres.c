/* PostgreSQL: whether it speaks TLS; if not, what a login would need (PostgreSQL manual, 55.2.10
 * "SSL Session Encryption" and 55.7 "Message Formats"). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum stage { TLS, LOGIN };

struct postgres {
    uint8_t stage;
    struct message message;
};

static const char ssl_request[] = {0, 0, 0, 8, 4, (char)0xd2, 0x16, 0x2f};
static const char startup[] = "\0\0\0\x29\0\3\0\0user\0postgres\0database\0postgres\0";

static const char no_tls[] = "tls=no";

static const char *method_name(uint32_t method)
{
    static const char *const names[] = {
        [0] = "trust", [2] = "kerberos", [3] = "password", [5] = "md5",
        [7] = "gss",   [9] = "sspi",     [10] = "sasl"};
    return method < sizeof names / sizeof *names ? names[method] : NULL;
}

static void read_method(struct reader *reader, struct text *text)
{
    uint32_t method = reader_be32(reader);
    const char *name = reader->failed ? NULL : method_name(method);
    if (!name)
        return;
    text_string(text, " auth=");
    text_string(text, name);
    size_t length;
    const uint8_t *mechanism = method == 10 ? message_string(reader, &length) : NULL;
    if (mechanism)
        text_named_bytes(text, "mechanism", mechanism, length);
}

/* A list of (letter, string); "M" is the message for people. */
static void read_error(struct reader *reader, struct text *text)
{
    while (!reader->failed) {
        size_t length;
        uint8_t letter = reader_u8(reader);
        const uint8_t *string = letter ? message_string(reader, &length) : NULL;
        if (!string)
            return;
        if (letter == 'M')
            text_named_bytes(text, "error", string, length);
    }
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    text_string(&text, no_tls);
    uint8_t type = reader_u8(reader);
    reader_skip(reader, 4);
    if (type == 'R')
        read_method(reader, &text);
    else
        read_error(reader, &text);
    banner_tell(talk, APP_POSTGRES, text.bytes, text.length);
    return BANNER_DONE;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (bytes[0] != 'R' && bytes[0] != 'E')
        return 0;
    size_t wanted = message_size_be(bytes, length, 1, 4, 1);
    return wanted < 5 ? 0 : wanted;
}

static enum banner_step speaks_tls(struct banner_talk *talk)
{
    static const char tls[] = "tls=yes";
    banner_tell(talk, APP_POSTGRES, tls, sizeof tls - 1);
    return talk->setup->start_tls ? BANNER_START_TLS : BANNER_DONE;
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct postgres *postgres = state;
    if (length == 0)
        return BANNER_MORE;
    if (postgres->stage == LOGIN)
        return message_feed(&postgres->message, bytes, length, talk, size, read_message);
    postgres->stage = LOGIN;
    if (bytes[0] == 'S')
        return speaks_tls(talk);
    if (bytes[0] == 'E') /* servers before 7.2 know no SSLRequest */
        return message_feed(&postgres->message, bytes, length, talk, size, read_message);
    if (bytes[0] != 'N' || !banner_say(talk, startup, sizeof startup))
        return BANNER_CLOSE;
    return message_feed(&postgres->message, bytes + 1, length - 1, talk, size, read_message);
}

static void end(void *state, struct banner_talk *talk)
{
    const struct postgres *postgres = state;
    if (postgres->stage == LOGIN)
        banner_tell(talk, APP_POSTGRES, no_tls, sizeof no_tls - 1);
}

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, ssl_request, sizeof ssl_request);
}

/* "S" stands alone; behind "N" comes what answers the login; an error has a length. */
static bool fits(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return true;
    if (bytes[0] == 'E')
        return length < 2 || bytes[1] == 0;
    if (bytes[0] == 'N')
        return length < 2 || bytes[1] == 'R' || bytes[1] == 'E';
    return bytes[0] == 'S' && length == 1;
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    bool is_error = length > 0 && bytes[0] == 'E';
    return banner_match_after(length, is_error ? 2 : 1, fits(bytes, length));
}

const struct banner_ops banner_postgres = {
    .name = "postgres",
    .source = "PostgreSQL manual: Message Flow, Message Formats",
    .apps = {APP_POSTGRES},
    .ports = {5432},
    .state_size = sizeof(struct postgres),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};
