/* Text for roff. Sources: groff_char(7), man(7). */
#include "manual/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LINE_WIDTH = 78 };

/* What roff would take for something else, or print as a typographic sign. */
static const struct {
    char sign;
    const char *written;
} escapes[] = {
    {'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"},
};

static const char *escape_of(char sign)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (escapes[i].sign == sign)
            return escapes[i].written;
    return NULL;
}

void roff_escape(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *written = escape_of(text[i]);
        if (written != NULL)
            buffer_text(out, written);
        else
            buffer_char(out, text[i]);
    }
}

/* How many bytes of a word are an option: "--rate" of "--rate,". */
static size_t option_length(const char *word, size_t length)
{
    size_t dashes = strspn(word, "-"), end = dashes;
    if (dashes == 0 || dashes > 2)
        return 0;
    while (end < length && (isalnum((unsigned char)word[end]) || word[end] == '-'))
        end++;
    return end > dashes && !isdigit((unsigned char)word[dashes]) ? end : 0;
}

static void put_word(struct buffer *out, const char *word, size_t length)
{
    size_t before = word[0] == '(', bold = option_length(word + before, length - before);
    if (word[0] == '.')
        buffer_text(out, "\\&");
    roff_escape(out, word, before);
    if (bold > 0) {
        buffer_text(out, "\\fB");
        roff_escape(out, word + before, bold);
        buffer_text(out, "\\fR");
    }
    roff_escape(out, word + before + bold, length - before - bold);
}

static bool ends_sentence(const char *word, size_t length)
{
    return word[length - 1] == '.' || word[length - 1] == ':';
}

void roff_prose(struct buffer *out, const char *text)
{
    size_t used = 0;
    for (const char *word = text + strspn(text, " "); *word != '\0'; word += strspn(word, " ")) {
        size_t length = strcspn(word, " "), start = out->length;
        put_word(out, word, length);
        used += out->length - start + 1;
        word += length;
        const char *next = word + strspn(word, " ");
        bool full = used + strcspn(next, " ") + 12 > LINE_WIDTH;
        bool last = *next == '\0' || full || ends_sentence(word - length, length);
        buffer_char(out, last ? '\n' : ' ');
        used = last ? 0 : used;
    }
}
