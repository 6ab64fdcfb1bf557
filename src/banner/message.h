/* Protocols whose answer is a binary message, or a few: each is gathered, then read at once. */
#ifndef BANNER_MESSAGE_H
#define BANNER_MESSAGE_H

#include "banner/banner.h"
#include "base/reader.h"

enum { MESSAGE_MAX = 1024, MESSAGES_MAX = 4 };

struct message {
    uint16_t length;
    uint8_t count; /* of messages understood */
    uint8_t bytes[MESSAGE_MAX];
};

/* What `feed` does.
 *
 * `size` says how many bytes the message has, or how many are needed to know that, by the `length`
 * (1 or more) that are there already: no more than these when it is whole; 0 if this is not the
 * protocol. `understand` then gets the message, or the first MESSAGE_MAX bytes of it, and gives
 * DONE, CLOSE, or MORE: another one follows. It does not if this one was not whole, or there were
 * MESSAGES_MAX. */
enum banner_step
message_feed(struct message *message, const uint8_t *bytes, size_t length, struct banner_talk *talk,
             size_t (*size)(const uint8_t *bytes, size_t length),
             enum banner_step (*understand)(struct reader *reader, struct banner_talk *talk));

/* The size of a message with a big-endian length of `width` bytes (8 at most) at `at`, to which
 * `extra` bytes come. */
size_t message_size_be(const uint8_t *bytes, size_t length, size_t at, size_t width, size_t extra);

/* The bytes up to a NUL, and their number; NULL (and `failed`) if there is none. */
const uint8_t *message_string(struct reader *reader, size_t *length);

/* Numbers in little-endian order. */
uint16_t message_le16(struct reader *reader);
uint32_t message_le32(struct reader *reader);

#define MESSAGE_FEED(size, understand)                                                             \
    static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,                 \
                                 struct banner_talk *talk)                                         \
    {                                                                                              \
        return message_feed(state, bytes, length, talk, size, understand);                         \
    }

#endif
