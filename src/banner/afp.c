/* AFP: the server's description (Apple Filing Protocol Reference: FPGetSrvrInfo; its frame, DSI
 * GetStatus, by the Data Stream Interface chapter). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { DSI_HEADER = 16, DSI_REPLY = 1, DSI_GET_STATUS = 3, OFFSETS = 10 };

/* A string behind its length of a byte. */
static void add_string(struct reader *reader, struct text *text, const char *name)
{
    uint8_t length = reader_u8(reader);
    text_named_bytes(text, name, reader_bytes(reader, length), length);
}

/* A number of strings, each named alike. */
static void add_strings(struct reader *reader, struct text *text, const char *name)
{
    uint8_t count = reader_u8(reader);
    for (unsigned i = 0; i < count && !reader->failed; i++)
        add_string(reader, text, name);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, DSI_HEADER);
    struct reader machine = *reader, versions = *reader, methods = *reader, name = *reader;
    reader_skip(&machine, reader_be16(reader));
    reader_skip(&versions, reader_be16(reader));
    reader_skip(&methods, reader_be16(reader));
    reader_skip(&name, OFFSETS);
    add_string(&name, &text, "name");
    add_string(&machine, &text, "machine");
    add_strings(&versions, &text, "version");
    add_strings(&methods, &text, "auth");
    banner_tell(talk, APP_AFP, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] == DSI_REPLY) && (length < 2 || bytes[1] == DSI_GET_STATUS) &&
           (length < 3 || bytes[2] == 0) && (length < 4 || bytes[3] == 1);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 8, 4, DSI_HEADER) : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t get_status[DSI_HEADER] = {0, DSI_GET_STATUS, 0, 1};
    return banner_say(talk, get_status, sizeof get_status);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, 4, fits(bytes, length));
}

const struct banner_ops banner_afp = {
    .name = "afp",
    .source = "Apple Filing Protocol Reference: FPGetSrvrInfo, DSIGetStatus",
    .apps = {APP_AFP},
    .ports = {548},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};
