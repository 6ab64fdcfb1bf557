/* Setters and echoes of spans of time and of sizes: numbers with a unit behind them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/set.h"

struct unit {
    const char *name;
    uint64_t worth;
};

/* The first has no name: it is what a bare number counts. */
static const struct unit seconds[] = {
    {"", 1},        {"s", 1},      {"sec", 1},     {"second", 1},    {"min", 60},
    {"minute", 60}, {"h", 3600},   {"hr", 3600},   {"hour", 3600},   {"d", 86400},
    {"day", 86400}, {"w", 604800}, {"wk", 604800}, {"week", 604800}, {NULL, 0},
};

/* What stands for a number and its unit. */
static const struct unit periods[] = {
    {"hourly", 3600}, {"daily", 86400}, {"weekly", 604800}, {NULL, 0}};

static const struct unit bytes[] = {
    {"", 1},         {"b", 1},       {"k", 1 << 10},  {"kb", 1 << 10}, {"m", 1 << 20},
    {"mb", 1 << 20}, {"g", 1 << 30}, {"gb", 1 << 30}, {NULL, 0},
};

/* The unit of that name; 0 if there is none. */
static uint64_t worth_of(const struct unit *units, const char *name, size_t length)
{
    for (; units->name != NULL; units++)
        if (strlen(units->name) == length && strncasecmp(units->name, name, length) == 0)
            return units->worth;
    return 0;
}

/* "hour" and "hours" */
static uint64_t worth_of_many(const struct unit *units, const char *name)
{
    size_t length = strlen(name);
    uint64_t worth = worth_of(units, name, length);
    bool plural = length > 2 && (name[length - 1] == 's' || name[length - 1] == 'S');
    return worth == 0 && plural ? worth_of(units, name, length - 1) : worth;
}

/* A number, blanks perhaps, a unit: 0 and *value, 1 if it is something else, 2 if it does not fit.
 */
static int read_amount(const char *text, const struct unit *units, uint64_t *value)
{
    size_t length = strspn(text, "0123456789");
    const char *name = text + length + strspn(text + length, " ");
    uint64_t worth = worth_of_many(units, name);
    int status = value_digits(text, length, value);
    if (worth == 0 || status == 1)
        return 1;
    return status == 2 || __builtin_mul_overflow(*value, worth, value) ? 2 : 0;
}

static int read_seconds(const char *text, uint64_t *value, const char *forms, struct error *err)
{
    *value = worth_of(periods, text, strlen(text));
    int status = *value > 0 ? 0 : read_amount(text, seconds, value);
    if (status == 1)
        return error_set(err, "\"%.60s\" is not a time (want %s)", text, forms);
    if (status == 2 || *value > UINT32_MAX)
        return error_set(err, "%.60s is out of range (want at most %" PRIu32 " seconds)", text,
                         UINT32_MAX);
    return 0;
}

static void *field(const struct option_use *use)
{
    return (char *)use->conf + use->option->offset;
}

int set_period(const struct option_use *use, struct error *err)
{
    uint64_t value;
    if (read_seconds(use->value, &value,
                     "a number of seconds, or such as 10min, 6hours, hourly, daily, weekly",
                     err) < 0)
        return -1;
    *(uint32_t *)field(use) = (uint32_t)value;
    return 0;
}

int set_shift(const struct option_use *use, struct error *err)
{
    uint64_t value;
    bool back = use->value[0] == '-';
    const char *amount = use->value + (back || use->value[0] == '+');
    if (read_seconds(amount, &value, "a number of seconds, or such as 5hours or -30min", err) < 0)
        return -1;
    *(int64_t *)field(use) = back ? -(int64_t)value : (int64_t)value;
    return 0;
}

void echo_shift(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char text[24];
    int64_t value = *(const int64_t *)((const char *)conf + option->offset);
    snprintf(text, sizeof text, "%" PRId64, value);
    echo_line(option, out, text);
}

int set_bytes(const struct option_use *use, struct error *err)
{
    uint64_t value;
    int status = read_amount(use->value, bytes, &value);
    if (status == 1)
        return error_set(err,
                         "\"%.60s\" is not a size (want a number of bytes, or such as 100k, "
                         "10m, 2g)",
                         use->value);
    if (status == 2 || value > use->option->most)
        return error_set(err, "%.60s is out of range (want at most %" PRIu64 " bytes)", use->value,
                         use->option->most);
    *(uint64_t *)field(use) = value;
    return 0;
}
