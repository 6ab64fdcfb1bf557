/* Fuzzes the address parsers: any text is accepted or refused, and what is accepted comes back. */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "fuzz_target.h"

static void ip_comes_back(const char *text, size_t length)
{
    struct ip_address address, again;
    char formatted[IP_TEXT_SIZE];
    if (!ip_parse(&address, text, length))
        return;
    ip_format(&address, formatted);
    check(ip_parse(&again, formatted, strlen(formatted)) && ip_equal(&address, &again));
}

static void mac_comes_back(const char *text)
{
    struct mac_address mac, again;
    char formatted[MAC_TEXT_SIZE];
    if (!mac_parse(&mac, text))
        return;
    mac_format(&mac, formatted);
    check(mac_parse(&again, formatted) && memcmp(&mac, &again, sizeof mac) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    /* exactly as long as the text, so that one byte read too far is seen */
    char *text = malloc(length + 1);
    if (text == NULL)
        return 0;
    memcpy(text, bytes, length);
    text[length] = '\0';
    ip_comes_back(text, length);
    mac_comes_back(text);
    free(text);
    return 0;
}
