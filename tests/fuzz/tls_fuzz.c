/* What a server may send in TLS: a session takes any bytes in any pieces, and what is read of its
 * messages is bounded.
 *
 * The first byte chooses between a session, whose pieces the second one cuts, and a handshake
 * message by itself, which no handshake need have reached. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_target.h"
#include "tls/heard.h"
#include "tls/tls.h"

struct told {
    size_t fields, text;
};

static void take_sent(void *context, const uint8_t *bytes, size_t length)
{
    (void)context;
    volatile uint8_t last = length > 0 ? bytes[length - 1] : 0;
    (void)last;
}

static void take_data(void *context, const uint8_t *bytes, size_t length)
{
    take_sent(context, bytes, length);
}

static void take_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    struct told *told = context;
    check(app == APP_SSL || app == APP_X509 || app == APP_X509_CA);
    check(length > 0 && (app != APP_SSL || length <= TLS_TEXT_MAX));
    told->fields++;
    told->text += length;
    take_sent(context, text, length);
}

static void feed_session(const uint8_t *data, size_t size, size_t piece)
{
    const struct tls_setup setup = {.maximum_sessions = 1, .capture_cert = true};
    static struct tls_context *context; /* costly to make, and nothing of a session stays in it */
    struct error err;
    struct told told = {0};
    const struct tls_talk talk = {&told, take_sent, take_data, take_field};
    if (context == NULL)
        context = tls_new(&setup, &err);
    struct tls_session *session = tls_open(context, NULL, TLS_OFFER_NOTHING);
    check(session != NULL);
    tls_start(session, &talk);
    for (size_t at = 0, part; at < size; at += part) {
        part = piece < size - at ? piece : size - at;
        uint8_t *copy = malloc(part);
        memcpy(copy, data + at, part);
        tls_feed(session, copy, part, &talk);
        free(copy);
    }
    tls_end(session, &talk);
    check(told.fields == 0 || tls_spoken(session) || told.text > 0);
    tls_close(session, NULL);
    check(tls_sessions(context) == 0);
}

static void take_certificate(void *context, unsigned number, const uint8_t *der, size_t length)
{
    size_t *total = context;
    (void)number;
    check(length > 0 && length <= TLS_CERTIFICATE_MAX);
    *total += length;
    take_sent(NULL, der, length);
}

static void read_messages(const uint8_t *data, size_t size)
{
    struct tls_heard heard;
    struct buffer text;
    size_t certificates = 0;
    const struct tls_ending ending = {.outcome = TLS_OUTCOME_UNFINISHED};
    tls_heard_init(&heard);
    buffer_init(&text, TLS_TEXT_MAX);
    for (unsigned i = 0; i < 2; i++) /* the second with the version that the first one told */
        tls_heard_handshake(&heard, data, size, NULL, take_certificate, &certificates);
    tls_heard_write(&heard, &ending, &text);
    check(certificates <= TLS_CERTIFICATES_MAX && !text.failed);
    buffer_fini(&text);
    tls_heard_fini(&heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    check(tls_looks_like(data + 2, size - 2) != TLS_MAYBE || size - 2 < TLS_LOOK_MAX);
    if (data[0] % 2)
        read_messages(data + 2, size - 2);
    else
        feed_session(data + 2, size - 2, 1u + data[1]);
    return 0;
}
