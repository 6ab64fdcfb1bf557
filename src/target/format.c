/* Sets as text that the parsers read back. */
#include "base/buffer.h"
#include "target/parse.h"
#include "target/port_class.h"

static void put_address(struct buffer *out, uint32_t address)
{
    buffer_printf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
                  address & 255);
}

/* The prefix length of the CIDR block that `range` is, or -1. */
static int prefix_length(struct range range)
{
    uint32_t host_bits = range.first ^ range.last;
    bool is_block = (host_bits & (host_bits + 1)) == 0 && (range.first & host_bits) == 0;
    return is_block ? 32 - __builtin_popcount(host_bits) : -1;
}

void target_format_range(struct buffer *out, struct range range)
{
    int prefix = prefix_length(range);
    put_address(out, range.first);
    if (prefix == 32)
        return;
    buffer_char(out, prefix < 0 ? '-' : '/');
    if (prefix < 0)
        put_address(out, range.last);
    else
        buffer_decimal(out, (uint64_t)prefix);
}

struct range target_first_block(struct range range)
{
    uint32_t host_bits = range.first == 0 ? UINT32_MAX : (range.first & -range.first) - 1;
    while (host_bits > range.last - range.first)
        host_bits >>= 1;
    return (struct range){range.first, range.first + host_bits};
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
