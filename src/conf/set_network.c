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
static int check_size(uint64_t size, const char *text, const char *unit, struct error *err)
{
    if ((size & (size - 1)) == 0)
        return 0;
    uint64_t above = 1ull << (64 - __builtin_clzll(size));
    return error_set(err,
                     "%.60s is %" PRIu64 " %s (want a power of two; the nearest are %" PRIu64
                     " and %" PRIu64 ")",
                     text, size, unit, above / 2, above);
}

static int check_size_ipv6(const struct range6 *range, const char *text, struct error *err)
{
    uint128 count_minus_one = range->last - range->first;
    if (range->first >> 64 != range->last >> 64 || count_minus_one > UINT32_MAX)
        return error_set(err,
                         "%.60s is no usable range (want at most 4294967296 addresses that share "
                         "their first 64 bits)",
                         text);
    return check_size((uint64_t)count_minus_one + 1, text, "addresses", err);
}

static int keep_ipv6_range(struct conf_adapter *adapter, const struct range6 *range,
                           const char *text, struct error *err)
{
    if (check_size_ipv6(range, text, err) < 0)
        return -1;
    adapter->ipv6 = *range;
    adapter->has_ipv6 = true;
    return 0;
}

static int keep_ipv4_range(struct conf_adapter *adapter, const struct range *range,
                           const char *text, struct error *err)
{
    if (check_size((uint64_t)range->last - range->first + 1, text, "addresses", err) < 0)
        return -1;
    adapter->ip = *range;
    adapter->has_ip = true;
    return 0;
}

/* The one range that the text is. */
static int keep_range(struct conf_adapter *adapter, const struct address_set *set, const char *text,
                      struct error *err)
{
    if (set->v4.count == 1 && set->v6.count == 0)
        return keep_ipv4_range(adapter, set->v4.ranges, text, err);
    if (set->v4.count == 0 && set->v6.count == 1)
        return keep_ipv6_range(adapter, set->v6.ranges, text, err);
    return error_set(err,
                     "\"%.60s\" is not one address or range (want such as 192.0.2.1, 192.0.2.0/30 "
                     "or 2001:db8::1)",
                     text);
}

int set_adapter_ip(const struct option_use *use, struct error *err)
{
    struct address_set set;
    address_set_init(&set);
    int status = target_parse_addresses(&set, use->value, err);
    if (status == 0)
        status = address_set_normalise(&set, err);
    if (status == 0)
        status = keep_range(field(use->conf, use->option), &set, use->value, err);
    address_set_fini(&set);
    return status;
}

static void echo_address_range(const struct option *option, struct range6 range, struct buffer *out)
{
    buffer_printf(out, "%s = ", option->name);
    target_format_range(out, range);
    buffer_char(out, '\n');
}

void echo_adapter_ip(const struct conf *conf, const struct option *option, struct buffer *out)
{
    const struct conf_adapter *adapter = field(conf, option);
    if (adapter->has_ip)
        echo_address_range(option, address_range_v4(adapter->ip), out);
    if (adapter->has_ipv6)
        echo_address_range(option, adapter->ipv6, out);
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
    if (check_size(range.last - range.first + 1ull, use->value, "ports", err) < 0)
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

int set_mac(const struct option_use *use, struct error *err)
{
    struct mac_address mac;
    if (!mac_parse(&mac, use->value))
        return error_set(err, "\"%.60s\" is not a MAC address (want such as 66-55-44-33-22-11)",
                         use->value);
    return keep(use, &mac, sizeof mac);
}

void echo_mac(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char text[MAC_TEXT_SIZE];
    if (is_set(conf, option))
        echo_line(option, out, mac_format(field(conf, option), text));
}

int set_router_ip(const struct option_use *use, struct error *err)
{
    struct conf_adapter *adapter = field(use->conf, use->option);
    struct ip_address address;
    if (!ip_parse(&address, use->value, strlen(use->value)))
        return error_set(err, "\"%.60s\" is not an IP address (want such as 192.0.2.1 or fe80::1)",
                         use->value);
    if (address.version == 4) {
        adapter->router_ip = ip_to_v4(&address);
        adapter->has_router_ip = true;
    } else {
        adapter->router_ipv6 = ip_number_from(&address);
        adapter->has_router_ipv6 = true;
    }
    return 0;
}

static void echo_address(const struct option *option, struct ip_number number, struct buffer *out)
{
    struct ip_address address = ip_from_number(number);
    char text[IP_TEXT_SIZE];
    echo_line(option, out, ip_format(&address, text));
}

void echo_router_ip(const struct conf *conf, const struct option *option, struct buffer *out)
{
    const struct conf_adapter *adapter = field(conf, option);
    if (adapter->has_router_ip)
        echo_address(option, ip_number_v4(adapter->router_ip), out);
    if (adapter->has_router_ipv6)
        echo_address(option, adapter->router_ipv6, out);
}
