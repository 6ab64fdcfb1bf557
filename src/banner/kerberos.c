/* Kerberos over TCP: what a key distribution centre says to a request for a ticket of a realm that
 * is not there (RFC 4120: 7.2.2 for TCP, 5.4.1 and 5.9.1 for the messages). Its error names its own
 * realm or ours, what is wrong, and the time of its clock. The request names nobody who could
 * exist, and holds no proof of any password. */
#include "banner/ber.h"
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { ERROR_TAG = 0x7e, REPLY_TAG = 0x6b, STRING_TAG = 0x1b, TIME_TAG = 0x18 };

/* Members of KRB-ERROR, as their tags have them. */
enum { MEMBER = 0xa0, STIME = 4, ERROR_CODE = 6, REALM = 9, TEXT = 11 };

enum {
    HEADER = 4,
    ANSWER_MAX = 0xffff, /* bytes; a bound of ours, so that fewer other bytes look like a length */
};

/* An AS-REQ of "masscan" at "MASSCAN.INVALID" (RFC 2606), until the end of time. */
static const uint8_t request[] =
    "\0\0\0\x8e"
    "\x6a\x81\x8b\x30\x81\x88\xa1\3\2\1\5\xa2\3\2\1\x0a" /* version 5, message 10 */
    "\xa4\x7c\x30\x7a\xa0\7\3\5\0\x40\0\0\0"             /* forwardable */
    "\xa1\x14\x30\x12\xa0\3\2\1\1\xa1\x0b\x30\x09\x1b\x07masscan"
    "\xa2\x11\x1b\x0fMASSCAN.INVALID"
    "\xa3\x24\x30\x22\xa0\3\2\1\2\xa1\x1b\x30\x19\x1b\x06krbtgt\x1b\x0fMASSCAN.INVALID"
    "\xa5\x11\x18\x0f"
    "20370913024805Z"
    "\xa7\6\2\4Mass\xa8\5\x30\3\2\1\x12"; /* nonce; aes256-cts-hmac-sha1-96 */

_Static_assert(sizeof request - 1 == HEADER + 0x8e, "as its length says");

static const char *meaning_of(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *name;
    } names[] = {
        {6, "client-unknown"},       {7, "server-unknown"},  {12, "policy"},
        {14, "etype-not-supported"}, {24, "preauth-failed"}, {25, "preauth-required"},
        {52, "response-too-big"},    {60, "generic"},        {61, "field-too-long"},
        {68, "wrong-realm"},
    };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code)
            return names[i].name;
    return NULL;
}

static void add_code(struct text *text, struct reader *member)
{
    uint32_t code = ber_integer(member);
    if (member->failed)
        return;
    text_named_number(text, "error", code);
    if (meaning_of(code)) {
        text_blank(text);
        text_string(text, meaning_of(code));
    }
}

static void add_string(struct text *text, const char *name, struct reader *member, uint8_t tag)
{
    struct reader value = ber_element(member, tag);
    if (!value.failed)
        text_named_bytes(text, name, value.at, reader_left(&value));
}

static void add_member(struct text *text, unsigned number, struct reader *member)
{
    switch (number) {
    case STIME:
        add_string(text, "time", member, TIME_TAG);
        break;
    case ERROR_CODE:
        add_code(text, member);
        break;
    case REALM:
        add_string(text, "realm", member, STRING_TAG);
        break;
    case TEXT:
        add_string(text, "text", member, STRING_TAG);
        break;
    default:
        break;
    }
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, HEADER);
    if (reader_left(reader) > 0 && *reader->at == REPLY_TAG) {
        text_string(&text, "ticket granted");
    } else {
        struct reader error = ber_element(reader, ERROR_TAG);
        struct reader members = ber_element(&error, BER_SEQUENCE);
        while (!members.failed && reader_left(&members) > 0) {
            uint8_t tag = *members.at;
            struct reader member = ber_element(&members, tag);
            if (!members.failed)
                add_member(&text, tag - MEMBER, &member);
        }
    }
    banner_tell(talk, APP_KERBEROS, text.bytes, text.length);
    return BANNER_DONE;
}

/* Behind the length an error or a reply: a sequence, whose first member is the version, 5. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    enum { CLEAR_AFTER = HEADER + 17 };
    static const uint8_t version[] = {MEMBER, 3, BER_INTEGER, 1, 5};
    struct reader reader = reader_over(bytes, length);
    uint32_t size = reader_be32(&reader);
    if ((!reader.failed && (size < 16 || size > ANSWER_MAX)) || (length > 0 && bytes[0] != 0))
        return BANNER_NO;
    uint8_t tag = reader_u8(&reader);
    if (!reader.failed && tag != ERROR_TAG && tag != REPLY_TAG)
        return BANNER_NO;
    (void)ber_length(&reader);
    uint8_t sequence = reader_u8(&reader);
    (void)ber_length(&reader);
    bool fits = reader.failed || sequence == BER_SEQUENCE;
    for (unsigned i = 0; i < sizeof version && fits; i++)
        fits = reader_u8(&reader) == version[i] || reader.failed;
    if (!fits || (reader.failed && length >= CLEAR_AFTER))
        return BANNER_NO;
    return reader.failed ? BANNER_MAYBE : BANNER_YES;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return match(bytes, length) == BANNER_NO ? 0 : message_size_be(bytes, length, 0, 4, HEADER);
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, request, sizeof request - 1);
}

const struct banner_ops banner_kerberos = {
    .name = "kerberos",
    .source = "RFC 4120",
    .apps = {APP_KERBEROS},
    .ports = {88},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};
