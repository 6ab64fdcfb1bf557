/* LDAP: the root entry, which a server shows without a login (RFC 4511, 4.5; RFC 4512, 5.1; vendor
 * attributes: RFC 3045). Lengths are BER's (X.690, 8.1.3). */
#include <string.h>

#include "banner/ber.h"
#include "banner/ldap.h"
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { ENTRY = 0x64, SEARCH_DONE = 0x65 };

enum { SHORTEST_ANSWER = 12 }; /* bytes by which what it is must be clear */

/* The number of the message that is answered. */
static const uint8_t first_message[] = {2, 1, 1};

/* A search with scope "base" at "", for any object, for five attributes. */
static const uint8_t search[] =
    "\x30\x73\x02\x01\x01\x63\x6e\x04\0\x0a\1\0\x0a\1\0\2\1\0\2\1\0\1\1\0"
    "\x87\x0bobjectClass\x30\x4e\x04\x0avendorName\x04\x0dvendorVersion"
    "\x04\x0b"
    "dnsHostName\x04\x14"
    "defaultNamingContext"
    "\x04\x0enamingContexts";

_Static_assert(sizeof search - 1 == 2 + 0x73, "as its length says");

/* The values of an attribute; "name=value" for each. */
static void read_attribute(struct reader *list, struct text *text)
{
    static const char *const kept[] = {"vendorName", "vendorVersion", "dnsHostName",
                                       "defaultNamingContext", "namingContexts"};
    struct reader attribute = ber_element(list, BER_SEQUENCE);
    struct reader name = ber_element(&attribute, BER_STRING);
    struct reader values = ber_element(&attribute, BER_SET);
    const char *known = NULL;
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!name.failed && text_is(name.at, reader_left(&name), kept[i]))
            known = kept[i];
    while (known && !values.failed && reader_left(&values) > 0) {
        struct reader value = ber_element(&values, BER_STRING);
        if (!value.failed)
            text_named_bytes(text, known, value.at, reader_left(&value));
    }
}

static void read_entry(struct reader *operation, struct text *text)
{
    (void)ber_element(operation, BER_STRING);
    struct reader list = ber_element(operation, BER_SEQUENCE);
    while (!list.failed && reader_left(&list) > 0)
        read_attribute(&list, text);
}

void ldap_read_operation(struct reader *message, struct text *text)
{
    uint8_t tag = message->failed || reader_left(message) == 0 ? 0 : *message->at;
    struct reader operation = ber_element(message, tag);
    if (tag == ENTRY) {
        text_string(text, "root entry");
        read_entry(&operation, text);
    } else if (tag == SEARCH_DONE) {
        reader_skip(&operation, 2);
        text_named_number(text, "result", reader_u8(&operation));
    }
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    struct reader message = ber_element(reader, BER_SEQUENCE);
    reader_skip(&message, sizeof first_message);
    ldap_read_operation(&message, &text);
    banner_tell(talk, APP_LDAP, text.bytes, text.length);
    return BANNER_DONE;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    struct reader reader = reader_over(bytes, length);
    if (reader_u8(&reader) != BER_SEQUENCE)
        return 0;
    size_t body = ber_length(&reader);
    if (reader.failed)
        return length < SHORTEST_ANSWER ? length + 1 : 0;
    return (size_t)(reader.at - bytes) + body;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, search, sizeof search - 1);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    struct reader reader = reader_over(bytes, length);
    if (length > 0 && bytes[0] != BER_SEQUENCE)
        return BANNER_NO;
    reader_skip(&reader, 1);
    (void)ber_length(&reader);
    const uint8_t *number = reader_bytes(&reader, sizeof first_message);
    uint8_t tag = reader_u8(&reader);
    if (reader.failed)
        return length < SHORTEST_ANSWER ? BANNER_MAYBE : BANNER_NO;
    bool is_first = memcmp(number, first_message, sizeof first_message) == 0;
    return is_first && (tag == ENTRY || tag == SEARCH_DONE) ? BANNER_YES : BANNER_NO;
}

const struct banner_ops banner_ldap = {
    .name = "ldap",
    .source = "RFC 4511, RFC 4512",
    .apps = {APP_LDAP},
    .ports = {389, 3268},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};
