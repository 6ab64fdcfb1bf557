/* Fields of the time in a text, as in strftime(3). */
#include "base/time_fields.h"

#include <string.h>
#include <time.h>

static const char letters[] = "aAbBCdFGgHIjmMpRsSTuUVwWyYzZ";

static int unknown(const char *field, struct error *err)
{
    if (field[1] == '\0')
        return error_set(err, "a percent sign ends it (want %%%% for the sign itself)");
    return error_set(err,
                     "\"%%%c\" is no field of the time (want one of the letters %s behind the "
                     "percent sign, such as %%Y-%%m-%%d, or %%%% for the sign itself)",
                     field[1], letters);
}

static void fill(struct buffer *out, char letter, const struct tm *parts)
{
    const char format[] = {'%', letter, '\0'};
    char text[64];
    buffer_append(out, text, strftime(text, sizeof text, format, parts));
}

int time_fields_fill(struct buffer *out, const char *text, uint64_t time, struct error *err)
{
    time_t seconds = (time_t)time;
    struct tm parts = {0};
    localtime_r(&seconds, &parts);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '%') {
            buffer_char(out, *at);
            continue;
        }
        if (at[1] == '\0' || (at[1] != '%' && strchr(letters, at[1]) == NULL))
            return unknown(at, err);
        at++;
        if (*at == '%')
            buffer_char(out, '%');
        else
            fill(out, *at, &parts);
    }
    return out->failed ? error_set(err, "no memory for it, or too long") : 0;
}

void time_fields_escape(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++)
        buffer_text(out, *text == '%' ? "%%" : (const char[]){*text, '\0'});
}
