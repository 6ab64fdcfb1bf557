/* Microsoft SQL Server: the answer to a pre-login, with the version and whether the server wants
 * its connections encrypted ([MS-TDS] 2.2.3.1 for the header, 2.2.6.5 for the options; the answer
 * comes in a packet of the type "tabular result"). Nobody logs in. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { PRELOGIN = 0x12, RESPONSE = 0x04, LAST = 0x01, HEADER = 8 };

enum { VERSION = 0, ENCRYPTION = 1, TERMINATOR = 0xff, OPTIONS_MAX = 16 };

/* An option's place and length are counted from the first option. */
enum { FIRST_OPTION_BYTES = 5, SHORTEST_BODY = FIRST_OPTION_BYTES + 1 };

static void add_version(struct text *text, struct reader value)
{
    uint8_t major = reader_u8(&value), minor = reader_u8(&value);
    uint16_t build = reader_be16(&value);
    if (value.failed)
        return;
    text_named_number(text, "version", major);
    text_string(text, ".");
    text_number(text, minor);
    text_string(text, ".");
    text_number(text, build);
}

static void add_encryption(struct text *text, struct reader value)
{
    static const char *const names[] = {"off", "on", "not-supported", "required"};
    uint8_t choice = reader_u8(&value);
    if (value.failed)
        return;
    if (choice >= sizeof names / sizeof *names)
        text_named_number(text, "encryption", choice);
    else
        text_named_string(text, "encryption", names[choice]);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, HEADER);
    const struct reader body = *reader;
    for (unsigned i = 0; i < OPTIONS_MAX; i++) {
        uint8_t option = reader_u8(reader);
        uint16_t at = reader_be16(reader), length = reader_be16(reader);
        if (reader->failed || option == TERMINATOR)
            break;
        struct reader value = body;
        reader_skip(&value, at);
        reader_limit(&value, length);
        if (option == VERSION)
            add_version(&text, value);
        else if (option == ENCRYPTION)
            add_encryption(&text, value);
    }
    banner_tell(talk, APP_MSSQL, text.bytes, text.length);
    return BANNER_DONE;
}

/* One packet, the last; the version is always the first option. */
static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] == RESPONSE) && (length < 2 || bytes[1] == LAST) &&
           (length < 9 || bytes[HEADER] == VERSION) && (length < 10 || bytes[HEADER + 1] == 0) &&
           (length < 12 || bytes[HEADER + 3] == 0) && (length < 13 || bytes[HEADER + 4] == 6);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (!fits(bytes, length))
        return 0;
    size_t wanted = message_size_be(bytes, length, 2, 2, 0);
    return wanted < 4 ? 0 : wanted < HEADER + SHORTEST_BODY ? HEADER + SHORTEST_BODY : wanted;
}

MESSAGE_FEED(size, read_message)

/* Version 0, "encryption is available, but off", an empty instance, a thread, no MARS. */
static bool hello(struct banner_talk *talk)
{
    static const uint8_t prelogin[] = {
        PRELOGIN, LAST, 0,  47, 0, 0, 1, 0, /* header */
        0,        0,    26, 0,  6, 1, 0, 32, 0, 1, 2,          0, 33,
        0,        1,                                           /* version, encryption, instance */
        3,        0,    34, 0,  4, 4, 0, 38, 0, 1, TERMINATOR, /* thread, MARS */
        0,        0,    0,  0,  0, 0, 0, 0,  0, 0, 0,          0, 0};
    return banner_say(talk, prelogin, sizeof prelogin);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, HEADER + 5, fits(bytes, length));
}

const struct banner_ops banner_mssql = {
    .name = "mssql",
    .source = "[MS-TDS] 2.2.6.5",
    .apps = {APP_MSSQL},
    .ports = {1433},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};
