/* What the far end has said of itself: ServerHello (RFC 8446, 4.1.3), Certificate (4.4.2; RFC 5246,
 * 7.4.2) and alerts, put into the words of the field `ssl`. */
#include "tls/heard.h"

#include "base/reader.h"
#include "tls/words.h"

enum {
    SERVER_HELLO = 2,
    CERTIFICATE = 11,
    RANDOM_SIZE = 32,
    SUPPORTED_VERSIONS = 43,
    TLS_1_3 = 0x304,
};

static const char *const offers[TLS_OFFERS] = {
    [TLS_OFFER_NOTHING] = "",
    [TLS_OFFER_HTTP_1_1] = "http/1.1",
    [TLS_OFFER_H2] = "h2",
};

const char *tls_offer_name(enum tls_offer offer)
{
    return offers[offer];
}

void tls_heard_init(struct tls_heard *heard)
{
    *heard = (struct tls_heard){0};
    tls_names_init(&heard->names);
}

void tls_heard_fini(struct tls_heard *heard)
{
    tls_names_fini(&heard->names);
}

/* TLS 1.3 stands in an extension; the field in front says 1.2 then. */
static uint16_t version_of(struct reader *extensions, uint16_t legacy)
{
    while (reader_left(extensions) > 0 && !extensions->failed) {
        uint16_t kind = reader_be16(extensions);
        uint16_t length = reader_be16(extensions);
        struct reader body = reader_over(extensions->at, reader_left(extensions));
        reader_limit(&body, length);
        if (kind == SUPPORTED_VERSIONS && length == 2) {
            uint16_t version = reader_be16(&body);
            return body.failed ? legacy : version;
        }
        reader_skip(extensions, length);
    }
    return legacy;
}

static void read_hello(struct tls_heard *heard, struct reader *r)
{
    uint16_t legacy = reader_be16(r);
    reader_skip(r, RANDOM_SIZE);
    reader_skip(r, reader_u8(r)); /* session id */
    uint16_t cipher = reader_be16(r);
    reader_skip(r, 1); /* compression */
    if (r->failed)
        return;
    reader_limit(r, reader_be16(r)); /* there may be no extensions */
    heard->version = version_of(r, legacy);
    heard->cipher = cipher;
}

static uint32_t read_be24(struct reader *r)
{
    uint32_t high = reader_u8(r);
    return high << 16 | reader_be16(r);
}

static void read_certificates(struct tls_heard *heard, struct reader *r, OSSL_LIB_CTX *library,
                              tls_certificate_fn *certificate, void *context)
{
    bool has_extensions = heard->version >= TLS_1_3;
    size_t room = TLS_CERTIFICATES_MAX;
    if (has_extensions)
        reader_skip(r, reader_u8(r)); /* context of the request */
    reader_limit(r, read_be24(r));
    for (unsigned number = 0; reader_left(r) > 0; number++) {
        uint32_t length = read_be24(r);
        const uint8_t *der = reader_bytes(r, length);
        if (has_extensions)
            reader_skip(r, reader_be16(r));
        if (r->failed)
            return;
        if (number == 0)
            tls_names_read(&heard->names, der, length, library);
        if (length > TLS_CERTIFICATE_MAX || length > room) {
            heard->certificates_left_out++;
            continue;
        }
        room -= length;
        if (certificate && length > 0)
            certificate(context, number, der, length);
    }
}

void tls_heard_handshake(struct tls_heard *heard, const uint8_t *message, size_t length,
                         OSSL_LIB_CTX *library, tls_certificate_fn *certificate, void *context)
{
    struct reader r = reader_over(message, length);
    uint8_t kind = reader_u8(&r);
    reader_limit(&r, read_be24(&r));
    if (kind == SERVER_HELLO) {
        read_hello(heard, &r);
    } else if (kind == CERTIFICATE && !heard->has_certificates) {
        heard->has_certificates = true;
        read_certificates(heard, &r, library, certificate, context);
    }
}

bool tls_heard_any(const struct tls_heard *heard)
{
    return heard->version != 0 || heard->has_alert;
}

/* Begins an item: a blank behind the version, a comma behind others. */
static void begin_item(struct buffer *text, bool *is_first)
{
    buffer_text(text, *is_first ? " " : ", ");
    *is_first = false;
}

static void write_count(struct buffer *text, bool *is_first, const char *what, uint32_t count)
{
    if (count == 0)
        return;
    begin_item(text, is_first);
    buffer_text(text, what);
    buffer_decimal(text, count);
}

static void write_word(struct buffer *text, bool *is_first, const char *what, const char *word)
{
    begin_item(text, is_first);
    buffer_text(text, what);
    buffer_text(text, word);
}

/* What the far end said last, if it was an alert, explains any other end than our own. */
static void write_outcome(const struct tls_heard *heard, enum tls_outcome outcome,
                          struct buffer *text, bool *is_first)
{
    if (outcome == TLS_OUTCOME_COMPLETE)
        return;
    begin_item(text, is_first);
    if (outcome == TLS_OUTCOME_TOO_LONG) {
        buffer_text(text, "refused:too_long");
    } else if (outcome == TLS_OUTCOME_BROKEN) {
        buffer_text(text, "broken");
    } else if (outcome == TLS_OUTCOME_REFUSED) {
        buffer_text(text, "refused:");
        tls_append_alert(text, heard->our_alert);
    } else if (heard->has_alert) {
        buffer_text(text, "alert:");
        tls_append_alert(text, heard->alert);
    } else {
        buffer_text(text, "unfinished");
    }
}

static void write_version(const struct tls_heard *heard, struct buffer *text)
{
    tls_append_version(text, heard->version ? heard->version : heard->record_version);
}

void tls_heard_write(const struct tls_heard *heard, const struct tls_ending *ending,
                     struct buffer *text)
{
    bool is_first = true;
    if (!tls_heard_any(heard))
        return;
    write_version(heard, text);
    if (heard->version) {
        begin_item(text, &is_first);
        buffer_printf(text, "cipher:0x%x", heard->cipher);
    }
    if (heard->names.text.length > 0) {
        begin_item(text, &is_first);
        buffer_append(text, heard->names.text.bytes, heard->names.text.length);
    }
    write_count(text, &is_first, "names-left-out:", heard->names.left_out);
    write_count(text, &is_first, "certificates-left-out:", heard->certificates_left_out);
    if (ending->agreed != TLS_OFFER_NOTHING)
        write_word(text, &is_first, "alpn:", tls_offer_name(ending->agreed));
    if (ending->asked_for)
        write_word(text, &is_first, "sni:", ending->asked_for);
    write_outcome(heard, ending->outcome, text, &is_first);
}

void tls_heard_write_alert(const struct tls_heard *heard, struct buffer *text)
{
    bool is_first = true;
    write_version(heard, text);
    write_outcome(heard, TLS_OUTCOME_ALERT, text, &is_first);
}
