/* Which of some known words a mistyped one may have been meant for. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

enum {
    NEAREST_COUNT = 3,
    NEAREST_WORD_SIZE = 40, /* of the longest word that is compared, with its NUL */
    NEAREST_TEXT_SIZE = NEAREST_COUNT * (NEAREST_WORD_SIZE + 8),
};

struct nearest_word {
    const char *text;
    size_t length;
    unsigned distance;
};

/* The known words that are nearest to `typed`, nearest first. */
struct nearest {
    const char *typed; /* shorter than NEAREST_WORD_SIZE */
    struct nearest_word words[NEAREST_COUNT];
    unsigned count;
};

/* How far `word` is from `typed`, both shorter than NEAREST_WORD_SIZE: how many letters were
 * inserted, left out, changed, or swapped with their neighbour. Three letters or more that begin
 * the word are as near as one letter wrong. */
unsigned nearest_distance(const char *typed, const char *word);

/* Takes a word that is `distance` away into the list, unless nearer ones fill it or it is too far
 * to have been meant: a third of the letters, one of five, none of two. Equals stay in the order in
 * which they come. The text is kept by pointer. */
void nearest_offer(struct nearest *nearest, const char *text, size_t length, unsigned distance);

/* Writes "A", "A or B", or "A, B or C", with `before` in front of each word; "" if there is none.
 * Returns `text`. */
char *nearest_text(const struct nearest *nearest, const char *before, char text[NEAREST_TEXT_SIZE]);

#endif
