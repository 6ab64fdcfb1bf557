/* Erlang's port mapper: the nodes that it knows, such as RabbitMQ and CouchDB, with their ports
 * (Erlang distribution protocol, "EPMD Protocol", NAMES_REQ). */
#include "banner/protocols.h"
#include "banner/text.h"

enum { PORT_BYTES = 4 };

struct epmd {
    uint8_t passed; /* bytes of the number in front of the names */
    struct {
        uint16_t length;
        uint8_t bytes[1022];
    } names;
};

/* It says no more where no node is. */
static void begin(struct epmd *epmd)
{
    for (const char *c = "nodes: "; *c; c++)
        TEXT_PUT(&epmd->names, *c);
}

static void end(void *state, struct banner_talk *talk)
{
    const struct epmd *epmd = state;
    banner_tell(talk, APP_EPMD, epmd->names.bytes, epmd->names.length);
}

/* The mapper closes the connection behind the last name. */
static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct epmd *epmd = state;
    for (size_t i = 0; i < length; i++) {
        if (epmd->passed == PORT_BYTES)
            TEXT_PUT(&epmd->names, bytes[i]);
        else if (++epmd->passed == PORT_BYTES)
            begin(epmd);
    }
    if (epmd->names.length < sizeof epmd->names.bytes)
        return BANNER_MORE;
    end(epmd, talk);
    return BANNER_DONE;
}

static bool hello(struct banner_talk *talk)
{
    static const uint8_t names_request[] = {0, 1, 'n'};
    return banner_say(talk, names_request, sizeof names_request);
}

/* Its own port, 4369 wherever one meets it, then a name or nothing. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const uint8_t port[PORT_BYTES] = {0, 0, 4369 >> 8, 4369 & 0xff};
    for (size_t i = 0; i < PORT_BYTES && i < length; i++)
        if (bytes[i] != port[i])
            return BANNER_NO;
    return banner_match_after(length, PORT_BYTES, length <= PORT_BYTES || bytes[PORT_BYTES] == 'n');
}

const struct banner_ops banner_epmd = {
    .name = "epmd",
    .source = "Erlang distribution protocol: EPMD",
    .apps = {APP_EPMD},
    .ports = {4369},
    .state_size = sizeof(struct epmd),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};
