/* OpenVPN over TCP: the reset by which a server that needs no key beforehand answers one (OpenVPN
 * wire protocol, draft-openvpn-wire-protocol: 2.1 and 3). Nothing is said of its version. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { CLIENT_RESET = 7 << 3, SERVER_RESET = 8 << 3, SESSION = 8, LENGTH = 2, CLEAR_AFTER = 3 };

/* With our packet acknowledged, or before it is. */
enum { BARE = 1 + SESSION + 1 + 4, ACKNOWLEDGING = BARE + 4 + SESSION };

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    static const char text[] = "hard-reset-server-v2";
    (void)reader;
    banner_tell(talk, APP_OPENVPN, text, sizeof text - 1);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] == 0) &&
           (length < 2 || bytes[1] == BARE || bytes[1] == ACKNOWLEDGING) &&
           (length < 3 || bytes[2] == SERVER_RESET);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 0, 2, LENGTH) : 0;
}

MESSAGE_FEED(size, read_message)

/* A session "masscan1", no acknowledgement, packet 0. */
static bool hello(struct banner_talk *talk)
{
    static const uint8_t reset[] = {0,   BARE, CLIENT_RESET, 'm', 'a', 's', 's', 'c',
                                    'a', 'n',  '1',          0,   0,   0,   0,   0};
    return banner_say(talk, reset, sizeof reset);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, CLEAR_AFTER, fits(bytes, length));
}

const struct banner_ops banner_openvpn = {
    .name = "openvpn",
    .source = "draft-openvpn-wire-protocol",
    .apps = {APP_OPENVPN},
    .ports = {1194},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};
