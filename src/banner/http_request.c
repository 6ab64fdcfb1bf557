/* The request that web servers are asked with (RFC 9112, 3; RFC 9110, 5 and 7.2). */
#include "banner/http_request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/decimal.h"

static const char *or_else(const char *value, const char *otherwise)
{
    return value ? value : otherwise;
}

/* A part of a request: what must not be in it. */
static int check_part(const char *part, const char *value, const char *forbidden, struct error *err)
{
    if (!value || value[strcspn(value, forbidden)] == '\0')
        return 0;
    return error_set(err, "the HTTP %s \"%s\" holds %s; want it without", part, value,
                     strpbrk(value, "\r\n") ? "a line end" : "a blank");
}

static int check_header(const char *header, struct error *err)
{
    size_t name = strcspn(header, ": \t");
    if (name == 0 || header[name] != ':')
        return error_set(err, "the HTTP header \"%s\" has no name; want \"Name: value\"", header);
    return check_part("header", header, "\r\n", err);
}

int http_request_check(const struct http_settings *settings, struct error *err)
{
    const struct {
        const char *part, *value, *forbidden;
    } parts[] = {
        {"method", settings->method, " \t\r\n"},      {"URL", settings->url, " \t\r\n"},
        {"version", settings->version, " \t\r\n"},    {"host", settings->host, " \t\r\n"},
        {"user agent", settings->user_agent, "\r\n"}, {"cookie", settings->cookie, "\r\n"},
    };
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        if (check_part(parts[i].part, parts[i].value, parts[i].forbidden, err) < 0)
            return -1;
    for (unsigned i = 0; i < settings->header_count; i++)
        if (check_header(settings->headers[i], err) < 0)
            return -1;
    return 0;
}

/* Is there a further field of this name, which then takes the place of ours? */
static bool is_replaced(const struct http_settings *settings, const char *name)
{
    size_t length = strlen(name);
    for (unsigned i = 0; i < settings->header_count; i++)
        if (strncasecmp(settings->headers[i], name, length) == 0 &&
            settings->headers[i][length] == ':')
            return true;
    return false;
}

/* "name: value" and the line's end; nothing without a value. */
static bool say_field(const struct http_settings *settings, struct banner_talk *talk,
                      const char *name, const char *value)
{
    if (!value || is_replaced(settings, name))
        return true;
    return banner_say_text(talk, name) && banner_say_text(talk, ": ") &&
           banner_say_text(talk, value) && banner_say_text(talk, "\r\n");
}

/* An address of IPv6 stands in brackets there (RFC 3986, 3.2.2). */
static bool say_host(const struct http_settings *settings, struct banner_talk *talk)
{
    struct ip_address ip;
    char bracketed[IP_TEXT_SIZE + 2];
    const char *host = or_else(settings->host, talk->host_name);
    if (host && ip_parse(&ip, host, strlen(host)) && ip.version == 6) {
        char text[IP_TEXT_SIZE];
        snprintf(bracketed, sizeof bracketed, "[%s]", ip_format(&ip, text));
        host = bracketed;
    }
    return say_field(settings, talk, "Host", host);
}

static bool say_first_line(const struct http_settings *settings, struct banner_talk *talk)
{
    return banner_say_text(talk, or_else(settings->method, "GET")) && banner_say_text(talk, " ") &&
           banner_say_text(talk, or_else(settings->url, "/")) && banner_say_text(talk, " ") &&
           banner_say_text(talk, or_else(settings->version, "HTTP/1.0")) &&
           banner_say_text(talk, "\r\n");
}

static bool say_fields(const struct http_settings *settings, struct banner_talk *talk)
{
    const char *user_agent = or_else(settings->user_agent, "masscan/1.3");
    bool said = say_host(settings, talk) && say_field(settings, talk, "User-Agent", user_agent) &&
                say_field(settings, talk, "Accept", "*/*") &&
                say_field(settings, talk, "Cookie", settings->cookie);
    for (unsigned i = 0; said && i < settings->header_count; i++)
        said = banner_say_text(talk, settings->headers[i]) && banner_say_text(talk, "\r\n");
    return said;
}

static bool say_payload(const struct http_settings *settings, struct banner_talk *talk)
{
    if (settings->payload_length == 0)
        return banner_say_text(talk, "\r\n");
    char length[DECIMAL_DIGITS_MAX + 1];
    *decimal_write(length, settings->payload_length) = '\0';
    return say_field(settings, talk, "Content-Length", length) && banner_say_text(talk, "\r\n") &&
           banner_say(talk, settings->payload, settings->payload_length);
}

bool http_request_say(const struct http_settings *settings, struct banner_talk *talk)
{
    size_t before = talk->sent;
    if (say_first_line(settings, talk) && say_fields(settings, talk) && say_payload(settings, talk))
        return true;
    talk->sent = before;
    return false;
}
