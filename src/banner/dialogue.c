/* Protocols that talk in lines. */
#include "banner/dialogue.h"

#include <string.h>

static void keep_bytes(struct dialogue *dialogue, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        TEXT_PUT(&dialogue->kept, bytes[i]);
}

void dialogue_keep(struct dialogue *dialogue)
{
    keep_bytes(dialogue, dialogue->line.bytes, dialogue->line.length);
    keep_bytes(dialogue, (const uint8_t *)"\r\n", 2);
}

void dialogue_trim(struct dialogue *dialogue)
{
    struct text *line = &dialogue->line;
    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->length--;
}

static void tell(const struct dialogue *dialogue, const struct banner_talk *talk, uint16_t app)
{
    banner_tell(talk, app, dialogue->kept.bytes, dialogue->kept.length);
}

enum banner_step dialogue_keep_head(struct dialogue *dialogue, struct banner_talk *talk)
{
    (void)talk;
    if (dialogue->line.length == 0)
        return BANNER_DONE;
    dialogue_keep(dialogue);
    return BANNER_MORE;
}

enum banner_step dialogue_feed(struct dialogue *dialogue, const uint8_t *bytes, size_t length,
                               struct banner_talk *talk, uint16_t app,
                               enum banner_step (*look)(struct dialogue *dialogue,
                                                        struct banner_talk *talk))
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            TEXT_PUT(&dialogue->line, bytes[i]);
            continue;
        }
        dialogue_trim(dialogue);
        enum banner_step step = look(dialogue, talk);
        dialogue->line.length = 0;
        if (step != BANNER_MORE) {
            tell(dialogue, talk, app);
            return step;
        }
    }
    return BANNER_MORE;
}

void dialogue_end(struct dialogue *dialogue, struct banner_talk *talk, uint16_t app)
{
    dialogue_trim(dialogue);
    if (!dialogue->partly)
        keep_bytes(dialogue, dialogue->line.bytes, dialogue->line.length);
    tell(dialogue, talk, app);
}

enum banner_step dialogue_ask(struct dialogue *dialogue, struct banner_talk *talk, uint8_t stage,
                              const char *question)
{
    dialogue->stage = stage;
    return banner_say_text(talk, question) ? BANNER_MORE : BANNER_DONE;
}

bool dialogue_begins(const struct dialogue *dialogue, const char *word)
{
    return text_begins(dialogue->line.bytes, dialogue->line.length, word);
}

bool dialogue_has(const struct dialogue *dialogue, const char *word)
{
    return text_contains(dialogue->line.bytes, dialogue->line.length, word);
}

int dialogue_code(const struct dialogue *dialogue, bool *last)
{
    const struct text *line = &dialogue->line;
    *last = false;
    if (line->length < 3)
        return -1;
    int code = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (line->bytes[i] < '0' || line->bytes[i] > '9')
            return -1;
        code = code * 10 + line->bytes[i] - '0';
    }
    *last = line->length == 3 || line->bytes[3] == ' ';
    return code;
}
