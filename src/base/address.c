/* IP and hardware addresses as values, and their text forms. */
#include "base/address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/hex.h"

struct ip_address ip_from_v4(uint32_t value)
{
    struct ip_address address = {.version = 4};
    for (int i = 0; i < 4; i++)
        address.bytes[i] = (uint8_t)(value >> (24 - 8 * i));
    return address;
}

uint32_t ip_to_v4(const struct ip_address *address)
{
    if (address->version != 4)
        return 0;
    const uint8_t *b = address->bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

struct ip_number ip_number_from(const struct ip_address *address)
{
    if (address->version != 6)
        return ip_number_v4(ip_to_v4(address));
    uint64_t words[2];
    memcpy(words, address->bytes, sizeof words);
    return (struct ip_number){be64toh(words[0]), be64toh(words[1])};
}

struct ip_address ip_from_number(struct ip_number number)
{
    if (ip_number_is_v4(number))
        return ip_from_v4((uint32_t)number.low);
    struct ip_address address = {.version = 6};
    const uint64_t words[2] = {htobe64(number.high), htobe64(number.low)};
    memcpy(address.bytes, words, sizeof words);
    return address;
}

bool ip_equal(const struct ip_address *a, const struct ip_address *b)
{
    return a->version == b->version && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool ip_parse(struct ip_address *address, const char *text, size_t length)
{
    char copy[IP_TEXT_SIZE];
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *address = (struct ip_address){0};
    if (inet_pton(AF_INET, copy, address->bytes) == 1)
        address->version = 4;
    else if (inet_pton(AF_INET6, copy, address->bytes) == 1)
        address->version = 6;
    return address->version != 0;
}

char *ip_format(const struct ip_address *address, char text[IP_TEXT_SIZE])
{
    int family = address->version == 6 ? AF_INET6 : AF_INET;
    inet_ntop(family, address->bytes, text, IP_TEXT_SIZE);
    return text;
}

char *ip_v4_write(char *at, uint32_t address)
{
    for (int shift = 24; shift > 0; shift -= 8)
        at = decimal_write_byte(at, (uint8_t)(address >> shift)) + 1; /* the dot is there already */
    return decimal_write_byte(at, (uint8_t)address);
}

enum { GROUPS = 8 };

/* A run of groups that are zero. */
struct zeros {
    int first, count;
};

/* The longest run of at least two, the first of those; a count of 0 if there is none. */
static struct zeros longest_zeros(const uint16_t groups[GROUPS])
{
    struct zeros longest = {GROUPS, 0}, run = {0, 0};
    for (int i = 0; i < GROUPS; i++) {
        run = groups[i] != 0 ? (struct zeros){i + 1, 0} : (struct zeros){run.first, run.count + 1};
        if (run.count > longest.count && run.count > 1)
            longest = run;
    }
    return longest;
}

static char *write_group(char *at, uint16_t group)
{
    static const char digits[] = "0123456789abcdef";
    for (int shift = 12; shift > 0; shift -= 4)
        if (group >> shift != 0)
            *at++ = digits[group >> shift & 15];
    *at++ = digits[group & 15];
    return at;
}

/* Does the C library write the last 32 bits in dotted decimal, as of old? ::a.b.c.d is an
 * "IPv4-compatible" address. */
static bool ends_dotted(struct zeros zeros, const uint16_t groups[GROUPS])
{
    return zeros.first == 0 && (zeros.count == 6 || (zeros.count == 5 && groups[5] == 0xffff));
}

static char *write_groups(char *at, const uint16_t groups[GROUPS])
{
    const struct zeros zeros = longest_zeros(groups);
    for (int i = 0; i < GROUPS; i++) {
        if (zeros.count > 0 && i == zeros.first) {
            *at++ = ':';
            i += zeros.count - 1;
            if (i == GROUPS - 1)
                *at++ = ':';
            continue;
        }
        if (i > 0)
            *at++ = ':';
        if (i == GROUPS - 2 && ends_dotted(zeros, groups))
            return ip_v4_write(at, (uint32_t)groups[i] << 16 | groups[i + 1]);
        at = write_group(at, groups[i]);
    }
    return at;
}

char *ip_number_write(char *at, struct ip_number number)
{
    uint16_t groups[GROUPS];
    if (ip_number_is_v4(number))
        return ip_v4_write(at, (uint32_t)number.low);
    for (int i = 0; i < GROUPS / 2; i++) {
        groups[i] = (uint16_t)(number.high >> (48 - 16 * i));
        groups[i + GROUPS / 2] = (uint16_t)(number.low >> (48 - 16 * i));
    }
    return write_groups(at, groups);
}

bool mac_parse(struct mac_address *mac, const char *text)
{
    for (int i = 0; i < 6; i++) {
        if (i > 0 && (*text == '-' || *text == ':'))
            text++;
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return false;
        mac->bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text == '\0';
}

bool mac_equal(const struct mac_address *a, const struct mac_address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

char *mac_format(const struct mac_address *mac, char text[MAC_TEXT_SIZE])
{
    const uint8_t *b = mac->bytes;
    snprintf(text, MAC_TEXT_SIZE, "%02x-%02x-%02x-%02x-%02x-%02x", b[0], b[1], b[2], b[3], b[4],
             b[5]);
    return text;
}
