/* The grepable format, in the shape of nmap's -oG: fields separated by tabs. */
#include <inttypes.h>
#include <time.h>

#include "output/escape.h"
#include "output/format.h"
#include "output/services.h"
#include "output/text_resume.h"
#include "output/writers.h"

struct grepable {
    struct time_text time;
    struct services services;
};

/* "Tue Nov 14 22:13:20 2023", UTC. */
static void append_time(struct buffer *out, uint64_t time)
{
    char text[64];
    time_t seconds = (time_t)time;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL && asctime_r(&parts, text) != NULL)
        buffer_append(out, text, strcspn(text, "\n"));
}

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    struct grepable *grepable = state;
    services_load(&grepable->services, SERVICES_PATH, PROTOCOLS_PATH);
    buffer_printf(out, "# Masscan %s scan initiated ", facts->version);
    append_time(out, facts->start_time);
    buffer_printf(out,
                  "\n# Ports scanned: TCP(%" PRIu32 ";%s) UDP(%" PRIu32 ";%s) SCTP(%" PRIu32 ";%s)"
                  " PROTOCOLS(%" PRIu32 ";%s)\n",
                  facts->tcp_ports, facts->tcp_text, facts->udp_ports, facts->udp_text,
                  facts->sctp_ports, facts->sctp_text, facts->ip_protocols,
                  facts->ip_protocol_text);
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_RECORD, "Timestamp: ", ""},
        {LINE_RECORD, "Host: ", ""},
        {LINE_HEADER_END, "# Ports scanned: ", ""},
        {LINE_TRAILER, "# Masscan done at ", ""},
        {LINE_HEADER, "# Masscan ", ""},
    };
    static const struct text_layout layout = {"grepable", forms, sizeof forms / sizeof *forms};
    struct grepable *grepable = state;
    (void)facts;
    int result = text_resume_offset(&layout, file, end, err);
    if (result == RESUME_BEHIND)
        services_load(&grepable->services, SERVICES_PATH, PROTOCOLS_PATH);
    return result;
}

/* "192.0.2.10 (www.example.org)" */
static char *put_host(char *at, const struct result *result)
{
    at = put_ip(at, &result->ip);
    at = PUT(at, " (");
    at = put_text(at, result->name != NULL ? result->name : "");
    return PUT(at, ")");
}

static char *put_status(char *at, struct grepable *grepable, const struct result *result)
{
    at = PUT(at, "Timestamp: ");
    at = put_time(at, &grepable->time, result->time);
    at = PUT(at, "\tHost: ");
    at = put_host(at, result);
    at = PUT(at, "\tPorts: ");
    at = decimal_write_u16(at, result->port);
    *at++ = '/';
    at = put_word(at, result_status_name(result->status));
    *at++ = '/';
    at = put_word(at, result_protocol_name(result->protocol));
    at = PUT(at, "//");
    at = put_text(at, services_name(&grepable->services, result->protocol, result->port));
    return PUT(at, "//\n");
}

static char *put_banner(char *at, const struct result *result)
{
    at = PUT(at, "Host: ");
    at = put_host(at, result);
    at = PUT(at, "\tPort: ");
    at = decimal_write_u16(at, result->port);
    at = PUT(at, "\tService: ");
    at = put_word(at, result_app_name(result->app));
    at = PUT(at, "\tBanner: ");
    at = escape_text(at, result->banner, result->banner_length);
    *at++ = '\n';
    return at;
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    at = result->kind == RESULT_BANNER ? put_banner(at, result) : put_status(at, state, result);
    record_commit(out, at);
}

static void close_document(void *state, struct buffer *out, uint64_t now)
{
    (void)state;
    buffer_text(out, "# Masscan done at ");
    append_time(out, now);
    buffer_char(out, '\n');
}

const struct writer_ops writer_grepable = {
    .name = "grepable",
    .aliases = "greppable",
    .help = "a line a record in the shape of nmap's -oG",
    .state_size = sizeof(struct grepable),
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};
