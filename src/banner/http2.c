/* HTTP/2 in the open: the frames by which such a server answers a request of HTTP/1, or any other
 * words: its settings, and why it goes away (RFC 9113: 4.1, 6.5, 6.8, 7). There is no hello: only
 * who does not understand HTTP/1 says this, and it is asked in that. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { HEADER = 9, SETTING = 6, SETTINGS_MAX = 32 };

enum { TYPE_SETTINGS = 4, TYPE_GOAWAY = 7 };

static void add_setting(struct text *text, uint16_t id, uint32_t value)
{
    static const char *const names[] = {
        [1] = "header-table-size",      [2] = "enable-push",    [3] = "max-concurrent-streams",
        [4] = "initial-window-size",    [5] = "max-frame-size", [6] = "max-header-list-size",
        [8] = "enable-connect-protocol"};
    if (id < sizeof names / sizeof *names && names[id])
        text_named_number(text, names[id], value);
}

static void add_reason(struct text *text, struct reader *reader)
{
    static const char *const names[] = {"no-error",
                                        "protocol-error",
                                        "internal-error",
                                        "flow-control-error",
                                        "settings-timeout",
                                        "stream-closed",
                                        "frame-size-error",
                                        "refused-stream",
                                        "cancel",
                                        "compression-error",
                                        "connect-error",
                                        "enhance-your-calm",
                                        "inadequate-security",
                                        "http-1.1-required"};
    reader_skip(reader, 4); /* the last stream that was looked at */
    uint32_t code = reader_be32(reader);
    if (reader->failed)
        return;
    if (code < sizeof names / sizeof *names)
        text_named_string(text, "goaway", names[code]);
    else
        text_named_number(text, "goaway", code);
    text_named_bytes(text, "debug", reader->at, reader_left(reader));
}

/* Settings, then what else there may be, up to the frame that says goodbye. Each frame is told as
 * it comes, for a server may just fall silent. */
static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, 3);
    uint8_t type = reader_u8(reader);
    reader_skip(reader, HEADER - 4);
    if (type == TYPE_SETTINGS) {
        text_string(&text, "settings");
        for (unsigned i = 0; i < SETTINGS_MAX && reader_left(reader) >= SETTING; i++) {
            uint16_t id = reader_be16(reader);
            add_setting(&text, id, reader_be32(reader));
        }
    } else if (type == TYPE_GOAWAY) {
        add_reason(&text, reader);
    }
    banner_tell(talk, APP_HTTP2, text.bytes, text.length);
    return type == TYPE_GOAWAY ? BANNER_DONE : BANNER_MORE;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    size_t wanted = message_size_be(bytes, length, 0, 3, HEADER);
    return wanted < HEADER ? HEADER : wanted;
}

MESSAGE_FEED(size, read_message)

/* A server begins with settings, without a flag, of stream 0; some say goodbye at once. The length
 * is that of whole settings, no more than there are kinds of. */
static bool fits(const uint8_t *bytes, size_t length)
{
    bool is_settings = length < 4 || bytes[3] == TYPE_SETTINGS;
    bool is_goodbye = length < 4 || bytes[3] == TYPE_GOAWAY;
    if (length >= 3) {
        is_settings &= bytes[0] == 0 && bytes[1] == 0 && bytes[2] % SETTING == 0;
        is_goodbye &= bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 8;
    }
    for (size_t i = 4; i < HEADER && i < length; i++)
        if (bytes[i] != 0)
            return false;
    return (length < 1 || bytes[0] == 0) && (length < 2 || bytes[1] == 0) &&
           (is_settings || is_goodbye);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, HEADER, fits(bytes, length));
}

const struct banner_ops banner_http2 = {
    .name = "http2",
    .source = "RFC 9113",
    .apps = {APP_HTTP2},
    .state_size = sizeof(struct message),
    .match = match,
    .feed = feed,
};
