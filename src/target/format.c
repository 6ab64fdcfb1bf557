/* Sets as text that the parsers read back. */
#include "base/buffer.h"
#include "target/parse.h"
#include "target/port_class.h"

static void put_address(struct buffer *out, uint128 address)
{
    char *at = (char *)buffer_reserve(out, IP_TEXT_SIZE);
    if (at != NULL)
        out->length += (size_t)(ip_number_write(at, ip_number_of(address)) - at);
}

/* The prefix length of the CIDR block that `range` is, or -1. */
static int prefix_length(struct range6 range)
{
    uint128 host_bits = range.first ^ range.last;
    if ((host_bits & (host_bits + 1)) != 0 || (range.first & host_bits) != 0)
        return -1;
    int prefix = uint128_leading_zeros(host_bits);
    return ip_number_is_v4(ip_number_of(range.first)) ? prefix - IP_NUMBER_V4_BITS : prefix;
}

void target_format_range(struct buffer *out, struct range6 range)
{
    put_address(out, range.first);
    if (range.first == range.last)
        return;
    int prefix = prefix_length(range);
    buffer_char(out, prefix < 0 ? '-' : '/');
    if (prefix < 0)
        put_address(out, range.last);
    else
        buffer_decimal(out, (uint64_t)prefix);
}

struct range6 target_first_block(struct range6 range)
{
    uint128 host_bits = range.first == 0 ? UINT128_MAX : (range.first & -range.first) - 1;
    while (host_bits > range.last - range.first)
        host_bits >>= 1;
    return (struct range6){range.first, range.first + host_bits};
}

struct port_writer {
    struct buffer *out;
    enum port_class class; /* which the reader is in by now */
    const char *separator;
};

/* One item; all of it is of one class. */
static void put_ports(struct port_writer *w, struct range ports)
{
    enum port_class class = port_code_class(ports.first);
    buffer_text(w->out, w->separator);
    if (class != w->class)
        buffer_printf(w->out, "%c:", port_class_texts[class].prefix);
    buffer_decimal(w->out, port_code_number(ports.first));
    if (ports.last != ports.first)
        buffer_printf(w->out, "-%u", port_code_number(ports.last));
    w->class = class;
    w->separator = ",";
}

void target_format_ports(struct buffer *out, const struct range_set *ports)
{
    struct port_writer w = {.out = out, .class = PORT_TCP, .separator = ""};
    for (size_t i = 0; i < ports->count; i++) {
        struct range part = ports->ranges[i];
        const uint32_t last = part.last;
        for (;;) { /* the last port of one class touches the first of the next */
            part.last = last < (part.first | 0xffff) ? last : part.first | 0xffff;
            put_ports(&w, part);
            if (part.last == last)
                break;
            part.first = part.last + 1;
        }
    }
}
