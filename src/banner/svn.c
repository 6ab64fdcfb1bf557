/* Subversion's own server: its greeting, a list in brackets: versions of the protocol, ways to log
 * in, and what it can (Subversion: libsvn_ra_svn/protocol, 1 and 2.1). */
#include "banner/message.h"
#include "banner/protocols.h"

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    banner_tell(talk, APP_SVN, reader->at, reader_left(reader));
    return BANNER_DONE;
}

/* Up to the bracket that closes the first one; no string, which could hold one, is in it. */
static size_t size(const uint8_t *bytes, size_t length)
{
    size_t depth = 0;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '(')
            depth++;
        else if (bytes[i] == ')' && --depth == 0)
            return length;
        else if (depth == 0)
            return 0;
    }
    return length + 1;
}

MESSAGE_FEED(size, read_message)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const begins[] = {"( success ( ", "( failure ( "};
    return banner_begins_any(bytes, length, begins, sizeof begins / sizeof *begins);
}

const struct banner_ops banner_svn = {
    .name = "svn",
    .source = "Subversion: libsvn_ra_svn/protocol",
    .apps = {APP_SVN},
    .ports = {3690},
    .state_size = sizeof(struct message),
    .match = match,
    .feed = feed,
};
