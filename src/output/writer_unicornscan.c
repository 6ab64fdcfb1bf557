/* The format of unicornscan: a line a port, no banners. */
#include <ctype.h>

#include "output/format.h"
#include "output/services.h"
#include "output/text_resume.h"
#include "output/writers.h"

struct unicornscan {
    struct services services;
};

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    struct unicornscan *unicornscan = state;
    (void)facts;
    services_load(&unicornscan->services, SERVICES_PATH, PROTOCOLS_PATH);
    buffer_text(out, "#masscan\n");
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_HEADER_END, "#masscan", NULL}, {LINE_TRAILER, "# end", NULL},
        {LINE_RECORD, "TCP ", ""},           {LINE_RECORD, "UDP ", ""},
        {LINE_RECORD, "SCTP ", ""},          {LINE_RECORD, "ICMP ", ""},
        {LINE_RECORD, "ARP ", ""},           {LINE_RECORD, "IP ", ""},
        {LINE_RECORD, "Host: ", ""}, /* what the existing tool writes for all but TCP */
    };
    static const struct text_layout layout = {"unicornscan", forms, sizeof forms / sizeof *forms};
    struct unicornscan *unicornscan = state;
    (void)facts;
    int result = text_resume_offset(&layout, file, end, err);
    if (result == RESUME_BEHIND)
        services_load(&unicornscan->services, SERVICES_PATH, PROTOCOLS_PATH);
    return result;
}

static char *put_upper(char *at, const char *text)
{
    for (; *text != '\0'; text++)
        *at++ = (char)toupper((unsigned char)*text);
    return at;
}

/* Fills with spaces from the right end of `length` bytes up to `width`. */
static char *put_spaces(char *at, size_t length, size_t width)
{
    for (; length < width; length++)
        *at++ = ' ';
    return at;
}

/* "%16s[%5u]" */
static char *put_service(char *at, const char *name, uint16_t port)
{
    char digits[DECIMAL_U16_ROOM];
    size_t count = (size_t)(decimal_write_u16(digits, port) - digits);
    at = put_spaces(at, strlen(name), 16);
    at = put_text(at, name);
    *at++ = '[';
    at = put_spaces(at, count, 5);
    at = put_bytes(at, digits, count);
    *at++ = ']';
    return at;
}

/* "TCP open\t            http[   80]\t\tfrom 192.0.2.10  ttl 57 " */
static void record(void *state, struct buffer *out, const struct result *result)
{
    const struct unicornscan *unicornscan = state;
    char *at = result->kind == RESULT_BANNER ? NULL : record_begin(out, result);
    if (at == NULL)
        return;
    at = put_upper(at, result_protocol_name(result->protocol)->text);
    *at++ = ' ';
    at = put_word(at, result_status_name(result->status));
    *at++ = '\t';
    const char *name = services_name(&unicornscan->services, result->protocol, result->port);
    at = put_service(at, name, result->port);
    at = PUT(at, "\t\tfrom ");
    at = put_ip(at, &result->ip);
    at = PUT(at, "  ttl ");
    char *ttl = at;
    at = decimal_write_byte(at, result->ttl);
    at = put_spaces(at, (size_t)(at - ttl), 3);
    *at++ = '\n';
    record_commit(out, at);
}

static void close_document(void *state, struct buffer *out, uint64_t now)
{
    (void)state;
    (void)now;
    buffer_text(out, "# end\n");
}

const struct writer_ops writer_unicornscan = {
    .name = "unicornscan",
    .aliases = "",
    .help = "the line format of unicornscan; no banners",
    .state_size = sizeof(struct unicornscan),
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};
