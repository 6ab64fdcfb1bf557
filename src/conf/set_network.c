/* Setters and echoes of what the adapter uses: its addresses and ports, hardware addresses. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/set.h"
#include "target/parse.h"

static void *field(const struct conf *conf, const struct option *option)
{
    return (char *)conf + option->offset;
}

static bool *presence(const struct conf *conf, const struct option *option)
{
    return (bool *)((char *)conf + option->presence);
}

static bool is_set(const struct conf *conf, const struct option *option)
{
    return *presence(conf, option);
}

static int keep(const struct option_use *use, const void *value, size_t size)
{
    memcpy(field(use->conf, use->option), value, size);
    *presence(use->conf, use->option) = true;
    return 0;
}

/* Replies are told apart by masking the source address and port, so a range must be a power of two
 * in size; it may begin anywhere. */
static int check_size(struct range range, const char *text, const char *unit, struct error *err)
{
    uint64_t size = (uint64_t)range.last - range.first + 1;
    if ((size & (size - 1)) == 0)
        return 0;
    uint64_t above = 1ull << (64 - __builtin_clzll(size));
    return error_set(err,
                     "%.60s is %" PRIu64 " %s (want a power of two; the nearest are %" PRIu64
                     " and %" PRIu64 ")",
                     text, size, unit, above / 2, above);
}

/* The one range that `text` is, or NULL. */
static const struct range *only_range(struct address_set *set, const char *text, struct error *err)
{
    if (target_parse_addresses(set, text, err) < 0 || address_set_normalise(set, err) < 0)
        return NULL;
    if (set->v4.count == 1 && set->v6.count == 0)
        return set->v4.ranges;
    error_set(err,
              "\"%.60s\" is not one IPv4 address or range (want such as 192.0.2.1 or 192.0.2.0/30)",
              text);
    return NULL;
}

int set_address_range(const struct option_use *use, struct error *err)
{
    struct address_set set;
    address_set_init(&set);
    const struct range *range = only_range(&set, use->value, err);
    int status = range == NULL ? -1 : check_size(*range, use->value, "addresses", err);
    if (status == 0)
        keep(use, range, sizeof *range);
    address_set_fini(&set);
    return status;
}

void echo_address_range(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (!is_set(conf, option))
        return;
    buffer_printf(out, "%s = ", option->name);
    target_format_range(out, address_range_v4(*(const struct range *)field(conf, option)));
    buffer_char(out, '\n');
}

/* "a" or "a-b", ports from 1 to 65535. */
static bool parse_port_range(const char *text, struct range *range)
{
    char first[8], last[8];
    size_t length = strcspn(text, "-");
    const char *rest = text[length] == '-' ? text + length + 1 : text;
    if (length >= sizeof first || strlen(rest) >= sizeof last)
        return false;
    memcpy(first, text, length);
    first[length] = '\0';
    strcpy(last, rest);
    uint64_t a, b;
    if (value_number(first, 1, UINT16_MAX, "", &a, NULL) < 0 ||
        value_number(last, a, UINT16_MAX, "", &b, NULL) < 0)
        return false;
    *range = (struct range){(uint32_t)a, (uint32_t)b};
    return true;
}

int set_port_range(const struct option_use *use, struct error *err)
{
    struct range range;
    if (!parse_port_range(use->value, &range))
        return error_set(err,
                         "\"%.60s\" is not a port or range of ports (want such as 61000 or "
                         "40000-40255)",
                         use->value);
    if (check_size(range, use->value, "ports", err) < 0)
        return -1;
    return keep(use, &range, sizeof range);
}

void echo_port_range(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (!is_set(conf, option))
        return;
    const struct range *range = field(conf, option);
    buffer_printf(out, "%s = %" PRIu32, option->name, range->first);
    if (range->last > range->first)
        buffer_printf(out, "-%" PRIu32, range->last);
    buffer_char(out, '\n');
}

static int parse_mac(const char *text, struct mac_address *mac, struct error *err)
{
    if (mac_parse(mac, text))
        return 0;
    return error_set(err, "\"%.60s\" is not a MAC address (want such as 66-55-44-33-22-11)", text);
}

int set_mac(const struct option_use *use, struct error *err)
{
    struct mac_address mac;
    if (parse_mac(use->value, &mac, err) < 0)
        return -1;
    return keep(use, &mac, sizeof mac);
}

int set_unused_mac(const struct option_use *use, struct error *err)
{
    struct mac_address mac;
    return parse_mac(use->value, &mac, err);
}

void echo_mac(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char text[MAC_TEXT_SIZE];
    if (is_set(conf, option))
        echo_line(option, out, mac_format(field(conf, option), text));
}

int set_address(const struct option_use *use, struct error *err)
{
    struct ip_address address;
    if (!ip_parse(&address, use->value, strlen(use->value)) || address.version != 4)
        return error_set(err, "\"%.60s\" is not an IPv4 address (want such as 192.0.2.1)",
                         use->value);
    uint32_t value = ip_to_v4(&address);
    return keep(use, &value, sizeof value);
}

void echo_address(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (!is_set(conf, option))
        return;
    struct ip_address address = ip_from_v4(*(const uint32_t *)field(conf, option));
    char text[IP_TEXT_SIZE];
    echo_line(option, out, ip_format(&address, text));
}
