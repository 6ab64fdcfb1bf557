/* RDP: which kind of security the server chooses (RFC 1006, 6, around the X.224 connection confirm
 * of [MS-RDPBCGR] 2.2.1.2). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { CONFIRM = 0xd0, RESPONSE = 2, FAILURE = 3 };

enum { TLS = 1, CREDSSP = 2, CREDSSP_EARLY = 8 };

static void add_protocol(struct text *text, uint32_t protocol)
{
    static const char *const names[] = {[0] = "rdp",
                                        [TLS] = "tls",
                                        [CREDSSP] = "credssp",
                                        [4] = "rdstls",
                                        [CREDSSP_EARLY] = "credssp-early-auth",
                                        [16] = "rds-aad"};
    const char *name = protocol < sizeof names / sizeof *names ? names[protocol] : NULL;
    text_string(text, "protocol=");
    if (name)
        text_string(text, name);
    else
        text_number(text, protocol);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, 4 + 7);
    uint8_t type = reader_u8(reader), flags = reader_u8(reader);
    reader_skip(reader, 2);
    uint32_t value = message_le32(reader);
    if (reader->failed) { /* no negotiation: the protocol's own security */
        add_protocol(&text, 0);
    } else if (type == RESPONSE) {
        add_protocol(&text, value);
        text_named_number(&text, "flags", flags);
    } else if (type == FAILURE) {
        text_named_number(&text, "refused", value);
    }
    banner_tell(talk, APP_RDP, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] == 3) && (length < 2 || bytes[1] == 0) &&
           (length < 3 || bytes[2] == 0) && (length < 6 || bytes[5] == CONFIRM);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (!fits(bytes, length))
        return 0;
    size_t wanted = message_size_be(bytes, length, 2, 2, 0);
    return wanted < 4 ? 0 : wanted < 11 ? 11 : wanted;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t request[] = {3,    0, 0, 19, 14,
                                      0xe0, 0, 0, 0,  0,
                                      0, /* TPKT, connection request */
                                      1,    0, 8, 0,  TLS | CREDSSP | CREDSSP_EARLY,
                                      0,    0, 0};
    return banner_say(talk, request, sizeof request);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, 6, fits(bytes, length));
}

const struct banner_ops banner_rdp = {
    .name = "rdp",
    .source = "[MS-RDPBCGR] 2.2.1.2, RFC 1006",
    .apps = {APP_RDP},
    .ports = {3389},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};
