/* VNC: version and kinds of security of the RFB protocol (RFC 6143, 7.1.1 and 7.1.2; 3.3 by its
 * appendix A). Numbers of security types: IANA, Remote Framebuffer Security Types. */
#include "banner/protocols.h"
#include "banner/text.h"
#include "base/reader.h"

enum stage { VERSION, TYPES, REASON };

enum { VERSION_LENGTH = 12 };

struct vnc {
    uint8_t stage;
    uint8_t minor; /* of the version that we answered: 3, 7 or 8 */
    uint16_t length;
    uint8_t bytes[300];
};

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {
        [1] = "None",           [2] = "VNC",    [5] = "RA2",  [6] = "RA2ne",
        [16] = "Tight",         [17] = "Ultra", [18] = "TLS", [19] = "VeNCrypt",
        [20] = "SASL",          [21] = "MD5",   [22] = "xvp", [30] = "Apple",
        [35] = "Apple-Kerberos"};
    return type < sizeof names / sizeof *names ? names[type] : NULL;
}

static void add_type(struct text *text, uint32_t type)
{
    text_string(text, text->length > 0 ? "," : "security=");
    if (type_name(type))
        text_string(text, type_name(type));
    else
        text_number(text, type);
}

/* "RFB 003.008\n": the smaller of its version and ours, as RFC 6143 has versions. */
static enum banner_step read_version(struct vnc *vnc, struct banner_talk *talk)
{
    const uint8_t *digits = vnc->bytes + 8;
    unsigned minor = (digits[0] - '0') * 100u + (digits[1] - '0') * 10u + digits[2] - '0';
    if (banner_begins(vnc->bytes, VERSION_LENGTH, "RFB ") != BANNER_YES)
        return BANNER_CLOSE;
    banner_tell(talk, APP_VNC, vnc->bytes, VERSION_LENGTH - 1);
    bool is_old = vnc->bytes[6] == '3' && minor < 7;
    vnc->minor = is_old ? 3 : minor == 7 && vnc->bytes[6] == '3' ? 7 : 8;
    vnc->stage = TYPES;
    const uint8_t digit = (uint8_t)('0' + vnc->minor);
    return banner_say_text(talk, "RFB 003.00") && banner_say(talk, &digit, 1) &&
                   banner_say_text(talk, "\n")
               ? BANNER_MORE
               : BANNER_DONE;
}

static enum banner_step read_types(struct vnc *vnc, struct banner_talk *talk)
{
    struct reader reader = reader_over(vnc->bytes, vnc->length);
    struct text text = {0};
    uint32_t count = vnc->minor == 3 ? 1 : reader_u8(&reader);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t type = vnc->minor == 3 ? reader_be32(&reader) : reader_u8(&reader);
        if (type != 0 && !reader.failed)
            add_type(&text, type);
    }
    banner_tell(talk, APP_VNC_INFO, text.bytes, text.length);
    vnc->stage = REASON;
    return text.length > 0 ? BANNER_DONE : BANNER_MORE;
}

static enum banner_step read_reason(const struct vnc *vnc, struct banner_talk *talk)
{
    struct text text = {0};
    text_named_bytes(&text, "refused", vnc->bytes + 4, vnc->length - 4u);
    banner_tell(talk, APP_VNC_INFO, text.bytes, text.length);
    return BANNER_DONE;
}

/* How long the message of this stage is, by what is there of it. */
static size_t wanted(const struct vnc *vnc)
{
    if (vnc->stage == VERSION)
        return VERSION_LENGTH;
    if (vnc->stage == TYPES)
        return vnc->minor == 3 ? 4 : vnc->length == 0 ? 1 : 1u + vnc->bytes[0];
    struct reader reader = reader_over(vnc->bytes, vnc->length);
    uint32_t length = reader_be32(&reader);
    if (reader.failed)
        return 4;
    return length < sizeof vnc->bytes - 4 ? length + 4 : sizeof vnc->bytes;
}

static enum banner_step read_stage(struct vnc *vnc, struct banner_talk *talk)
{
    enum banner_step step = vnc->stage == VERSION ? read_version(vnc, talk)
                            : vnc->stage == TYPES ? read_types(vnc, talk)
                                                  : read_reason(vnc, talk);
    vnc->length = 0;
    return step;
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct vnc *vnc = state;
    for (size_t i = 0; i < length; i++) {
        TEXT_PUT(vnc, bytes[i]);
        if (vnc->length < wanted(vnc))
            continue;
        enum banner_step step = read_stage(vnc, talk);
        if (step != BANNER_MORE)
            return step;
    }
    return BANNER_MORE;
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "RFB ");
}

const struct banner_ops banner_vnc = {
    .name = "vnc",
    .source = "RFC 6143",
    .apps = {APP_VNC, APP_VNC_INFO},
    .ports = {5900, 5901, 5902},
    .state_size = sizeof(struct vnc),
    .match = match,
    .feed = feed,
};
