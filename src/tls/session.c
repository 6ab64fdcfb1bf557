/* One conversation: OpenSSL's view of it, and what is made of it. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/base64.h"
#include "base/reader.h"
#include "tls/context.h"
#include "tls/heard.h"

enum { ALERT_NO_APPLICATION_PROTOCOL = 120 }; /* RFC 7301, 3.2 */

enum state { STATE_NEW, STATE_HANDSHAKE, STATE_OPEN, STATE_OVER };

struct tls_session {
    struct tls_context *context;
    SSL *ssl;
    const struct tls_talk *talk; /* of the call that is being made */
    struct reader input;         /* of that call: what OpenSSL has not taken yet */
    enum state state;
    enum tls_step last; /* when it is over */
    bool was_alerted;   /* the far end broke off */
    bool has_offered;   /* something to be spoken inside */
    uint32_t taken;     /* bytes of the far end */
    struct tls_heard heard;
    char server_name[]; /* that was asked for; "" for none */
};

/* --- How OpenSSL reaches a session --- */

static int wire_read(BIO *bio, char *bytes, size_t room, size_t *length)
{
    struct tls_session *session = BIO_get_data(bio);
    size_t left = reader_left(&session->input);
    BIO_clear_retry_flags(bio);
    *length = left < room ? left : room;
    if (left == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    memcpy(bytes, reader_bytes(&session->input, *length), *length);
    return 1;
}

static int wire_write(BIO *bio, const char *bytes, size_t length, size_t *written)
{
    struct tls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    session->talk->send(session->talk->context, (const uint8_t *)bytes, length);
    *written = length;
    return 1;
}

static long wire_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_wire_new(void)
{
    BIO_METHOD *wire = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "session");
    if (wire) {
        BIO_meth_set_read_ex(wire, wire_read);
        BIO_meth_set_write_ex(wire, wire_write);
        BIO_meth_set_ctrl(wire, wire_control);
    }
    return wire;
}

/* --- What is told --- */

static void tell(const struct tls_session *session, uint16_t app)
{
    struct buffer *text = &session->context->text;
    if (text->length > 0 && !text->failed)
        session->talk->field(session->talk->context, app, text->bytes, text->length);
    buffer_clear(text);
}

static void tell_certificate(void *context, unsigned number, const uint8_t *der, size_t length)
{
    const struct tls_session *session = context;
    base64_encode(&session->context->text, der, length);
    tell(session, number == 0 ? APP_X509 : APP_X509_CA);
}

static void tell_handshake(const struct tls_session *session, enum tls_outcome outcome)
{
    bool is_told = session->context->setup.capture_servername && session->server_name[0];
    const struct tls_ending ending = {.outcome = outcome,
                                      .agreed = tls_agreed(session),
                                      .asked_for = is_told ? session->server_name : NULL};
    tls_heard_write(&session->heard, &ending, &session->context->text);
    tell(session, APP_SSL);
}

static void hear_alert(struct tls_session *session, bool is_ours, const uint8_t *alert)
{
    struct tls_heard *heard = &session->heard;
    enum { FATAL = 2 };
    if (!is_ours) {
        heard->has_alert = true;
        heard->alert = alert[1];
    } else if (alert[0] == FATAL) {
        heard->has_our_alert = true;
        heard->our_alert = alert[1];
    }
}

static void hear_handshake(struct tls_session *session, const uint8_t *message, size_t length)
{
    tls_heard_handshake(&session->heard, message, length, session->context->library,
                        session->context->setup.capture_cert ? tell_certificate : NULL, session);
}

void tls_listen(int is_ours, int version, int content_type, const void *bytes, size_t length,
                SSL *ssl, void *argument)
{
    struct tls_session *session = argument;
    (void)version; /* what OpenSSL believes it to be so far */
    (void)ssl;
    if (content_type == SSL3_RT_ALERT && length == 2) {
        hear_alert(session, is_ours, bytes);
    } else if (content_type == SSL3_RT_HEADER && !is_ours && length >= 3) {
        struct reader r = reader_over(bytes, length);
        reader_skip(&r, 1);
        session->heard.record_version = reader_be16(&r);
    } else if (content_type == SSL3_RT_HANDSHAKE && !is_ours) {
        hear_handshake(session, bytes, length);
    }
}

/* --- Steps --- */

static enum tls_step end_with(struct tls_session *session, enum tls_step step)
{
    session->state = STATE_OVER;
    session->last = step;
    return step;
}

static enum tls_step end_handshake(struct tls_session *session, enum tls_outcome outcome,
                                   enum tls_step step)
{
    struct tls_counters *counters = &session->context->counters;
    counters->strangers += !tls_heard_any(&session->heard);
    tell_handshake(session, outcome);
    return end_with(session, step);
}

static enum tls_outcome outcome_of(const struct tls_session *session)
{
    if (session->was_alerted)
        return TLS_OUTCOME_ALERT;
    return session->heard.has_our_alert ? TLS_OUTCOME_REFUSED : TLS_OUTCOME_BROKEN;
}

static bool is_declined(const struct tls_session *session)
{
    return session->has_offered && session->was_alerted &&
           session->heard.alert == ALERT_NO_APPLICATION_PROTOCOL;
}

/* OpenSSL has given up. */
static enum tls_step fail(struct tls_session *session)
{
    const struct tls_heard *heard = &session->heard;
    session->was_alerted = heard->has_alert && !heard->has_our_alert;
    session->context->counters.alerted += session->was_alerted;
    if (session->state == STATE_HANDSHAKE && is_declined(session))
        return end_with(session, TLS_DECLINED);
    if (session->state == STATE_HANDSHAKE)
        return end_handshake(session, outcome_of(session), TLS_FAILED);
    if (session->was_alerted) {
        tls_heard_write_alert(heard, &session->context->text);
        tell(session, APP_SSL);
    }
    return end_with(session, TLS_FAILED);
}

static enum tls_step shake_hands(struct tls_session *session)
{
    int result = SSL_connect(session->ssl);
    if (result != 1)
        return SSL_get_error(session->ssl, result) == SSL_ERROR_WANT_READ ? TLS_MORE
                                                                          : fail(session);
    session->state = STATE_OPEN;
    session->context->counters.established++;
    tell_handshake(session, TLS_OUTCOME_COMPLETE);
    session->heard.has_alert = false; /* a warning of the handshake explains nothing later */
    tls_heard_fini(&session->heard);
    return TLS_ESTABLISHED;
}

static enum tls_step take_plain(struct tls_session *session)
{
    uint8_t *plain = session->context->plain;
    for (;;) {
        int length = SSL_read(session->ssl, plain, TLS_PLAIN_SIZE);
        if (length > 0) {
            session->talk->data(session->talk->context, plain, (size_t)length);
            continue;
        }
        switch (SSL_get_error(session->ssl, length)) {
        case SSL_ERROR_WANT_READ:
            return TLS_MORE;
        case SSL_ERROR_ZERO_RETURN:
            return end_with(session, TLS_CLOSED);
        default:
            return fail(session);
        }
    }
}

/* Lets OpenSSL take `input`, all of it unless the session ends. */
static enum tls_step turn(struct tls_session *session)
{
    enum tls_step step = TLS_MORE;
    if (session->state == STATE_HANDSHAKE)
        step = shake_hands(session);
    if (session->state != STATE_OPEN)
        return step;
    enum tls_step then = take_plain(session);
    return then == TLS_MORE ? step : then;
}

/* A call begins; between that and `leave` the error queue of the thread is OpenSSL's. */
static void enter(struct tls_session *session, const struct tls_talk *talk)
{
    session->talk = talk;
    session->input = (struct reader){0};
    ERR_clear_error();
}

static enum tls_step leave(struct tls_session *session, enum tls_step step)
{
    session->talk = NULL;
    session->input = (struct reader){0};
    ERR_clear_error();
    return step;
}

enum tls_step tls_start(struct tls_session *session, const struct tls_talk *talk)
{
    if (session->state != STATE_NEW)
        return session->state == STATE_OVER ? session->last : TLS_MORE;
    session->state = STATE_HANDSHAKE;
    enter(session, talk);
    return leave(session, turn(session));
}

/* The far end has said as much as it may. */
static enum tls_step break_off(struct tls_session *session)
{
    session->context->counters.too_long++;
    if (session->state == STATE_HANDSHAKE)
        return end_handshake(session, TLS_OUTCOME_TOO_LONG, TLS_FAILED);
    return end_with(session, TLS_FAILED);
}

/* Takes the first of these bytes, as many as may come before the next bound. */
static enum tls_step take_part(struct tls_session *session, struct reader *bytes)
{
    uint32_t bound = session->state == STATE_OPEN ? TLS_INPUT_MAX : TLS_HANDSHAKE_MAX;
    size_t part = bound - session->taken;
    if (part == 0)
        return break_off(session);
    if (part > reader_left(bytes))
        part = reader_left(bytes);
    session->taken += (uint32_t)part;
    session->input = reader_over(reader_bytes(bytes, part), part);
    return turn(session);
}

enum tls_step tls_feed(struct tls_session *session, const uint8_t *bytes, size_t length,
                       const struct tls_talk *talk)
{
    struct reader left = reader_over(bytes, length);
    enum tls_step step = TLS_MORE;
    if (session->state == STATE_OVER)
        return session->last;
    enter(session, talk);
    while (session->state != STATE_NEW && session->state != STATE_OVER && reader_left(&left) > 0) {
        enum tls_step then = take_part(session, &left);
        step = then == TLS_MORE ? step : then;
    }
    return leave(session, step);
}

enum tls_step tls_write(struct tls_session *session, const uint8_t *bytes, size_t length,
                        const struct tls_talk *talk)
{
    enum tls_step step = TLS_MORE;
    size_t written;
    if (session->state == STATE_OVER)
        return session->last;
    if (session->state != STATE_OPEN || length == 0)
        return TLS_MORE;
    enter(session, talk);
    if (!SSL_write_ex(session->ssl, bytes, length, &written))
        step = fail(session);
    return leave(session, step);
}

void tls_end(struct tls_session *session, const struct tls_talk *talk)
{
    if (session->state == STATE_OVER)
        return;
    enter(session, talk);
    if (session->state == STATE_HANDSHAKE)
        (void)end_handshake(session, TLS_OUTCOME_UNFINISHED, TLS_CLOSED);
    else
        (void)end_with(session, TLS_CLOSED);
    (void)leave(session, TLS_CLOSED);
}

/* --- Birth and death --- */

static bool offer_protocol(SSL *ssl, enum tls_offer offer)
{
    const char *name = tls_offer_name(offer);
    uint8_t wire[16] = {(uint8_t)strlen(name)}; /* a list of one */
    if (wire[0] == 0)
        return true;
    memcpy(wire + 1, name, wire[0]);
    return SSL_set_alpn_protos(ssl, wire, wire[0] + 1u) == 0;
}

static bool prepare(struct tls_session *session, enum tls_offer offer)
{
    SSL *ssl = session->ssl = SSL_new(session->context->ssl);
    BIO *wire = ssl ? BIO_new(session->context->wire) : NULL;
    if (!wire)
        return false;
    BIO_set_data(wire, session);
    BIO_set_init(wire, 1);
    SSL_set_bio(ssl, wire, wire); /* who owns it from here on */
    SSL_set_msg_callback_arg(ssl, session);
    return (!session->server_name[0] || SSL_set_tlsext_host_name(ssl, session->server_name)) &&
           offer_protocol(ssl, offer);
}

/* Frees all that the session owns. */
static void free_session(struct tls_session *session)
{
    SSL_free(session->ssl);
    tls_heard_fini(&session->heard);
    free(session);
}

static struct tls_session *new_session(struct tls_context *context, const char *server_name,
                                       enum tls_offer offer)
{
    size_t length = server_name ? strlen(server_name) : 0;
    if (length > TLS_SERVER_NAME_MAX)
        length = 0;
    struct tls_session *session = calloc(1, sizeof *session + length + 1);
    if (!session)
        return NULL;
    session->context = context;
    if (length > 0)
        memcpy(session->server_name, server_name, length);
    session->has_offered = offer != TLS_OFFER_NOTHING;
    tls_heard_init(&session->heard);
    ERR_clear_error();
    bool is_ready = prepare(session, offer);
    ERR_clear_error();
    if (is_ready)
        return session;
    free_session(session);
    return NULL;
}

struct tls_session *tls_open(struct tls_context *context, const char *server_name,
                             enum tls_offer offer)
{
    if (context->open == context->setup.maximum_sessions) {
        context->counters.full++;
        return NULL;
    }
    struct tls_session *session = new_session(context, server_name, offer);
    if (!session) {
        context->counters.no_memory++;
        return NULL;
    }
    context->open++;
    context->counters.opened++;
    return session;
}

void tls_close(struct tls_session *session, const struct tls_talk *talk)
{
    if (!session)
        return;
    if (talk && session->state == STATE_OPEN) {
        enter(session, talk);
        (void)SSL_shutdown(session->ssl);
        (void)leave(session, TLS_CLOSED);
    }
    session->context->open--;
    free_session(session);
}

/* --- Questions --- */

bool tls_spoken(const struct tls_session *session)
{
    return tls_heard_any(&session->heard);
}

enum tls_offer tls_agreed(const struct tls_session *session)
{
    const unsigned char *name;
    unsigned length;
    SSL_get0_alpn_selected(session->ssl, &name, &length);
    for (unsigned offer = TLS_OFFER_NOTHING + 1; offer < TLS_OFFERS; offer++) {
        const char *known = tls_offer_name(offer);
        if (length == strlen(known) && memcmp(name, known, length) == 0)
            return offer;
    }
    return TLS_OFFER_NOTHING;
}
