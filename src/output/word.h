/* Short texts of fixed tables, copied whole whatever their length: no loop and no branch. */
#ifndef OUTPUT_WORD_H
#define OUTPUT_WORD_H

#include <stdint.h>
#include <string.h>

struct word {
    char text[16]; /* ends in a NUL */
    uint32_t length;
};

/* A row of such a table, from a string literal of at most 15 characters. */
#define WORD(literal)                                                                              \
    {                                                                                              \
        .text = literal, .length = sizeof literal - 1                                              \
    }

/* Needs room for 16 characters; what lies behind the word in it is overwritten. */
static inline char *put_word(char *at, const struct word *word)
{
    memcpy(at, word->text, sizeof word->text);
    return at + word->length;
}

#endif
