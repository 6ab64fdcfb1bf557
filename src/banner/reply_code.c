/* What tells greetings with a reply code apart. */
#include "banner/reply_code.h"

#include <string.h>

#include "banner/text.h"

static enum banner_match match_code(const uint8_t *bytes, size_t length, const char *const codes[])
{
    for (unsigned i = 0; codes[i]; i++) {
        enum banner_match match = banner_begins(bytes, length, codes[i]);
        if (match == BANNER_YES && length > 3)
            return bytes[3] == ' ' || bytes[3] == '-' ? BANNER_YES : BANNER_NO;
        if (match != BANNER_NO)
            return BANNER_MAYBE;
    }
    return BANNER_NO;
}

enum banner_match reply_code_match(const uint8_t *bytes, size_t length, const char *const codes[],
                                   const char *const words[])
{
    enum banner_match match = match_code(bytes, length, codes);
    if (match != BANNER_YES)
        return match;
    const uint8_t *end = memchr(bytes, '\n', length);
    size_t line = end ? (size_t)(end - bytes) : length;
    for (unsigned i = 0; words[i]; i++)
        if (text_contains(bytes, line, words[i]))
            return BANNER_YES;
    return end || length >= BANNER_DETECT_MAX ? BANNER_LIKELY : BANNER_MAYBE;
}
