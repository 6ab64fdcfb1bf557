/* MySQL and MariaDB: the server's greeting, or why it gives none (MySQL internals manual,
 * Protocol:: HandshakeV10 and ERR_Packet). MariaDB puts "5.5.5-" in front of its version, for old
 * clients. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { GREETING = 10, REFUSAL = 0xff, PLUGIN_AUTH = 1 << 3 /* in the upper half */ };

enum { HEADER = 4, SALT = 8, RESERVED = 10, SALT_REST_MIN = 13 };

static void read_greeting(struct reader *reader, struct text *text)
{
    size_t length;
    const uint8_t *version = message_string(reader, &length);
    if (!version)
        return;
    bool is_maria = text_begins(version, length, "5.5.5-");
    text_named_bytes(text, "version", version + (is_maria ? 6 : 0), length - (is_maria ? 6 : 0));
    reader_skip(reader, 4 + SALT + 1); /* connection id, salt, filler */
    reader_skip(reader, 2 + 1 + 2);    /* capabilities, character set, status */
    uint16_t capabilities = message_le16(reader);
    int rest = reader_u8(reader) - SALT;
    reader_skip(reader, RESERVED);
    reader_skip(reader, (size_t)(rest > SALT_REST_MIN ? rest : SALT_REST_MIN));
    const uint8_t *plugin = message_string(reader, &length);
    if (plugin && capabilities & PLUGIN_AUTH)
        text_named_bytes(text, "auth", plugin, length);
}

static void read_refusal(struct reader *reader, struct text *text)
{
    text_named_number(text, "error", message_le16(reader));
    text_string(text, " ");
    text_bytes(text, reader->at, reader_left(reader));
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, HEADER);
    if (reader_u8(reader) == GREETING)
        read_greeting(reader, &text);
    else
        read_refusal(reader, &text);
    banner_tell(talk, APP_MYSQL, text.bytes, text.length);
    return BANNER_DONE;
}

/* The length is of three bytes, least first; then a sequence number, 0 here. A greeting begins with
 * the digit of a version, a refusal with an error number from 1024 to 1279. */
static bool fits(const uint8_t *bytes, size_t length)
{
    if ((length > 2 && bytes[2] != 0) || (length > 3 && bytes[3] != 0))
        return false;
    if (length > 4 && bytes[4] != GREETING && bytes[4] != REFUSAL)
        return false;
    if (length > 5 && bytes[4] == GREETING && (bytes[5] < '0' || bytes[5] > '9'))
        return false;
    return length < 7 || bytes[4] == GREETING || bytes[6] == 4;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (!fits(bytes, length))
        return 0;
    if (length < HEADER)
        return HEADER;
    size_t body = bytes[0] | (size_t)bytes[1] << 8;
    return body < 8 ? 0 : body + HEADER;
}

MESSAGE_FEED(size, read_message)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, 7, fits(bytes, length));
}

const struct banner_ops banner_mysql = {
    .name = "mysql",
    .source = "MySQL internals manual: HandshakeV10, ERR_Packet",
    .apps = {APP_MYSQL},
    .ports = {3306},
    .state_size = sizeof(struct message),
    .match = match,
    .feed = feed,
};
