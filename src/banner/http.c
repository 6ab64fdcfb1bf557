/* HTTP: the head of the response, its Server field, the page's title and beginning.
 *
 * Source: RFC 9112 (4 status line, 5 fields, 6 body, 7.1 chunked), WHATWG HTML for the title. The
 * head is told as it came, but for the empty line at its end. A body goes through two filters, a
 * byte at a time: framing (Content-Length, chunks), then the search for the title. A body that is
 * compressed is not looked into; the head names how. JSON is searched for the version of Docker or
 * Kubernetes, whose programming interfaces are web servers; on their ports they are asked for it.
 */
#include <string.h>

#include "banner/http_request.h"
#include "banner/protocols.h"
#include "banner/text.h"
#include "banner/title.h"
#include "banner/version_api.h"
#include "base/reader.h"

enum part { HEAD, BODY };

/* Where a chunked body stands; 0 is a body that is not chunked. */
enum framing { PLAIN, CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END };

enum html { OUTSIDE, TAG, TITLE, TAG_IN_TITLE, TOLD };

enum {
    BODY_IS_OVER = 1 << 0,
    HAS_LENGTH = 1 << 1,
    IS_ENCODED = 1 << 2,
    TOLD_SERVER = 1 << 3,
    IS_NO_PAGE = 1 << 4,
    TOLD_HTML = 1 << 5,
    RETURN_IS_DUE = 1 << 6,
    HAS_HEAD = 1 << 7,
    IS_JSON = 1 << 8,
};

enum { LENGTH_MAX = 1 << 28 }; /* a chunk or body of more is as good as endless */

struct http {
    uint8_t part, framing, html, charset;
    uint16_t flags;
    uint32_t left; /* of the body or the chunk */
    struct {
        uint16_t length;
        uint8_t bytes[1534];
    } head;
    struct {
        uint16_t length;
        uint8_t bytes[254];
    } line, title; /* `line`: of the head; then the tag that is read */
    struct text page;
    struct version_api api;
};

_Static_assert(sizeof(struct http) <= BANNER_STATE_MAX, "a state has its maximum");
_Static_assert(sizeof(((struct http *)0)->title.bytes) <= TITLE_RAW_MAX, "so long a title decodes");

static bool has(const struct http *http, unsigned flag)
{
    return http->flags & flag;
}

static void set(struct http *http, unsigned flag)
{
    http->flags |= (uint16_t)flag;
}

/* ---- fields of the head ------------------------------------------------------------------------
 */

static void take_server(struct http *http, const uint8_t *value, size_t length,
                        const struct banner_talk *talk)
{
    if (!has(http, TOLD_SERVER))
        banner_tell(talk, APP_HTTP_SERVER, value, length);
    set(http, TOLD_SERVER);
}

static void take_type(struct http *http, const uint8_t *value, size_t length,
                      const struct banner_talk *talk)
{
    (void)talk;
    http->charset = (uint8_t)title_charset_of(value, length, (enum title_charset)http->charset);
    if (!text_contains(value, length, "html"))
        set(http, IS_NO_PAGE);
    if (text_contains(value, length, "json"))
        set(http, IS_JSON);
}

static void take_transfer(struct http *http, const uint8_t *value, size_t length,
                          const struct banner_talk *talk)
{
    (void)talk;
    if (text_contains(value, length, "chunked"))
        http->framing = CHUNK_SIZE;
    if (!text_is(value, length, "chunked") && !text_is(value, length, "identity"))
        set(http, IS_ENCODED);
}

static void take_encoding(struct http *http, const uint8_t *value, size_t length,
                          const struct banner_talk *talk)
{
    (void)talk;
    if (!text_is(value, length, "identity"))
        set(http, IS_ENCODED);
}

static void take_length(struct http *http, const uint8_t *value, size_t length,
                        const struct banner_talk *talk)
{
    (void)talk;
    http->left = 0;
    for (size_t i = 0; i < length && value[i] >= '0' && value[i] <= '9'; i++)
        if (http->left < LENGTH_MAX)
            http->left = http->left * 10 + value[i] - '0';
    set(http, HAS_LENGTH);
}

static void take_field(struct http *http, const struct banner_talk *talk)
{
    static const struct {
        const char *name;
        void (*take)(struct http *http, const uint8_t *value, size_t length,
                     const struct banner_talk *talk);
    } fields[] = {{"server:", take_server},
                  {"content-type:", take_type},
                  {"transfer-encoding:", take_transfer},
                  {"content-encoding:", take_encoding},
                  {"content-length:", take_length}};
    for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!text_begins(http->line.bytes, http->line.length, fields[i].name))
            continue;
        struct reader value = reader_over(http->line.bytes, http->line.length);
        for (const char *c = fields[i].name; *c; c++)
            reader_skip(&value, 1);
        while (reader_left(&value) > 0 && (*value.at == ' ' || *value.at == '\t'))
            reader_skip(&value, 1);
        while (reader_left(&value) > 0 && (value.end[-1] == ' ' || value.end[-1] == '\t'))
            value.end--;
        fields[i].take(http, value.at, reader_left(&value), talk);
    }
}

/* ---- the head -----------------------------------------------------------------------------------
 */

static void tell_head(const struct http *http, const struct banner_talk *talk)
{
    banner_tell(talk, APP_HTTP, http->head.bytes, http->head.length);
}

/* Whether the response is a provisional one, after which another comes (RFC 9110, 15.2). */
static bool is_provisional(const struct http *http)
{
    return http->head.length > 10 && http->head.bytes[9] == '1' && !has(http, HAS_HEAD);
}

static void head_is_over(struct http *http, const struct banner_talk *talk)
{
    if (is_provisional(http)) {
        set(http, HAS_HEAD); /* once: what follows is taken as it is */
        TEXT_PUT(&http->head, '\r');
        TEXT_PUT(&http->head, '\n');
        return;
    }
    tell_head(http, talk);
    http->part = BODY;
    if (http->framing == CHUNK_SIZE)
        http->left = 0;
    bool is_empty = http->framing == PLAIN && has(http, HAS_LENGTH) && http->left == 0;
    const char *method = talk->setup->http.method;
    if (is_empty || has(http, IS_ENCODED) || (method && strcmp(method, "HEAD") == 0))
        set(http, BODY_IS_OVER);
}

static void take_head(struct http *http, uint8_t byte, const struct banner_talk *talk)
{
    if (byte == '\n' && http->line.length == 0) {
        http->flags &= (uint16_t)~RETURN_IS_DUE;
        head_is_over(http, talk);
        return;
    }
    if (has(http, RETURN_IS_DUE))
        TEXT_PUT(&http->head, '\r');
    http->flags &= (uint16_t)~RETURN_IS_DUE;
    if (byte == '\r') {
        set(http, RETURN_IS_DUE);
        return;
    }
    TEXT_PUT(&http->head, byte);
    if (byte != '\n') {
        TEXT_PUT(&http->line, byte);
        return;
    }
    take_field(http, talk);
    http->line.length = 0;
}

/* ---- the page -----------------------------------------------------------------------------------
 */

static void tell_title(const struct http *http, const struct banner_talk *talk, bool is_cut)
{
    uint8_t text[TITLE_MAX];
    is_cut |= http->title.length == sizeof http->title.bytes;
    size_t length = title_decode(text, http->title.bytes, http->title.length,
                                 (enum title_charset)http->charset, is_cut);
    banner_tell(talk, APP_TITLE, text, length);
}

static bool tag_is(const struct http *http, const char *name)
{
    const uint8_t *bytes = http->line.bytes;
    uint16_t length = 0;
    while (length < http->line.length && bytes[length] > ' ')
        length++;
    return text_is(bytes, length, name);
}

/* A tag is whole. */
static void take_tag(struct http *http, const struct banner_talk *talk)
{
    bool is_inside = http->html == TAG_IN_TITLE;
    http->html = is_inside ? TITLE : OUTSIDE;
    if (is_inside && tag_is(http, "/title")) {
        tell_title(http, talk, false);
        http->html = TOLD;
    } else if (!is_inside && tag_is(http, "title")) {
        http->html = TITLE;
    } else if (tag_is(http, "meta") && http->charset == TITLE_UNDECLARED) {
        http->charset =
            (uint8_t)title_charset_of(http->line.bytes, http->line.length, TITLE_UNDECLARED);
    }
}

static void take_html(struct http *http, uint8_t byte, const struct banner_talk *talk)
{
    bool is_in_tag = http->html == TAG || http->html == TAG_IN_TITLE;
    if (is_in_tag && byte == '>') {
        take_tag(http, talk);
    } else if (is_in_tag) {
        TEXT_PUT(&http->line, byte);
    } else if (byte == '<' && http->html != TOLD) {
        http->line.length = 0;
        http->html = http->html == TITLE ? TAG_IN_TITLE : TAG;
    } else if (http->html == TITLE) {
        TEXT_PUT(&http->title, byte);
    }
}

static void tell_page(struct http *http, const struct banner_talk *talk)
{
    if (talk->setup->html && !has(http, TOLD_HTML))
        banner_tell(talk, APP_HTML, http->page.bytes, http->page.length);
    set(http, TOLD_HTML);
}

static void take_page(struct http *http, uint8_t byte, const struct banner_talk *talk)
{
    TEXT_PUT(&http->page, byte);
    if (http->page.length == sizeof http->page.bytes)
        tell_page(http, talk);
    if (has(http, IS_JSON))
        version_api_take(&http->api, byte);
    if (!has(http, IS_NO_PAGE))
        take_html(http, byte, talk);
}

/* ---- the body -----------------------------------------------------------------------------------
 */

/* A digit of a chunk's size, or what stands behind it. */
static void take_chunk_size(struct http *http, uint8_t byte)
{
    unsigned lower = byte | 0x20u;
    bool is_digit = byte >= '0' && byte <= '9';
    if ((is_digit || (lower >= 'a' && lower <= 'f')) && http->framing == CHUNK_SIZE) {
        if (http->left < LENGTH_MAX)
            http->left = http->left * 16 + (is_digit ? byte - '0' : (int)lower - 'a' + 10);
        return;
    }
    http->framing = CHUNK_EXTENSION;
    if (byte != '\n')
        return;
    http->framing = CHUNK_DATA;
    if (http->left == 0) /* the last one; trailers do not matter */
        set(http, BODY_IS_OVER);
}

static void take_body(struct http *http, uint8_t byte, const struct banner_talk *talk)
{
    switch (http->framing) {
    case CHUNK_SIZE:
    case CHUNK_EXTENSION:
        take_chunk_size(http, byte);
        return;
    case CHUNK_END: /* CR LF behind the data */
        if (byte == '\n')
            http->framing = CHUNK_SIZE;
        return;
    case CHUNK_DATA:
        take_page(http, byte, talk);
        if (--http->left == 0)
            http->framing = CHUNK_END;
        return;
    default:
        take_page(http, byte, talk);
        if (has(http, HAS_LENGTH) && --http->left == 0)
            set(http, BODY_IS_OVER);
    }
}

static bool is_done(const struct http *http, const struct banner_talk *talk)
{
    if (http->part == HEAD)
        return false;
    bool has_title = has(http, IS_NO_PAGE) || http->html == TOLD;
    bool has_page = !talk->setup->html || has(http, TOLD_HTML);
    bool has_version = !has(http, IS_JSON) || version_api_is_over(&http->api);
    return has(http, BODY_IS_OVER) || (has_title && has_page && has_version);
}

/* ---- the contract -------------------------------------------------------------------------------
 */

static void end(void *state, struct banner_talk *talk)
{
    struct http *http = state;
    if (http->part == HEAD) {
        tell_head(http, talk);
        return;
    }
    if (http->html == TITLE || http->html == TAG_IN_TITLE)
        tell_title(http, talk, true);
    tell_page(http, talk);
    version_api_tell(&http->api, talk);
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct http *http = state;
    for (size_t i = 0; i < length; i++) {
        if (http->part == HEAD)
            take_head(http, bytes[i], talk);
        else
            take_body(http, bytes[i], talk);
        if (is_done(http, talk)) {
            end(http, talk);
            return BANNER_DONE;
        }
    }
    return BANNER_MORE;
}

static bool hello(struct banner_talk *talk)
{
    return http_request_say(&talk->setup->http, talk);
}

/* As the user wants it, but for the path, if none is asked for. */
static bool hello_for_version(struct banner_talk *talk)
{
    struct http_settings settings = talk->setup->http;
    if (!settings.url)
        settings.url = "/version";
    return http_request_say(&settings, talk);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "HTTP/");
}

const struct banner_ops banner_http = {
    .name = "http",
    .source = "RFC 9110, RFC 9112, WHATWG HTML",
    .apps = {APP_HTTP, APP_HTTP_SERVER, APP_TITLE, APP_HTML, APP_DOCKER, APP_KUBERNETES},
    .ports = {80, 8080, 8000, 8530},
    .state_size = sizeof(struct http),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};

/* These are HTTP with another question; the TLS that is usual on most of their ports is put in
 * front by who talks to them. Kubernetes: of the server, and of the kubelet of a node. */
const struct banner_ops banner_docker = {
    .name = "docker",
    .source = "Docker Engine API: SystemVersion",
    .apps = {APP_DOCKER, APP_HTTP, APP_HTTP_SERVER, APP_TITLE, APP_HTML, APP_KUBERNETES},
    .ports = {2375, 2376},
    .state_size = sizeof(struct http),
    .only_if_asked = true,
    .match = match,
    .hello = hello_for_version,
    .feed = feed,
    .end = end,
};

const struct banner_ops banner_kubernetes = {
    .name = "kubernetes",
    .source = "Kubernetes API: version.Info",
    .apps = {APP_KUBERNETES, APP_HTTP, APP_HTTP_SERVER, APP_TITLE, APP_HTML, APP_DOCKER},
    .ports = {6443, 10250},
    .state_size = sizeof(struct http),
    .only_if_asked = true,
    .match = match,
    .hello = hello_for_version,
    .feed = feed,
    .end = end,
};
