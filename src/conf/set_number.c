/* Setters and echoes of numbers: whole ones, the rate, spans of time, the seed, the shard, owed
 * retries. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/set.h"

static void *field(const struct conf *conf, const struct option *option)
{
    return (char *)conf + option->offset;
}

int value_digits(const char *text, size_t length, uint64_t *value)
{
    *value = 0;
    if (length == 0)
        return 1;
    bool fits = true;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i]))
            return 1;
        fits = fits && !__builtin_mul_overflow(*value, 10, value) &&
               !__builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value);
    }
    return fits ? 0 : 2;
}

int value_number(const char *text, uint64_t least, uint64_t most, const char *unit, uint64_t *value,
                 struct error *err)
{
    int status = value_digits(text, strlen(text), value);
    if (status == 1)
        return error_set(err, "\"%.60s\" is not a number of %s (want %" PRIu64 " to %" PRIu64 ")",
                         text, unit, least, most);
    if (status == 2 || *value < least || *value > most)
        return error_set(err, "%.60s is out of range (want %" PRIu64 " to %" PRIu64 " %s)", text,
                         least, most, unit);
    return 0;
}

int set_u32(const struct option_use *use, struct error *err)
{
    const struct option *option = use->option;
    uint64_t value;
    if (value_number(use->value, option->least, option->most, option->unit, &value, err) < 0)
        return -1;
    *(uint32_t *)field(use->conf, option) = (uint32_t)value;
    return 0;
}

int set_u64(const struct option_use *use, struct error *err)
{
    const struct option *option = use->option;
    uint64_t value;
    if (value_number(use->value, option->least, option->most, option->unit, &value, err) < 0)
        return -1;
    *(uint64_t *)field(use->conf, option) = value;
    return 0;
}

static void echo_number(const struct option *option, struct buffer *out, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    echo_line(option, out, text);
}

void echo_u32(const struct conf *conf, const struct option *option, struct buffer *out)
{
    echo_number(option, out, *(const uint32_t *)field(conf, option));
}

void echo_u64(const struct conf *conf, const struct option *option, struct buffer *out)
{
    echo_number(option, out, *(const uint64_t *)field(conf, option));
}

void echo_positive(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (*(const uint32_t *)field(conf, option) > 0)
        echo_u32(conf, option, out);
}

/* The rate: decimal, with k or m for thousands and millions. */

/* ---- options of TCP ---- */

int set_tcp_option(const struct option_use *use, struct error *err)
{
    const struct option *option = use->option;
    bool enabled;
    uint64_t number;
    if (value_digits(use->value, strlen(use->value), &number) == 1) {
        if (value_bool(use->value, &enabled, NULL) < 0)
            return error_set(
                err, "\"%.60s\" is unknown (want enable, disable, or %" PRIu64 " to %" PRIu64 ")",
                use->value, option->least, option->most);
        number = enabled ? option->code : CONF_TCP_NONE;
    } else if (value_number(use->value, option->least, option->most, option->unit, &number, err) <
               0) {
        return -1;
    }
    *(uint32_t *)field(use->conf, option) = (uint32_t)number;
    *(bool *)((char *)use->conf + option->presence) = true;
    return 0;
}

void echo_tcp_option(const struct conf *conf, const struct option *option, struct buffer *out)
{
    const uint32_t *number = field(conf, option);
    if (!*(const bool *)((const char *)conf + option->presence))
        return;
    if (*number == CONF_TCP_NONE)
        buffer_printf(out, "%s = disable\n", option->name);
    else
        buffer_printf(out, "%s = %" PRIu32 "\n", option->name, *number);
}

/* ---- rates and times ---- */

#define RATE_LEAST 0.001
#define RATE_MOST  1e9

/* Digits, at most one point among them, at least one digit: what strtod and no other notation
 * reads. */
static size_t decimal_length(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    if (whole + part == 0)
        return 0;
    return whole + (text[whole] == '.' ? part + 1 : 0);
}

/* What the letters behind a number multiply it by; 0 if that is nothing known. */
static double factor(const char *suffix)
{
    if (*suffix == '\0')
        return 1;
    if (strcasecmp(suffix, "k") == 0)
        return 1e3;
    return strcasecmp(suffix, "m") == 0 ? 1e6 : 0;
}

int set_rate(const struct option_use *use, struct error *err)
{
    size_t length = decimal_length(use->value);
    double times = factor(use->value + length);
    if (length == 0 || times == 0)
        return error_set(err,
                         "\"%.60s\" is not a number of packets per second (want %g to %.0f, or "
                         "such as 100k)",
                         use->value, RATE_LEAST, RATE_MOST);
    double rate = strtod(use->value, NULL) * times;
    if (!(rate >= RATE_LEAST && rate <= RATE_MOST))
        return error_set(err, "%.60s is out of range (want %g to %.0f packets per second)",
                         use->value, RATE_LEAST, RATE_MOST);
    *(double *)field(use->conf, use->option) = rate;
    *(bool *)((char *)use->conf + use->option->presence) = true;
    return 0;
}

int set_seconds(const struct option_use *use, struct error *err)
{
    const struct option *option = use->option;
    size_t length = decimal_length(use->value);
    if (length == 0 || use->value[length] != '\0')
        return error_set(err,
                         "\"%.60s\" is not a number of seconds (want %" PRIu64 " to %" PRIu64
                         ", such as 2 or 0.5)",
                         use->value, option->least, option->most);
    double seconds = strtod(use->value, NULL);
    if (!(seconds >= (double)option->least && seconds <= (double)option->most))
        return error_set(err, "%.60s is out of range (want %" PRIu64 " to %" PRIu64 " seconds)",
                         use->value, option->least, option->most);
    *(double *)field(use->conf, option) = round(seconds * 1e6) / 1e6;
    return 0;
}

/* The fewest digits that read back to the same number. */
void echo_decimal(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char text[64];
    double number = *(const double *)field(conf, option);
    for (int places = 0; places <= 24; places++) {
        snprintf(text, sizeof text, "%.*f", places, number);
        if (strtod(text, NULL) == number)
            break;
    }
    echo_line(option, out, text);
}

int set_wait(const struct option_use *use, struct error *err)
{
    struct conf *conf = use->conf;
    if (strcasecmp(use->value, "forever") == 0) {
        conf->wait_forever = true;
        return 0;
    }
    uint64_t seconds = 0;
    int status = value_digits(use->value, strlen(use->value), &seconds);
    if (status == 1)
        return error_set(err, "\"%.60s\" is not a number of seconds (want 0 to %u, or forever)",
                         use->value, UINT32_MAX);
    if (status == 2 || seconds > UINT32_MAX)
        return error_set(err, "%.60s is out of range (want 0 to %u seconds, or forever)",
                         use->value, UINT32_MAX);
    conf->wait_forever = false;
    conf->wait_seconds = (uint32_t)seconds;
    return 0;
}

void echo_wait(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (conf->wait_forever)
        echo_line(option, out, "forever");
    else
        echo_number(option, out, conf->wait_seconds);
}

int set_seed(const struct option_use *use, struct error *err)
{
    struct conf *conf = use->conf;
    uint64_t seed = 0;
    bool from_time = strcasecmp(use->value, "time") == 0;
    if (!from_time && value_digits(use->value, strlen(use->value), &seed) != 0)
        return error_set(err, "\"%.60s\" is not a seed (want 0 to %" PRIu64 ", or time)",
                         use->value, UINT64_MAX);
    conf->seed_from_time = from_time;
    conf->seed_named = true;
    conf->seed = seed;
    return 0;
}

void echo_seed(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (!conf->seed_from_time)
        echo_number(option, out, conf->seed);
}

int set_shard(const struct option_use *use, struct error *err)
{
    const char *slash = strchr(use->value, '/');
    struct shard shard = {0};
    if (slash == NULL ||
        value_digits(use->value, (size_t)(slash - use->value), &shard.number) != 0 ||
        value_digits(slash + 1, strlen(slash + 1), &shard.of) != 0)
        return error_set(err, "\"%.60s\" is not a shard (want X/Y, such as 1/3)", use->value);
    if (shard.number < 1 || shard.number > shard.of)
        return error_set(err, "there is no shard %.60s (want X/Y with X from 1 to Y)", use->value);
    use->conf->shard = shard;
    return 0;
}

void echo_shard(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char text[48];
    snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64, conf->shard.number, conf->shard.of);
    echo_line(option, out, text);
}

static bool parse_pending(const char *text, struct conf_pending *pending)
{
    uint64_t attempt, end;
    size_t first = strcspn(text, "+");
    size_t count = text[first] == '+' ? strcspn(text + first + 1, "/") : 0;
    const char *slash = text + first + 1 + count;
    if (text[first] != '+' || *slash != '/' || value_digits(text, first, &pending->first) != 0 ||
        value_digits(text + first + 1, count, &pending->count) != 0 ||
        value_digits(slash + 1, strlen(slash + 1), &attempt) != 0)
        return false;
    if (pending->count == 0 || attempt > UINT32_MAX ||
        __builtin_add_overflow(pending->first, pending->count, &end))
        return false;
    pending->attempt = (uint32_t)attempt;
    return true;
}

int set_pending(const struct option_use *use, struct error *err)
{
    struct conf *conf = use->conf;
    struct conf_pending pending;
    if (!parse_pending(use->value, &pending))
        return error_set(err, "\"%.60s\" is not FIRST+COUNT/ATTEMPT (want such as 5000+100/2)",
                         use->value);
    if (conf->pending_count == CONF_PENDING_MAX)
        return error_set(err, "more than %d of them", CONF_PENDING_MAX);
    conf->pending[conf->pending_count++] = pending;
    return 0;
}

void echo_pending(const struct conf *conf, const struct option *option, struct buffer *out)
{
    for (unsigned i = 0; i < conf->pending_count; i++) {
        const struct conf_pending *p = &conf->pending[i];
        buffer_printf(out, "%s = %" PRIu64 "+%" PRIu64 "/%" PRIu32 "\n", option->name, p->first,
                      p->count, p->attempt);
    }
}
