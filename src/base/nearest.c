/* Which of some known words a mistyped one may have been meant for.
 *
 * The distance is the optimal string alignment distance (Damerau-Levenshtein without editing a
 * transposed pair again): one step inserts, drops or changes a letter or swaps two neighbours.
 * F. Damerau, "A technique for computer detection and correction of spelling errors" (1964). */
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned edits(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    unsigned d[NEAREST_WORD_SIZE][NEAREST_WORD_SIZE];
    for (size_t i = 0; i <= rows; i++)
        d[i][0] = (unsigned)i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            unsigned changed = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(changed, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[rows][columns];
}

unsigned nearest_distance(const char *typed, const char *word)
{
    size_t length = strlen(typed);
    if (length >= 3 && strncmp(typed, word, length) == 0)
        return 1;
    return edits(typed, word);
}

/* The most that may be wrong with what was typed. */
static unsigned limit(const struct nearest *nearest)
{
    unsigned length = (unsigned)strlen(nearest->typed);
    return length < 3 ? 0 : length < 6 ? 1 : length / 3;
}

void nearest_offer(struct nearest *nearest, const char *text, size_t length, unsigned distance)
{
    struct nearest_word *words = nearest->words;
    unsigned at = nearest->count;
    while (at > 0 && words[at - 1].distance > distance)
        at--;
    if (at == NEAREST_COUNT || distance > limit(nearest))
        return;
    unsigned moved = least(nearest->count, NEAREST_COUNT - 1) - at;
    memmove(&words[at + 1], &words[at], moved * sizeof *words);
    words[at] = (struct nearest_word){text, length, distance};
    nearest->count = least(nearest->count + 1, NEAREST_COUNT);
}

char *nearest_text(const struct nearest *nearest, const char *before, char text[NEAREST_TEXT_SIZE])
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < nearest->count && used < NEAREST_TEXT_SIZE; i++) {
        const char *between = i == 0 ? "" : i + 1 == nearest->count ? " or " : ", ";
        used += (size_t)snprintf(text + used, NEAREST_TEXT_SIZE - used, "%s%s%.*s", between, before,
                                 (int)nearest->words[i].length, nearest->words[i].text);
    }
    return text;
}
