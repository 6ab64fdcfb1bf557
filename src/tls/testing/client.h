/* For tests: a session that keeps what it told, and its conversation with a server. */
#ifndef TLS_TESTING_CLIENT_H
#define TLS_TESTING_CLIENT_H

#include "tls/testing/server.h"
#include "tls/tls.h"

enum { CLIENT_ROOM = 512 << 10, CLIENT_FIELDS_MAX = 16 };

struct client_field {
    uint16_t app;
    size_t length, at; /* in `told` */
};

struct client {
    struct tls_session *session;
    struct tls_talk talk;
    void (*tamper)(void *context, uint8_t *bytes, size_t length); /* with what the server sends, in
                                                                     client_converse; may be NULL */
    void *tamper_context;
    enum tls_step last;
    unsigned established; /* how often it was said */
    size_t sent_length, plain_length, told_length;
    unsigned field_count;
    struct client_field fields[CLIENT_FIELDS_MAX];
    uint8_t sent[64 << 10]; /* that the server has not taken yet */
    uint8_t plain[CLIENT_ROOM];
    uint8_t told[CLIENT_ROOM];
};

/* Opens a session; false if there is none to be had. */
bool client_open(struct client *client, struct tls_context *context, const char *server_name,
                 enum tls_offer offer);
void client_start(struct client *client);

/* Feeds bytes in pieces of `piece`, or, if it is 0, in pieces of random lengths. */
void client_feed(struct client *client, const uint8_t *bytes, size_t length, size_t piece);

/* Carries bytes in both directions until neither has more to say. */
void client_converse(struct client *client, struct server *server, size_t piece);

/* The text of the nth field of its kind, with a NUL; "" if there is none. Valid until the next
 * call with the same client. */
const char *client_text(struct client *client, uint16_t app, unsigned nth);

void client_close(struct client *client);

#endif
