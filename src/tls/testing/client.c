/* A session that keeps what it told, and its conversation with a server. */
#include "tls/testing/client.h"

#include <stdlib.h>
#include <string.h>

static void need(bool truth)
{
    if (!truth)
        abort();
}

static void keep(uint8_t *room, size_t size, size_t *length, const uint8_t *bytes, size_t count)
{
    need(count <= size - *length);
    memcpy(room + *length, bytes, count);
    *length += count;
}

static void take_sent(void *context, const uint8_t *bytes, size_t length)
{
    struct client *client = context;
    keep(client->sent, sizeof client->sent, &client->sent_length, bytes, length);
}

static void take_data(void *context, const uint8_t *bytes, size_t length)
{
    struct client *client = context;
    need(length > 0);
    keep(client->plain, sizeof client->plain, &client->plain_length, bytes, length);
}

/* Fields keep a NUL behind them. */
static void take_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    struct client *client = context;
    need(client->field_count < CLIENT_FIELDS_MAX && length > 0);
    need(app == APP_SSL || app == APP_X509 || app == APP_X509_CA);
    need(app != APP_SSL || length <= TLS_TEXT_MAX);
    client->fields[client->field_count++] =
        (struct client_field){.app = app, .length = length, .at = client->told_length};
    keep(client->told, sizeof client->told, &client->told_length, text, length);
    keep(client->told, sizeof client->told, &client->told_length, (const uint8_t *)"", 1);
}

bool client_open(struct client *client, struct tls_context *context, const char *server_name,
                 enum tls_offer offer)
{
    client->session = tls_open(context, server_name, offer);
    client->talk = (struct tls_talk){
        .context = client, .send = take_sent, .data = take_data, .field = take_field};
    client->tamper = NULL;
    client->last = TLS_MORE;
    client->established = 0;
    client->sent_length = client->plain_length = client->told_length = 0;
    client->field_count = 0;
    return client->session != NULL;
}

static void note(struct client *client, enum tls_step step)
{
    bool was_over = client->last >= TLS_CLOSED;
    need(!was_over || step == client->last);
    client->established += step == TLS_ESTABLISHED;
    client->last = step;
}

void client_start(struct client *client)
{
    note(client, tls_start(client->session, &client->talk));
}

/* From a place of their own, so that a read past their end is seen. */
void client_feed(struct client *client, const uint8_t *bytes, size_t length, size_t piece)
{
    uint32_t random = (uint32_t)length;
    for (size_t at = 0, part; at < length; at += part) {
        random = random * 1664525 + 1013904223; /* Numerical Recipes */
        part = piece ? piece : 1 + (random >> 16) % 300;
        part = part < length - at ? part : length - at;
        uint8_t *copy = malloc(part);
        need(copy);
        memcpy(copy, bytes + at, part);
        note(client, tls_feed(client->session, copy, part, &client->talk));
        free(copy);
    }
}

void client_converse(struct client *client, struct server *server, size_t piece)
{
    uint8_t bytes[16 << 10];
    size_t length = 0;
    do {
        server_take(server, client->sent, client->sent_length);
        client->sent_length = 0;
        length = server_drain(server, bytes, sizeof bytes);
        if (client->tamper != NULL)
            client->tamper(client->tamper_context, bytes, length);
        client_feed(client, bytes, length, piece);
    } while (length > 0 || client->sent_length > 0);
}

const char *client_text(struct client *client, uint16_t app, unsigned nth)
{
    for (unsigned i = 0; i < client->field_count; i++)
        if (client->fields[i].app == app && nth-- == 0)
            return (const char *)client->told + client->fields[i].at;
    return "";
}

void client_close(struct client *client)
{
    tls_close(client->session, NULL);
    client->session = NULL;
}
