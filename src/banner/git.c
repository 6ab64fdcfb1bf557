/* Git's daemon: its answer to the request of a repository that nobody has: an error
 * (gitprotocol-pack, "Git Transport" and "Reference Discovery"; pkt-lines: gitprotocol-common). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

#include <string.h>

enum { LENGTH_DIGITS = 4 };

static int digit(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte ? strchr(digits, byte) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The length of a packet, with its own digits; 0 if it is none. */
static size_t size(const uint8_t *bytes, size_t length)
{
    size_t wanted = 0;
    for (size_t i = 0; i < LENGTH_DIGITS && i < length; i++) {
        if (digit(bytes[i]) < 0)
            return 0;
        wanted = wanted * 16 + (size_t)digit(bytes[i]);
    }
    if (length < LENGTH_DIGITS)
        return LENGTH_DIGITS;
    return wanted <= LENGTH_DIGITS ? 0 : wanted;
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    reader_skip(reader, LENGTH_DIGITS);
    size_t length = reader_left(reader);
    while (length > 0 && reader->at[length - 1] == '\n')
        length--;
    banner_tell(talk, APP_GIT, reader->at, length);
    return BANNER_DONE;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const char request[] =
        "0032git-upload-pack /masscan\0host=masscan.invalid"; /* and NUL */
    _Static_assert(sizeof request == 0x32, "as its length says");
    return banner_say(talk, request, sizeof request);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    if (size(bytes, length) == 0)
        return BANNER_NO;
    return length < LENGTH_DIGITS
               ? BANNER_MAYBE
               : banner_begins(bytes + LENGTH_DIGITS, length - LENGTH_DIGITS, "ERR ");
}

const struct banner_ops banner_git = {
    .name = "git",
    .source = "gitprotocol-pack",
    .apps = {APP_GIT},
    .ports = {9418},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};
