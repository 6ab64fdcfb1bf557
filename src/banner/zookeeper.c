/* ZooKeeper: the answer to the word "srvr", or that it is not among those allowed (ZooKeeper
 * administrator's guide, "The Four Letter Words"). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    (void)talk;
    dialogue_keep(dialogue);
    bool is_last =
        dialogue_begins(dialogue, "Node count:") || dialogue_begins(dialogue, "srvr is not");
    return is_last ? BANNER_DONE : BANNER_MORE;
}

DIALOGUE_FUNCTIONS(APP_ZOOKEEPER, look)

static bool hello(struct banner_talk *talk)
{
    return banner_say_text(talk, "srvr");
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const begins[] = {"Zookeeper version: ", "srvr is not executed",
                                         "This ZooKeeper instance"};
    return banner_begins_any(bytes, length, begins, sizeof begins / sizeof *begins);
}

const struct banner_ops banner_zookeeper = {
    .name = "zookeeper",
    .source = "ZooKeeper administrator's guide",
    .apps = {APP_ZOOKEEPER},
    .ports = {2181},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};
