/* Texts of bounded length inside the state of a protocol: any struct with `length` and an array
 * `bytes`. What does not fit is left out. */
#ifndef BANNER_TEXT_H
#define BANNER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text of a field that is put together from parts. */
struct text {
    uint16_t length;
    uint8_t bytes[510];
};

#define TEXT_PUT(text, byte)                                                                       \
    text_put((text)->bytes, sizeof(text)->bytes, &(text)->length, (uint8_t)(byte))

static inline void text_put(uint8_t *bytes, size_t room, uint16_t *length, uint8_t byte)
{
    if (*length < room)
        bytes[(*length)++] = byte;
}

/* Bytes as they are. `bytes` may be NULL if `length` is 0. */
void text_bytes(struct text *text, const uint8_t *bytes, size_t length);

void text_string(struct text *text, const char *string);

void text_number(struct text *text, uint64_t number);

/* Appends " name=number", without the blank at the beginning of the text. */
void text_named_number(struct text *text, const char *name, uint64_t number);

/* Appends " name=bytes" likewise; nothing if there are none, or `bytes` is
 * NULL. */
void text_named_bytes(struct text *text, const char *name, const uint8_t *bytes, size_t length);

/* Appends " name=string" likewise, also if it is empty. */
void text_named_string(struct text *text, const char *name, const char *string);

/* Appends bytes as hexadecimal digits, and four as an address of IPv4; `bytes` may be NULL, which
 * appends nothing. */
void text_hex(struct text *text, const uint8_t *bytes, size_t length);
void text_ipv4(struct text *text, const uint8_t *bytes);

/* Appends a blank, unless the text is empty. */
void text_blank(struct text *text);

/* Whether `bytes` begin with, are, or contain the string; letters of ASCII are the same in both
 * cases.
 */
bool text_begins(const uint8_t *bytes, size_t length, const char *string);
bool text_is(const uint8_t *bytes, size_t length, const char *string);
bool text_contains(const uint8_t *bytes, size_t length, const char *string);

#endif
