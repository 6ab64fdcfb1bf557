/* SUN RPC over TCP: the programs that a port mapper lists (RFC 1833, 3: PMAPPROC_DUMP; RFC 5531, 11
 * for records). */
#include <string.h>

#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/rpc_reply.h"

enum { RECORD_MARK = 4, LAST_FRAGMENT = 0x80, CLEAR_AFTER = 12 };

/* Transaction "mass", a call of RPC 2: the port mapper's version 2, procedure 4, by nobody. */
static const uint8_t call[] = {LAST_FRAGMENT,
                               0,
                               0,
                               40,
                               'm',
                               'a',
                               's',
                               's',
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               2,
                               0,
                               1,
                               0x86,
                               0xa0,
                               0,
                               0,
                               0,
                               2,
                               0,
                               0,
                               0,
                               4,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0,
                               0};

_Static_assert(sizeof call == RECORD_MARK + 40, "as its length says");

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, RECORD_MARK);
    if (!rpc_reply_read(reader, &text))
        return BANNER_CLOSE;
    banner_tell(talk, APP_RPC, text.bytes, text.length);
    return BANNER_DONE;
}

/* A fragment, our transaction, a reply. */
static bool fits(const uint8_t *bytes, size_t length)
{
    static const uint8_t reply[] = {'m', 'a', 's', 's', 0, 0, 0, 1};
    size_t there = length > RECORD_MARK ? length - RECORD_MARK : 0;
    if (there > 0 && memcmp(bytes + RECORD_MARK, reply, there > 8 ? 8 : there) != 0)
        return false;
    return (length < 1 || (bytes[0] & ~LAST_FRAGMENT) == 0) && (length < 2 || bytes[1] == 0);
}

/* Of an answer in several fragments the first is enough. */
static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 2, 2, RECORD_MARK) : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, call, sizeof call);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, CLEAR_AFTER, fits(bytes, length));
}

const struct banner_ops banner_rpc = {
    .name = "rpc",
    .source = "RFC 1833, RFC 5531",
    .apps = {APP_RPC},
    .ports = {111},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};
