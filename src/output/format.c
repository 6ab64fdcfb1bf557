/* Addresses, flags and times as text, by tables: the hot part of every text writer. */
#include "output/format.h"

#include <endian.h>

#include "base/every_byte.h"

#define HEX_OF(n)                                                                                  \
    {                                                                                              \
        HEX_DIGIT((n) / 16), HEX_DIGIT((n) % 16)                                                   \
    }

static const char hex_pairs[256][2] = {EVERY_BYTE(HEX_OF)};

/* Two digits as they lie in memory. */
static uint32_t load_pair(uint8_t byte)
{
    uint16_t pair;
    memcpy(&pair, hex_pairs[byte], sizeof pair);
    return le16toh(pair);
}

/* All four digits, in the order of memory from the lowest byte up; then the zeros that lead are
 * shifted out, all but the last digit. */
static char *put_hex_group(char *at, const uint8_t bytes[2])
{
    unsigned group = (unsigned)bytes[0] << 8 | bytes[1];
    unsigned zeros = (unsigned)(__builtin_clz(group | 1) - 16) / 4;
    uint32_t text = htole32((load_pair(bytes[0]) | load_pair(bytes[1]) << 16) >> 8 * zeros);
    memcpy(at, &text, sizeof text);
    return at + 4 - zeros;
}

/* The groups from `first` up to `end`, with colons between them. */
static char *put_groups(char *at, const uint8_t *bytes, int first, int end)
{
    for (int i = first; i < end; i++) {
        *at = ':';
        at = put_hex_group(at + (i > first), bytes + 2 * i);
    }
    return at;
}

/* A bit for each of the eight groups that is zero, the lowest for the first. */
static unsigned zero_groups(const uint8_t *bytes)
{
    unsigned zeros = 0;
    for (int i = 0; i < 8; i++)
        zeros |= (unsigned)((bytes[2 * i] | bytes[2 * i + 1]) == 0) << i;
    return zeros;
}

struct zero_run {
    int first, end;
};

/* The first of the longest runs of zero groups; RFC 5952 shortens it if it has two or more. Each
 * step keeps the bits that are followed by another: what remains in the end begins the longest. */
static struct zero_run longest_zero_run(unsigned zeros)
{
    struct zero_run run = {0, 0};
    for (int length = 1; zeros != 0; zeros &= zeros >> 1, length++) {
        run.first = __builtin_ctz(zeros);
        run.end = run.first + length;
    }
    return run;
}

static char *put_v6(char *at, const struct ip_address *address)
{
    unsigned zeros = zero_groups(address->bytes);
    /* Only here may an IPv4 address stand at the end; too rare to be worth fast code. */
    if ((zeros & 0x1f) == 0x1f)
        return at + strlen(ip_format(address, at));
    struct zero_run run = longest_zero_run(zeros);
    if (run.end - run.first < 2)
        return put_groups(at, address->bytes, 0, 8);
    at = put_groups(at, address->bytes, 0, run.first);
    at = PUT(at, "::");
    return put_groups(at, address->bytes, run.end, 8);
}

char *put_ip(char *at, const struct ip_address *address)
{
    return address->version == 6 ? put_v6(at, address) : ip_v4_write(at, ip_to_v4(address));
}

char *put_reason(char *at, uint8_t flags)
{
    static const struct word low[16] = {
        WORD(""),        WORD("fin"),         WORD("syn"),         WORD("fin-syn"),
        WORD("rst"),     WORD("fin-rst"),     WORD("syn-rst"),     WORD("fin-syn-rst"),
        WORD("psh"),     WORD("fin-psh"),     WORD("syn-psh"),     WORD("fin-syn-psh"),
        WORD("rst-psh"), WORD("fin-rst-psh"), WORD("syn-rst-psh"), WORD("fin-syn-rst-psh"),
    };
    static const struct word high[16] = {
        WORD(""),        WORD("ack"),         WORD("urg"),         WORD("ack-urg"),
        WORD("ece"),     WORD("ack-ece"),     WORD("urg-ece"),     WORD("ack-urg-ece"),
        WORD("cwr"),     WORD("ack-cwr"),     WORD("urg-cwr"),     WORD("ack-urg-cwr"),
        WORD("ece-cwr"), WORD("ack-ece-cwr"), WORD("urg-ece-cwr"), WORD("ack-urg-ece-cwr"),
    };
    if (flags == 0)
        return PUT(at, "none");
    at = put_word(at, &low[flags & 15]);
    *at = '-';
    at += (flags & 15) != 0 && flags >> 4 != 0;
    return put_word(at, &high[flags >> 4]);
}

void time_text_set(struct time_text *last, uint64_t time)
{
    last->time = time;
    last->length = (uint32_t)(decimal_write(last->digits, time) - last->digits);
}
