/* A byte buffer that grows up to a maximum it is born with. */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

enum { FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer){.maximum = maximum};
}

void buffer_init_drained(struct buffer *buffer, size_t maximum, buffer_drain_fn *drain,
                         void *context)
{
    *buffer = (struct buffer){.maximum = maximum, .drain = drain, .drain_context = context};
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}

/* Asked without a sum, which might overflow. */
static bool fits(const struct buffer *buffer, size_t length)
{
    return length <= buffer->maximum - buffer->length;
}

/* To a capacity that holds `needed` bytes, no more than the maximum. */
static bool grow(struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    if (capacity > buffer->maximum)
        capacity = buffer->maximum;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL)
        return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool buffer_flush(struct buffer *buffer)
{
    if (buffer->failed)
        return false;
    if (!buffer->drain(buffer->drain_context, buffer->bytes, buffer->length)) {
        buffer->failed = true;
        return false;
    }
    buffer->drained += buffer->length;
    buffer->length = 0;
    return true;
}

static bool make_room(struct buffer *buffer, size_t length)
{
    if (buffer->drain != NULL && !fits(buffer, length) && !buffer_flush(buffer))
        return false;
    if (fits(buffer, length))
        return grow(buffer, buffer->length + length);
    errno = EMSGSIZE;
    return false;
}

uint8_t *buffer_reserve_more(struct buffer *buffer, size_t length)
{
    if (!buffer->failed)
        buffer->failed = !make_room(buffer, length);
    return buffer->failed ? NULL : buffer->bytes + buffer->length;
}

void buffer_drop(struct buffer *buffer, size_t length)
{
    buffer->length -= length;
    if (buffer->length > 0)
        memmove(buffer->bytes, buffer->bytes + length, buffer->length);
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    uint8_t *room = buffer_reserve(buffer, length);
    if (room == NULL)
        return;
    memcpy(room, bytes, length);
    buffer->length += length;
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}

void buffer_decimal(struct buffer *buffer, uint64_t number)
{
    char digits[DECIMAL_DIGITS_MAX];
    buffer_append(buffer, digits, (size_t)(decimal_write(digits, number) - digits));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    uint8_t *room = length < 0 ? NULL : buffer_reserve(buffer, (size_t)length + 1);
    if (room != NULL) {
        vsnprintf((char *)room, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

const char *buffer_string(struct buffer *buffer)
{
    uint8_t *room = buffer_reserve(buffer, 1);
    if (room == NULL)
        return "";
    *room = '\0';
    return (const char *)buffer->bytes;
}
