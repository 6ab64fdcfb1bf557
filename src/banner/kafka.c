/* Apache Kafka: which requests a broker takes, in which versions: what tells brokers of different
 * age apart, for none says its own (Kafka protocol guide: ApiVersions, version 0). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { LENGTH = 4, HEADER = 8, API_BYTES = 6, APIS_MAX = 160, API_VERSIONS = 18 };

/* What is asked comes back: "scan". Other protocols have numbers of their own. */
static const uint8_t correlation[] = {'s', 'c', 'a', 'n'};

static const char *name_of(uint16_t api)
{
    static const char *const names[] = {
        [0] = "produce", [1] = "fetch",         [3] = "metadata",      [10] = "find-coordinator",
        [17] = "sasl",   [18] = "api-versions", [36] = "authenticate", [60] = "describe-cluster"};
    return api < sizeof names / sizeof *names ? names[api] : NULL;
}

static void add_range(struct text *text, const char *name, uint16_t low, uint16_t high)
{
    text_named_number(text, name, low);
    text_string(text, "-");
    text_number(text, high);
}

static void read_apis(struct reader *reader, struct text *text)
{
    uint32_t count = reader_be32(reader);
    if (reader->failed)
        return;
    text_named_number(text, "apis", count);
    for (unsigned i = 0; i < APIS_MAX && i < count; i++) {
        uint16_t api = reader_be16(reader), low = reader_be16(reader), high = reader_be16(reader);
        if (!reader->failed && name_of(api))
            add_range(text, name_of(api), low, high);
    }
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, HEADER);
    uint16_t error = reader_be16(reader);
    if (error != 0)
        text_named_number(&text, "error", error);
    read_apis(reader, &text);
    banner_tell(talk, APP_KAFKA, text.bytes, text.length);
    return BANNER_DONE;
}

/* What is asked comes back with the answer, which is below 64 KiB. */
static bool fits(const uint8_t *bytes, size_t length)
{
    for (size_t i = LENGTH; i < HEADER && i < length; i++)
        if (bytes[i] != correlation[i - LENGTH])
            return false;
    return (length < 1 || bytes[0] == 0) && (length < 2 || bytes[1] == 0);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 0, 4, LENGTH) : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t request[] = {0,   0, 0, 17,  0,   API_VERSIONS, 0,   0,   's', 'c', 'a',
                                      'n', 0, 7, 'm', 'a', 's',          's', 'c', 'a', 'n'};
    return banner_say(talk, request, sizeof request);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, HEADER, fits(bytes, length));
}

const struct banner_ops banner_kafka = {
    .name = "kafka",
    .source = "Kafka protocol guide: ApiVersions",
    .apps = {APP_KAFKA},
    .ports = {9092},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};
