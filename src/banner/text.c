/* Texts of bounded length, and words in texts. */
#include "banner/text.h"

#include <string.h>
#include <strings.h>

#include "base/decimal.h"

void text_bytes(struct text *text, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        TEXT_PUT(text, bytes[i]);
}

void text_string(struct text *text, const char *string)
{
    text_bytes(text, (const uint8_t *)string, strlen(string));
}

void text_number(struct text *text, uint64_t number)
{
    uint8_t digits[DECIMAL_DIGITS_MAX];
    const char *end = decimal_write((char *)digits, number);
    text_bytes(text, digits, (size_t)(end - (char *)digits));
}

void text_blank(struct text *text)
{
    if (text->length > 0)
        text_string(text, " ");
}

static void add_name(struct text *text, const char *name)
{
    text_blank(text);
    text_string(text, name);
    text_string(text, "=");
}

void text_named_number(struct text *text, const char *name, uint64_t number)
{
    add_name(text, name);
    text_number(text, number);
}

void text_named_bytes(struct text *text, const char *name, const uint8_t *bytes, size_t length)
{
    if (!bytes || length == 0)
        return;
    add_name(text, name);
    text_bytes(text, bytes, length);
}

void text_named_string(struct text *text, const char *name, const char *string)
{
    add_name(text, name);
    text_string(text, string);
}

void text_hex(struct text *text, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; bytes && i < length; i++) {
        TEXT_PUT(text, digits[bytes[i] >> 4]);
        TEXT_PUT(text, digits[bytes[i] & 15]);
    }
}

void text_ipv4(struct text *text, const uint8_t *bytes)
{
    for (unsigned i = 0; bytes && i < 4; i++) {
        text_string(text, i > 0 ? "." : "");
        text_number(text, bytes[i]);
    }
}

bool text_begins(const uint8_t *bytes, size_t length, const char *string)
{
    size_t wanted = strlen(string);
    return length >= wanted && strncasecmp((const char *)bytes, string, wanted) == 0;
}

bool text_is(const uint8_t *bytes, size_t length, const char *string)
{
    return length == strlen(string) && text_begins(bytes, length, string);
}

bool text_contains(const uint8_t *bytes, size_t length, const char *string)
{
    for (size_t at = 0; at < length; at++)
        if (text_begins(bytes + at, length - at, string))
            return true;
    return false;
}
