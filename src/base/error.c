/* Error texts: formatting, and adding context on the way up. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_write(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->cause = ERROR_INPUT;
}

void error_write_sys(struct error *err, int errnum, const char *format, ...)
{
    if (err == NULL)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    char words[128];
    snprintf(err->text + used, sizeof err->text - used, ": %s",
             strerror_r(errnum, words, sizeof words));
    err->cause = ERROR_INPUT;
}

void error_prefix(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", inner);
}

void error_append(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    char more[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(more, sizeof more, format, args);
    va_end(args);
    size_t used = strlen(err->text);
    if (strstr(err->text, more) == NULL)
        snprintf(err->text + used, sizeof err->text - used, "; %s", more);
}

int error_blame(struct error *err, enum error_cause cause)
{
    if (err != NULL && err->cause == ERROR_INPUT)
        err->cause = cause;
    return -1;
}

int error_join(int result, const struct error *late, struct error *err)
{
    if (result < 0)
        return error_add(err, "%s", late->text);
    if (err != NULL)
        *err = *late;
    return -1;
}
