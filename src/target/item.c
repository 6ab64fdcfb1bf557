/* One item of target text: kinds of bytes, and IPv6. */
#include "target/item.h"

#include "target/address_set.h"

enum {
    GROUPS = 8,
    GROUP_BITS = 16,
    GROUP_DIGITS = 4,
    NO_GAP = -1,
    ZONE_MOST = ADDRESS_ZONE_SIZE - 1,
};

const uint8_t item_byte_kinds[256] = {
    [' '] = BLANK,     ['\t'] = BLANK,    [','] = BLANK,    ['\v'] = BLANK,   ['\f'] = BLANK,
    ['\n'] = LINE_END, ['\r'] = LINE_END, ['#'] = ITEM_END, [';'] = ITEM_END, ['\0'] = ITEM_END,
};

/* The values of hexadecimal digits, and one more; 0 is no digit. */
static const uint8_t hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static unsigned hex_at(const char *at)
{
    return hex_values[(unsigned char)*at];
}

/* One to four hexadecimal digits. */
static const char *scan_group(const char *at, unsigned *group)
{
    unsigned value = 0, digit;
    const char *begin = at;
    for (; (digit = hex_at(at)) != 0; at++) {
        if (at - begin == GROUP_DIGITS)
            return NULL;
        value = value << 4 | (digit - 1);
    }
    *group = value;
    return at > begin ? at : NULL;
}

/* Puts zeros where "::" stood, behind the first `gap` of the groups; false if they are too many, or
 * too few and there is no "::". */
static bool fill_gap(uint128 value, int groups, int gap, uint128 *address)
{
    *address = value;
    if (gap == NO_GAP)
        return groups == GROUPS;
    if (groups >= GROUPS)
        return false;
    if (gap > 0) {
        int behind = GROUP_BITS * (groups - gap);
        uint128 front = value >> behind;
        *address = front << GROUP_BITS * (GROUPS - gap) | (value & (((uint128)1 << behind) - 1));
    }
    return true;
}

const char *scan_ipv6(const char *at, uint128 *address)
{
    uint128 value = 0;
    int groups = 0, gap = NO_GAP;
    bool ended = false;
    if (at[0] == ':' && at[1] == ':') {
        at += 2;
        gap = 0;
        ended = hex_at(at) == 0;
    }
    while (!ended) {
        unsigned group;
        uint32_t v4;
        const char *end = scan_group(at, &group);
        ended = end != NULL && *end == '.'; /* the last 32 bits in dotted decimal */
        if (ended)
            end = scan_ipv4(at, &v4);
        if (end == NULL || groups == GROUPS)
            return NULL;
        value = ended ? value << 2 * GROUP_BITS | v4 : value << GROUP_BITS | group;
        groups += ended ? 2 : 1;
        at = end;
        if (ended || *at != ':')
            break;
        if (*++at == ':') {
            if (gap != NO_GAP)
                return NULL;
            gap = groups;
            ended = hex_at(++at) == 0;
        }
    }
    return fill_gap(value, groups, gap, address) ? at : NULL;
}

/* One end of a range. */
struct ipv6_end {
    uint128 address;
    const char *zone;
    size_t zone_length;
    bool open; /* its bracket is not closed: the whole item's then */
};

static const char *scan_bracketed(const char *at, struct ipv6_end *end);

/* May a name of an interface go on with this byte? Some have a hyphen in them; in front of another
 * address it stands between the ends of a range. */
static bool is_zone_byte(const char *at)
{
    struct ipv6_end other;
    if (kind_of(*at) != ORDINARY || *at == '/' || *at == ']' || *at == '%')
        return false;
    return *at != '-' || scan_bracketed(at + 1, &other) == NULL;
}

static const char *scan_zone(const char *at, struct ipv6_end *end)
{
    end->zone = at;
    while (at - end->zone <= ZONE_MOST && is_zone_byte(at))
        at++;
    end->zone_length = (size_t)(at - end->zone);
    return end->zone_length > 0 && end->zone_length <= ZONE_MOST ? at : NULL;
}

/* An address, perhaps in brackets. */
static const char *scan_bracketed(const char *at, struct ipv6_end *end)
{
    *end = (struct ipv6_end){.open = *at == '['};
    at = scan_ipv6(at + end->open, &end->address);
    if (at != NULL && end->open && *at == ']') {
        end->open = false;
        at++;
    }
    return at;
}

/* An address, its interface, and brackets around both. */
static const char *scan_end(const char *at, struct ipv6_end *end)
{
    at = scan_bracketed(at, end);
    if (at == NULL || *at != '%')
        return at;
    at = scan_zone(at + 1, end);
    if (at != NULL && end->open && *at == ']') {
        end->open = false;
        at++;
    }
    return at;
}

static struct range6 cidr_block_ipv6(uint128 address, uint32_t prefix)
{
    uint128 host_bits = prefix == 0 ? UINT128_MAX : ((uint128)1 << (128 - prefix)) - 1;
    return (struct range6){address & ~host_bits, address | host_bits};
}

static bool is_link_local(uint128 address)
{
    return address >> (128 - 10) == 0xfe80 >> 6;
}

static enum item check_zones(const struct ipv6_end *first, const struct ipv6_end *last,
                             struct ipv6_item *item)
{
    const struct ipv6_end *named = first->zone != NULL ? first : last;
    item->zone = named->zone;
    item->zone_length = named->zone_length;
    if (item->zone == NULL)
        return ITEM_FINE;
    if (!is_link_local(item->range.first) || !is_link_local(item->range.last))
        return ITEM_ZONE_NOT_LOCAL;
    bool differ =
        last->zone != NULL && (last->zone_length != named->zone_length ||
                               __builtin_memcmp(last->zone, named->zone, named->zone_length) != 0);
    return differ ? ITEM_OTHER_ZONE : ITEM_FINE;
}

/* Checks what the text says. */
static enum item make_item(struct ipv6_item *item, const struct ipv6_end *first,
                           const struct ipv6_end *last, uint32_t prefix)
{
    item->range = (struct range6){first->address, last->address};
    if (prefix > 128)
        return ITEM_BAD_PREFIX_IPV6;
    if (last->address < first->address)
        return ITEM_REVERSED;
    if (prefix < 128)
        item->range = cidr_block_ipv6(first->address, prefix);
    if (ip_number_is_v4(ip_number_of(item->range.first)) &&
        ip_number_is_v4(ip_number_of(item->range.last)))
        return ITEM_V4_IN_V6;
    return check_zones(first, last, item);
}

enum item scan_item_ipv6(const char **at, struct ipv6_item *item)
{
    struct ipv6_end first, last;
    uint32_t prefix = 128;
    const char *end = scan_end(*at, &first);
    if (end == NULL)
        return ITEM_MALFORMED;
    last = first;
    last.open = false;
    if (*end == '-')
        end = scan_end(end + 1, &last);
    else if (*end == '/')
        end = scan_digits(end + 1, &prefix);
    if (end != NULL && first.open)
        end = *end == ']' ? end + 1 : NULL;
    if (end == NULL || last.open || kind_of(*end) == ORDINARY)
        return ITEM_MALFORMED;
    enum item fine = make_item(item, &first, &last, prefix);
    if (fine == ITEM_FINE)
        *at = end;
    return fine;
}
