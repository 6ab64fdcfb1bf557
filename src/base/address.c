/* IP and hardware addresses as values, and their text forms. */
#include "base/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

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

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
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
