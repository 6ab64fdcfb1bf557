/* memcached: the replies to "version" and "stats" (memcached's doc/protocol.txt), and over UDP to
 * "version". */
#include "banner/datagrams.h"
#include "banner/dialogue.h"
#include "banner/protocols.h"

static bool is_one_of(const struct dialogue *dialogue, const char *const words[], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (dialogue_begins(dialogue, words[i]))
            return true;
    return false;
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    static const char *const kept[] = {
        "VERSION ",           "STAT version ",         "STAT uptime ",
        "STAT pointer_size ", "STAT curr_items ",      "STAT bytes ",
        "STAT libevent ",     "STAT max_connections ", "ERROR",
        "CLIENT_ERROR",       "SERVER_ERROR"};
    static const char *const last[] = {"END", "ERROR", "CLIENT_ERROR", "SERVER_ERROR"};
    (void)talk;
    dialogue->partly = true;
    if (is_one_of(dialogue, kept, sizeof kept / sizeof *kept))
        dialogue_keep(dialogue);
    return is_one_of(dialogue, last, sizeof last / sizeof *last) ? BANNER_DONE : BANNER_MORE;
}

DIALOGUE_FUNCTIONS(APP_MEMCACHED, look)

static bool hello(struct banner_talk *talk)
{
    return banner_say_text(talk, "version\r\nstats\r\n");
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    enum banner_match version = banner_begins(bytes, length, "VERSION ");
    return version != BANNER_NO ? version : banner_begins(bytes, length, "STAT pid ");
}

const struct banner_ops banner_memcached = {
    .name = "memcached",
    .source = "memcached doc/protocol.txt",
    .apps = {APP_MEMCACHED},
    .ports = {11211},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};

/* Behind a frame's header: id, sequence, number of datagrams, nothing. */
static bool read_datagram(struct reader *datagram, struct banner_talk *talk)
{
    static const char *const replies[] = {"VERSION ", "STAT ", "ERROR", "CLIENT_ERROR",
                                          "SERVER_ERROR"};
    reader_skip(datagram, 6);
    if (reader_be16(datagram) != 0 || datagram->failed)
        return false;
    const uint8_t *text = datagram->at;
    size_t length = reader_left(datagram);
    for (unsigned i = 0; i < sizeof replies / sizeof *replies; i++)
        if (text_begins(text, length, replies[i]))
            return datagram_tell_bytes(talk, APP_MEMCACHED, text, length);
    return false;
}

const struct datagram_ops datagram_memcached = {
    .name = "memcached",
    .source = "memcached doc/protocol.txt",
    .app = APP_MEMCACHED,
    .ports = {11211},
    .understand = read_datagram,
};
