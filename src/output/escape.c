/* Banner escaping: two tables, each with the text of every byte.
 *
 * Every entry is copied whole and the next one laid over what was too much of it: so no branch asks
 * which bytes are plain, which in real banners nobody could guess. */
#include "output/escape.h"

#include <string.h>

#include "base/every_byte.h"

struct escaped {
    char text[7];
    uint8_t length;
};

_Static_assert(sizeof(struct escaped) == ESCAPE_SLACK, "slack");

/* Everything from space to tilde but " & ' < > and the backslash. */
#define IS_PLAIN(n)                                                                                \
    ((n) >= ' ' && (n) <= '~' && (n) != '"' && (n) != '&' && (n) != '\'' && (n) != '<' &&          \
     (n) != '>' && (n) != '\\')

#define TEXT_FORM(n)                                                                               \
    {                                                                                              \
        {IS_PLAIN(n) ? (n) : '\\', 'x', HEX_DIGIT((n) / 16), HEX_DIGIT((n) % 16)},                 \
            IS_PLAIN(n) ? 1 : 4                                                                    \
    }
#define JSON_FORM(n)                                                                               \
    {                                                                                              \
        {IS_PLAIN(n) ? (n) : '\\', 'u', '0', '0', HEX_DIGIT((n) / 16), HEX_DIGIT((n) % 16)},       \
            IS_PLAIN(n) ? 1 : 6                                                                    \
    }

static const struct escaped text_forms[256] = {EVERY_BYTE(TEXT_FORM)};
static const struct escaped json_forms[256] = {EVERY_BYTE(JSON_FORM)};

static inline char *escape(char *at, const uint8_t *bytes, size_t length,
                           const struct escaped forms[256])
{
    for (size_t i = 0; i < length; i++) {
        const struct escaped *form = &forms[bytes[i]];
        memcpy(at, form, sizeof *form);
        at += form->length;
    }
    return at;
}

char *escape_text(char *at, const uint8_t *bytes, size_t length)
{
    return escape(at, bytes, length, text_forms);
}

char *escape_json(char *at, const uint8_t *bytes, size_t length)
{
    return escape(at, bytes, length, json_forms);
}
