/* SMB: the dialect that the server chooses, and the names in its NTLM challenge.
 *
 * Our first request is one of SMB 1 that offers SMB 2 too, as [MS-SMB2] 3.2.4.2.2.1 has it; a
 * server of SMB 2 or 3 that answers "some dialect of these" is then asked which one. A session is
 * begun without a name, and left at the challenge: nobody logs in. On port 139 all this lies in a
 * session of NetBIOS, which has to be asked for first. Sources: [MS-CIFS] 2.2.4.52, [MS-SMB2] 2.2.3
 * to 2.2.6, [MS-NLMP] 2.2.1.2; the token of RFC 4178 around NTLM; RFC 1002, 4.3, for NetBIOS. */
#include <string.h>

#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"
#include "base/utf8.h"

enum { NETBIOS_HEADER = 4, SMB1_HEADER = 32, SMB2_HEADER = 64 };

/* Kinds of messages of a session of NetBIOS. */
enum { SESSION_MESSAGE = 0, SESSION_GRANTED = 0x82, SESSION_REFUSED = 0x83 };

enum { NEGOTIATE = 0, SESSION_SETUP = 1, ANY_SMB2 = 0x02ff };

enum { SIGNING_REQUIRED = 2, NTLM_HAS_VERSION = 0x02000000 };

enum {
    NO_DIALECT = 0xffff,
    SMB1_WORDS = 17,
    SMB1_SKIPPED = 31 /* from the mode to the challenge */
};

/* From the name MASSCAN to *SMBSERVER, which stands for whatever name the server has. */
static const uint8_t session_request[] = "\x81\0\0\x44 CKFDENECFDEFFCFGEFFCCACACACACACA\0"
                                         " ENEBFDFDEDEBEOCACACACACACACACAAA";

static const uint8_t smb1_negotiate[] =
    "\0\0\0\x45\xffSMB\x72\0\0\0\0\x18\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xfe\0\0\0\0"
    "\0\x22\0\2NT LM 0.12\0\2SMB 2.002\0\2SMB 2.???";

/* Dialects 2.0.2 to 3.1.1; the last one demands a context: SHA-512 with a salt of 32 bytes. */
static const uint8_t smb2_negotiate[] = "\x24\0\5\0\1\0\0\0\0\0\0\0masscan masscan "
                                        "\x70\0\0\0\1\0\0\0"
                                        "\x02\x02\x10\x02\0\3\2\3\x11\3\0\0"
                                        "\1\0\x26\0\0\0\0\0\1\0\x20\0\1\0"
                                        "masscan masscan masscan masscan ";

/* A token of negotiation with NTLM only, and NTLM's first message in it. */
static const uint8_t session_setup[] =
    "\x19\0\0\1\0\0\0\0\0\0\0\0\x58\0\x4a\0\0\0\0\0\0\0\0\0"
    "\x60\x48\x06\x06+\6\1\5\5\2\xa0\x3e\x30\x3c\xa0\x0e\x30\x0c\x06\x0a+\6\1\4\1\x82\x37\2\2\x0a"
    "\xa2\x2a\x04\x28NTLMSSP\0\1\0\0\0\7\x82\x08\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\x0a\0\x61\x4a\0\0\0\x0f";

/* The strings' own NULs at the end belong to no message, but to those of the first two. */
_Static_assert(sizeof session_request == NETBIOS_HEADER + 0x44, "as its length says");
_Static_assert(sizeof smb1_negotiate == NETBIOS_HEADER + 0x45, "as its length says");
_Static_assert(sizeof smb2_negotiate - 1 == 158 - SMB2_HEADER, "[MS-SMB2] 2.2.3");
_Static_assert(sizeof session_setup - 1 == 24 + 0x4a, "[MS-SMB2] 2.2.5");

/* ---- what is sent -------------------------------------------------------------------------------
 */

static enum banner_step say_smb2(struct banner_talk *talk, uint8_t command, uint8_t message_id,
                                 const uint8_t *body, size_t length)
{
    uint8_t header[NETBIOS_HEADER + SMB2_HEADER] = {
        [3] = (uint8_t)(SMB2_HEADER + length), [4] = 0xfe, 'S', 'M', 'B', SMB2_HEADER};
    header[NETBIOS_HEADER + 12] = command;
    header[NETBIOS_HEADER + 14] = 1; /* credits asked for */
    header[NETBIOS_HEADER + 24] = message_id;
    return banner_say(talk, header, sizeof header) && banner_say(talk, body, length) ? BANNER_MORE
                                                                                     : BANNER_DONE;
}

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, smb1_negotiate, sizeof smb1_negotiate);
}

static bool netbios_hello(struct banner_talk *talk)
{
    return banner_say(talk, session_request, sizeof session_request);
}

/* ---- names --------------------------------------------------------------------------------------
 */

/* UTF-16, least byte first, as UTF-8; a lone surrogate is left out (RFC 2781, 2.2). */
static void add_utf16(struct text *text, const char *name, const uint8_t *bytes, size_t length)
{
    struct text utf8 = {0};
    uint32_t high = 0;
    if (!bytes)
        return;
    struct reader reader = reader_over(bytes, length);
    while (reader_left(&reader) >= 2) {
        uint32_t unit = message_le16(&reader);
        bool is_high = (unit & 0xfc00) == 0xd800, is_low = (unit & 0xfc00) == 0xdc00;
        uint8_t character[UTF8_MAX];
        if (is_low && high)
            unit = 0x10000 + ((high & 0x3ff) << 10 | (unit & 0x3ff));
        if (!is_high && (!is_low || high))
            text_bytes(&utf8, character, (size_t)(utf8_write(character, unit) - character));
        high = is_high ? unit : 0;
    }
    text_named_bytes(text, name, utf8.bytes, utf8.length);
}

/* Up to a NUL of two bytes. */
static void read_utf16(struct reader *reader, struct text *text, const char *name)
{
    const uint8_t *begin = reader->at;
    size_t length = 0;
    while (message_le16(reader) != 0)
        length += 2;
    add_utf16(text, name, begin, reader->failed ? 0 : length);
}

/* ---- the NTLM challenge
 * --------------------------------------------------------------------------*/

static void read_target(struct reader *reader, struct text *text)
{
    static const char *const names[] = {
        [1] = "computer", [2] = "domain", [3] = "dns-computer", [4] = "dns-domain", [5] = "forest"};
    while (!reader->failed) {
        uint16_t id = message_le16(reader);
        uint16_t length = message_le16(reader);
        const uint8_t *value = reader_bytes(reader, length);
        if (id == 0)
            return;
        if (id < sizeof names / sizeof *names)
            add_utf16(text, names[id], value, length);
    }
}

static void read_version(struct reader *reader, struct text *text)
{
    uint8_t major = reader_u8(reader), minor = reader_u8(reader);
    uint16_t build = message_le16(reader);
    if (reader->failed)
        return;
    text_named_number(text, "os", major);
    text_string(text, ".");
    text_number(text, minor);
    text_string(text, ".");
    text_number(text, build);
}

static void read_challenge(const uint8_t *bytes, size_t length, struct text *text)
{
    struct reader reader = reader_over(bytes, length), target = reader;
    reader_skip(&reader, 20);
    uint32_t flags = message_le32(&reader);
    reader_skip(&reader, 8 + 8);
    uint16_t target_length = message_le16(&reader);
    reader_skip(&reader, 2);
    reader_skip(&target, message_le32(&reader));
    if (flags & NTLM_HAS_VERSION)
        read_version(&reader, text);
    reader_limit(&target, target_length);
    if (!reader.failed)
        read_target(&target, text);
}

/* The challenge is looked for in the token, whose wrapping tells nothing. */
static enum banner_step read_session(struct reader *reader, struct banner_talk *talk)
{
    static const char signature[] = "NTLMSSP\0\2\0\0"; /* and a NUL: type 2, a challenge */
    struct text text = {0};
    const uint8_t *at = memmem(reader->at, reader_left(reader), signature, sizeof signature);
    if (at)
        read_challenge(at, (size_t)(reader->end - at), &text);
    banner_tell(talk, APP_SMB, text.bytes, text.length);
    return BANNER_DONE;
}

/* ---- negotiation --------------------------------------------------------------------------------
 */

static void tell_dialect(const struct banner_talk *talk, uint16_t dialect, uint16_t mode)
{
    struct text text = {0};
    text_named_number(&text, "dialect", dialect >> 8);
    text_string(&text, ".");
    text_number(&text, dialect >> 4 & 0xf);
    text_string(&text, ".");
    text_number(&text, dialect & 0xf);
    text_string(&text, mode & SIGNING_REQUIRED ? " signing=required" : " signing=optional");
    banner_tell(talk, APP_SMB, text.bytes, text.length);
}

static enum banner_step read_smb2(struct reader *reader, struct banner_talk *talk)
{
    reader_skip(reader, 8);
    uint16_t command = message_le16(reader);
    reader_skip(reader, 2 + 4 + 4);
    uint8_t next_id = (uint8_t)(reader_u8(reader) + 1);
    reader_skip(reader, 7 + 8 + 8 + 16);
    if (command == SESSION_SETUP)
        return read_session(reader, talk);
    reader_skip(reader, 2);
    uint16_t mode = message_le16(reader);
    uint16_t dialect = message_le16(reader);
    if (reader->failed || command != NEGOTIATE)
        return BANNER_CLOSE;
    if (dialect == ANY_SMB2)
        return say_smb2(talk, NEGOTIATE, next_id, smb2_negotiate, sizeof smb2_negotiate - 1);
    tell_dialect(talk, dialect, mode);
    return say_smb2(talk, SESSION_SETUP, next_id, session_setup, sizeof session_setup - 1);
}

/* Without extended security, which we did not ask for, the names are here already. */
static enum banner_step read_smb1(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, SMB1_HEADER - 4);
    uint8_t words = reader_u8(reader);
    uint16_t dialect = message_le16(reader);
    if (reader->failed || dialect == NO_DIALECT || words != SMB1_WORDS)
        return BANNER_CLOSE;
    reader_skip(reader, SMB1_SKIPPED);
    uint8_t challenge = reader_u8(reader);
    reader_skip(reader, 2 + (size_t)challenge);
    text_string(&text, "dialect=1");
    if (!reader->failed) {
        read_utf16(reader, &text, "domain");
        read_utf16(reader, &text, "computer");
    }
    banner_tell(talk, APP_SMB, text.bytes, text.length);
    return BANNER_DONE;
}

static enum banner_step read_smb(struct reader *reader, struct banner_talk *talk)
{
    bool is_smb1 = reader_u8(reader) == 0xff;
    reader_skip(reader, 3);
    return is_smb1 ? read_smb1(reader, talk) : read_smb2(reader, talk);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    uint8_t kind = reader_u8(reader);
    reader_skip(reader, NETBIOS_HEADER - 1);
    if (kind == SESSION_MESSAGE)
        return read_smb(reader, talk);
    if (kind == SESSION_GRANTED)
        return hello(talk) ? BANNER_MORE : BANNER_DONE;
    text_named_number(&text, "refused", reader_u8(reader));
    banner_tell(talk, APP_SMB, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits_smb(const uint8_t *bytes, size_t length)
{
    return (length < 2 || bytes[1] == 0) && (length < 5 || bytes[4] == 0xff || bytes[4] == 0xfe) &&
           (length < 6 || banner_begins(bytes + 5, length - 5, "SMB") != BANNER_NO);
}

/* The answer to a request for a session: its length is known. */
static bool fits_session(const uint8_t *bytes, size_t length)
{
    uint8_t wanted = bytes[0] == SESSION_REFUSED;
    return (length < 2 || bytes[1] == 0) && (length < 3 || bytes[2] == 0) &&
           (length < 4 || bytes[3] == wanted);
}

static bool is_session_answer(const uint8_t *bytes, size_t length)
{
    return length > 0 && (bytes[0] == SESSION_GRANTED || bytes[0] == SESSION_REFUSED);
}

static bool fits(const uint8_t *bytes, size_t length)
{
    if (is_session_answer(bytes, length))
        return fits_session(bytes, length);
    return (length < 1 || bytes[0] == SESSION_MESSAGE) && fits_smb(bytes, length);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (!fits(bytes, length))
        return 0;
    size_t wanted = message_size_be(bytes, length, 1, 3, NETBIOS_HEADER);
    bool is_short = length >= NETBIOS_HEADER && wanted < NETBIOS_HEADER + SMB1_HEADER;
    return is_short && !is_session_answer(bytes, length) ? 0 : wanted;
}

MESSAGE_FEED(size, read_message)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    bool is_ours = !is_session_answer(bytes, length) && fits(bytes, length);
    return banner_match_after(length, NETBIOS_HEADER + 4, is_ours);
}

static enum banner_match netbios_match(const uint8_t *bytes, size_t length)
{
    bool is_ours = length == 0 || (is_session_answer(bytes, length) && fits(bytes, length));
    return banner_match_after(length, NETBIOS_HEADER, is_ours);
}

const struct banner_ops banner_smb = {
    .name = "smb",
    .source = "[MS-CIFS], [MS-SMB2], [MS-NLMP]",
    .apps = {APP_SMB},
    .ports = {445},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};

/* The same in a session of NetBIOS, which is asked for first. */
const struct banner_ops banner_netbios = {
    .name = "netbios",
    .source = "RFC 1002, 4.3",
    .apps = {APP_SMB},
    .ports = {139},
    .state_size = sizeof(struct message),
    .match = netbios_match,
    .hello = netbios_hello,
    .feed = feed,
};
