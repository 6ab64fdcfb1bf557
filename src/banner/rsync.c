/* rsync's daemon: its version, what it says of itself, and the modules that it lists (rsync
 * technical report; clientserver.c of rsync 3.2 for the words). Nothing is transferred. */
#include "banner/dialogue.h"
#include "banner/protocols.h"

enum { GREETING, LIST };

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    dialogue_keep(dialogue);
    if (dialogue_begins(dialogue, "@RSYNCD: EXIT") || dialogue_begins(dialogue, "@ERROR"))
        return BANNER_DONE;
    if (dialogue->stage == GREETING)
        return dialogue_ask(dialogue, talk, LIST, "@RSYNCD: 31.0\n#list\n");
    return BANNER_MORE;
}

DIALOGUE_FUNCTIONS(APP_RSYNC, look)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "@RSYNCD: ");
}

const struct banner_ops banner_rsync = {
    .name = "rsync",
    .source = "rsync: clientserver.c",
    .apps = {APP_RSYNC},
    .ports = {873},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};
