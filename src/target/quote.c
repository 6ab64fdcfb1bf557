/* Foreign text inside an error message. */
#include "target/quote.h"

#include <stdio.h>

enum { LONGEST = 48 };

_Static_assert(4 * LONGEST + sizeof "\"\"..." <= QUOTE_SIZE, "a full quote must fit");

static char *put_byte(char *out, unsigned char byte)
{
    if (byte == '"' || byte == '\\')
        return out + sprintf(out, "\\%c", byte);
    if (byte >= ' ' && byte <= '~')
        return out + sprintf(out, "%c", byte);
    return out + sprintf(out, "\\x%02x", byte);
}

const char *quote_text(char quote[QUOTE_SIZE], const char *at, const char *end)
{
    const char *cut = end - at > LONGEST ? at + LONGEST : end;
    char *out = quote;
    *out++ = '"';
    for (; at < cut; at++)
        out = put_byte(out, (unsigned char)*at);
    sprintf(out, cut < end ? "...\"" : "\"");
    return quote;
}
