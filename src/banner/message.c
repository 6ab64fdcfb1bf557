/* Protocols whose answer is a binary message, or a few. */
#include "banner/message.h"

size_t message_size_be(const uint8_t *bytes, size_t length, size_t at, size_t width, size_t extra)
{
    if (length < at + width)
        return at + width;
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes[at + i];
    return (size_t)value + extra;
}

enum banner_step
message_feed(struct message *message, const uint8_t *bytes, size_t length, struct banner_talk *talk,
             size_t (*size)(const uint8_t *bytes, size_t length),
             enum banner_step (*understand)(struct reader *reader, struct banner_talk *talk))
{
    for (size_t i = 0; i < length; i++) {
        message->bytes[message->length++] = bytes[i];
        size_t wanted = size(message->bytes, message->length);
        if (wanted == 0)
            return BANNER_CLOSE;
        if (message->length < wanted && message->length < MESSAGE_MAX)
            continue;
        struct reader reader = reader_over(message->bytes, message->length);
        enum banner_step step = understand(&reader, talk);
        if (step != BANNER_MORE)
            return step;
        if (message->length < wanted || ++message->count == MESSAGES_MAX)
            return BANNER_DONE;
        message->length = 0;
    }
    return BANNER_MORE;
}

const uint8_t *message_string(struct reader *reader, size_t *length)
{
    const uint8_t *string = reader->at;
    *length = 0;
    while (reader_u8(reader) != 0)
        ++*length;
    return reader->failed ? NULL : string;
}

uint16_t message_le16(struct reader *reader)
{
    return __builtin_bswap16(reader_be16(reader));
}

uint32_t message_le32(struct reader *reader)
{
    return __builtin_bswap32(reader_be32(reader));
}
