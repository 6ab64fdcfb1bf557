/* FTP: the greeting (RFC 959, 4.2 and 5.4), then AUTH TLS (RFC 4217, 4). */
#include "banner/dialogue.h"
#include "banner/protocols.h"
#include "banner/reply_code.h"

enum { GREETING, AUTH };

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool last;
    int code = dialogue_code(dialogue, &last);
    dialogue_keep(dialogue);
    if (!last)
        return BANNER_MORE;
    if (dialogue->stage == AUTH)
        return code == 234 && talk->setup->start_tls ? BANNER_START_TLS : BANNER_DONE;
    if (code == 120) /* "ready in some minutes": the greeting proper follows */
        return BANNER_MORE;
    return code == 220 ? dialogue_ask(dialogue, talk, AUTH, "AUTH TLS\r\n") : BANNER_DONE;
}

DIALOGUE_FUNCTIONS(APP_FTP, look)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const codes[] = {"220", "120", "421", NULL};
    static const char *const words[] = {"ftp", "filezilla", NULL};
    return reply_code_match(bytes, length, codes, words);
}

const struct banner_ops banner_ftp = {
    .name = "ftp",
    .source = "RFC 959, RFC 4217",
    .apps = {APP_FTP},
    .ports = {21, 2121},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};
