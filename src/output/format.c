/* Addresses and flags as text, by tables: the hot part of every text writer. */
#include "output/format.h"

static char *put_hex_group(char *at, unsigned group)
{
    int shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0;
    for (; shift >= 0; shift -= 4)
        *at++ = "0123456789abcdef"[group >> shift & 15];
    return at;
}

struct zero_run {
    int start, length;
};

/* The first of the longest runs of zero groups; RFC 5952 shortens it if it has two or more. */
static struct zero_run longest_zero_run(const unsigned groups[8])
{
    struct zero_run best = {-1, 1}, run = {0, 0}; /* best: none, ending before the first group */
    for (int i = 0; i < 8; i++) {
        if (groups[i] != 0) {
            run = (struct zero_run){i + 1, 0};
            continue;
        }
        run.length++;
        if (run.length > best.length)
            best = run;
    }
    return best;
}

static char *put_v6(char *at, const unsigned groups[8])
{
    struct zero_run zeros = longest_zero_run(groups);
    for (int i = 0; i < 8; i++) {
        if (i == zeros.start) {
            at = PUT(at, "::");
            i += zeros.length - 1;
            continue;
        }
        if (i > 0 && i != zeros.start + zeros.length)
            *at++ = ':';
        at = put_hex_group(at, groups[i]);
    }
    return at;
}

char *put_ip(char *at, const struct ip_address *address)
{
    if (address->version != 6)
        return ip_v4_write(at, ip_to_v4(address));
    unsigned groups[8];
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)address->bytes[2 * i] << 8 | address->bytes[2 * i + 1];
    /* Only here may an IPv4 address stand at the end; too rare to be worth fast code. */
    if ((groups[0] | groups[1] | groups[2] | groups[3] | groups[4]) == 0) {
        char text[IP_TEXT_SIZE];
        return put_text(at, ip_format(address, text));
    }
    return put_v6(at, groups);
}

char *put_reason(char *at, uint8_t flags)
{
    static const char low[16][16] = {
        "",        "fin",         "syn",         "fin-syn",         "rst",     "fin-rst",
        "syn-rst", "fin-syn-rst", "psh",         "fin-psh",         "syn-psh", "fin-syn-psh",
        "rst-psh", "fin-rst-psh", "syn-rst-psh", "fin-syn-rst-psh",
    };
    static const char high[16][16] = {
        "",        "ack",         "urg",         "ack-urg",         "ece",     "ack-ece",
        "urg-ece", "ack-urg-ece", "cwr",         "ack-cwr",         "urg-cwr", "ack-urg-cwr",
        "ece-cwr", "ack-ece-cwr", "urg-ece-cwr", "ack-urg-ece-cwr",
    };
    if (flags == 0)
        return PUT(at, "none");
    at = put_text(at, low[flags & 15]);
    if ((flags & 15) != 0 && flags >> 4 != 0)
        *at++ = '-';
    return put_text(at, high[flags >> 4]);
}
