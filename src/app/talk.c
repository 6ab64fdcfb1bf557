/* From the configuration to the conversations for banners. */
#include "app/talk.h"

#include <stdlib.h>
#include <string.h>

#include "banner/http_request.h"
#include "base/clock.h"

/* At once, of all workers: about 100 MiB while all are in their handshake. */
enum { TLS_SESSIONS = 1000 };

static const enum hello_policy policies[] = {
    [CONF_HELLO_PORT] = HELLO_BY_PORT, [CONF_HELLO_SSL] = HELLO_SSL, [CONF_HELLO_HTTP] = HELLO_HTTP,
    [CONF_HELLO_SMBV1] = HELLO_SMB,    [CONF_HELLO_ANY] = HELLO_ANY,
};

static struct http_settings http_of(const struct conf *conf)
{
    return (struct http_settings){
        .method = conf->http_method,
        .url = conf->http_url,
        .version = conf->http_version,
        .host = conf->http_host,
        .user_agent = conf->http_user_agent,
        .headers = (const char *const *)conf->http_headers.items,
        .header_count = conf->http_headers.count,
        .cookie = conf->http_cookie,
        .payload = conf->http_payload,
        .payload_length = conf->http_payload ? strlen(conf->http_payload) : 0,
    };
}

static struct hello_plan *plan_of(const struct conf *conf, struct error *err)
{
    struct hello_bytes *own = calloc(conf->port_hello_count + 1, sizeof *own);
    if (own == NULL) {
        error_set(err, "out of memory for what is said to servers");
        return NULL;
    }
    for (unsigned i = 0; i < conf->port_hello_count; i++) {
        const struct conf_port_hello *hello = &conf->port_hellos[i];
        own[i] = (struct hello_bytes){hello->port, hello->bytes, hello->length};
    }
    struct hello_plan *plan =
        hello_plan_new(policies[conf->hello], own, conf->port_hello_count, err);
    free(own);
    return plan;
}

static uint64_t ns_of(double seconds)
{
    return (uint64_t)(seconds * (double)NS_PER_SECOND);
}

/* Can the request be made, and does it find room? */
static int check_request(const struct grab_setup *setup, struct error *err)
{
    uint8_t room[BANNER_HELLO_MAX];
    struct banner_talk talk = {.setup = &setup->banner, .send = room, .send_room = sizeof room};
    if (http_request_check(&setup->banner.http, err) < 0)
        return -1;
    char longest[HOST_NAME_LONGEST + 1];
    memset(longest, 'a', sizeof longest - 1);
    longest[HOST_NAME_LONGEST] = '\0';
    talk.host_name = setup->names->count > 0 ? longest : NULL;
    if (!http_request_say(&setup->banner.http, &talk))
        return error_set(err,
                         "--http-...: the request would be longer than %d bytes; shorten its "
                         "parts",
                         BANNER_HELLO_MAX);
    return 0;
}

int talk_init(struct talk *talk, const struct conf *conf, struct error *err)
{
    *talk = (struct talk){.wanted = conf->banners};
    if (!talk->wanted)
        return 0;
    talk->plan = plan_of(conf, err);
    talk->setup = (struct grab_setup){
        .banner = {.http = http_of(conf), .html = conf->capture_html, .start_tls = true},
        .plan = talk->plan,
        .maximum_connections = conf->max_connections,
        .hello_wait_ns = ns_of(conf->hello_timeout_s),
        .lifetime_ns = ns_of(conf->connection_timeout_s),
        .maximum_tls = TLS_SESSIONS,
        .server_name = conf->tls_servername,
        .names = &conf->host_names,
        .certificates = conf->capture_cert,
        .tell_server_name = conf->capture_servername,
        .text_max = conf->banner_length,
        .ttl = (uint8_t)conf->ttl,
    };
    return talk->plan == NULL ? -1 : check_request(&talk->setup, err);
}

void talk_fini(struct talk *talk)
{
    hello_plan_free(talk->plan);
    *talk = (struct talk){0};
}

const struct grab_setup *talk_setup(const struct talk *talk)
{
    return talk->wanted ? &talk->setup : NULL;
}
