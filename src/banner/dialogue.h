/* Protocols that talk in lines: a reply, an answer to it, the next reply.
 *
 * Lines end with LF or CR LF; of a longer one than 510 bytes the rest is dropped. A protocol looks
 * at one whole line at a time and says what becomes of it; the lines that it keeps, each with CR LF
 * behind it, are the text of its field. */
#ifndef BANNER_DIALOGUE_H
#define BANNER_DIALOGUE_H

#include "banner/banner.h"
#include "banner/text.h"

struct dialogue {
    uint8_t stage; /* the protocol's: what was asked last; 0 at first */
    bool flag;     /* the protocol's */
    bool partly;   /* the protocol keeps lines only by their content, and no unfinished one */
    struct text line;
    struct {
        uint16_t length;
        uint8_t bytes[1022];
    } kept;
};

/* Drops the CR at the end of the line, if there is one; `look` gets lines without. */
void dialogue_trim(struct dialogue *dialogue);

/* Takes the line into the text of the field. */
void dialogue_keep(struct dialogue *dialogue);

/* A `look` that keeps every line up to an empty one, and is done then. */
enum banner_step dialogue_keep_head(struct dialogue *dialogue, struct banner_talk *talk);

/* What `feed` and `end` do; `app` is the field's. `look` gets every whole line, without its end,
 * and says how it goes on. */
enum banner_step dialogue_feed(struct dialogue *dialogue, const uint8_t *bytes, size_t length,
                               struct banner_talk *talk, uint16_t app,
                               enum banner_step (*look)(struct dialogue *dialogue,
                                                        struct banner_talk *talk));
void dialogue_end(struct dialogue *dialogue, struct banner_talk *talk, uint16_t app);

/* Asks the next question and goes on to the stage of its answer. */
enum banner_step dialogue_ask(struct dialogue *dialogue, struct banner_talk *talk, uint8_t stage,
                              const char *question);

/* Whether the line begins so; and whether the word stands in it. */
bool dialogue_begins(const struct dialogue *dialogue, const char *word);
bool dialogue_has(const struct dialogue *dialogue, const char *word);

/* The three digits that a reply of FTP or SMTP begins with; -1 if it does not. `last`: no further
 * line of this reply follows (RFC 959, 4.2). */
int dialogue_code(const struct dialogue *dialogue, bool *last);

/* The functions that a protocol of lines puts into its ops; with a name of their own where a file
 * has several. */
#define DIALOGUE_FUNCTIONS_NAMED(feed, end, app, look)                                             \
    static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,                 \
                                 struct banner_talk *talk)                                         \
    {                                                                                              \
        return dialogue_feed(state, bytes, length, talk, app, look);                               \
    }                                                                                              \
    static void end(void *state, struct banner_talk *talk)                                         \
    {                                                                                              \
        dialogue_end(state, talk, app);                                                            \
    }

#define DIALOGUE_FUNCTIONS(app, look) DIALOGUE_FUNCTIONS_NAMED(feed, end, app, look)

#endif
