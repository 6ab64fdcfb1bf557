/* The XML format, in the shape of nmap's: one <host> a record.
 *
 * It is what the existing tool writes, line by line, with the parts besides that nmap's DTD
 * demands; without them nmap.xsl, for one, takes every host for down. docs/formats.md says what
 * still differs from the DTD.
 *
 * Lines end in CR LF, as the existing tool's do. The counts of <hosts> are, as there, those of TCP
 * port records, open and closed; going on with a closed document carries its counts over, with one
 * that was killed, whose counts were never written, its records are counted. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

#define EOL "\r\n"

struct xml {
    struct time_text time;
    uint64_t start_time;
    uint64_t open, closed;
};

/* What a style sheet's address may be made of, as it stands in quotes. */
static void append_quoted(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("<>&\"", *text) != NULL)
            buffer_printf(out, "&#%d;", *text);
        else
            buffer_char(out, *text);
    }
}

static void append_stylesheet(struct buffer *out, const char *address)
{
    buffer_text(out, "<?xml-stylesheet href=\"");
    append_quoted(out, address);
    buffer_text(out, "\" type=\"text/xsl\"?>" EOL);
}

static void append_scaninfo(struct buffer *out, const char *type, const char *protocol,
                            uint32_t count, const char *ports)
{
    if (count > 0)
        buffer_printf(out,
                      "<scaninfo type=\"%s\" protocol=\"%s\" numservices=\"%" PRIu32
                      "\" services=\"%s\" />",
                      type, protocol, count, ports);
}

/* One line, whose end is that of the header. The first <scaninfo> is always there. */
static void append_scaninfos(struct buffer *out, const struct scan_facts *facts)
{
    buffer_printf(out,
                  "<scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"%" PRIu32
                  "\" services=\"%s\" />",
                  facts->tcp_ports, facts->tcp_text);
    append_scaninfo(out, "udp", "udp", facts->udp_ports, facts->udp_text);
    append_scaninfo(out, "sctpinit", "sctp", facts->sctp_ports, facts->sctp_text);
    append_scaninfo(out, "ipproto", "ip", facts->ip_protocols, facts->ip_protocol_text);
    buffer_text(out, "<verbose level=\"0\" /><debugging level=\"0\" />" EOL);
}

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    struct xml *xml = state;
    xml->start_time = facts->start_time;
    buffer_text(out, "<?xml version=\"1.0\"?>" EOL "<!-- masscan v1.0 scan -->" EOL);
    if (facts->stylesheet != NULL)
        append_stylesheet(out, facts->stylesheet);
    buffer_printf(out,
                  "<nmaprun scanner=\"masscan\" start=\"%" PRIu64 "\" version=\"1.0-BETA\""
                  "  xmloutputversion=\"1.03\">" EOL,
                  facts->start_time);
    append_scaninfos(out, facts);
}

/* The counts of the trailer that is cut away; false if it was not whole. */
static bool take_counts(struct xml *xml, const char *trailer)
{
    uint64_t open, closed, total;
    const char *hosts = strstr(trailer, "<hosts ");
    if (hosts == NULL)
        return false;
    /* A count that is out of range would be another tool's, and is only shown. */
    /* NOLINTNEXTLINE(cert-err34-c) */
    if (sscanf(hosts, "<hosts up=\"%" SCNu64 "\" down=\"%" SCNu64 "\" total=\"%" SCNu64 "\"", &open,
               &closed, &total) != 3)
        return false;
    xml->open = open;
    xml->closed = closed;
    return true;
}

static bool holds(const char *head, size_t length, const char *text)
{
    return memmem(head, length, text, strlen(text)) != NULL;
}

/* Counts a record, as count() did when it was written. */
static void recount(void *context, const char *head, size_t length)
{
    struct xml *xml = context;
    if (!holds(head, length, "<port protocol=\"tcp\" ") ||
        holds(head, length, " reason=\"response\""))
        return;
    xml->open += holds(head, length, "<state state=\"open\"");
    xml->closed += holds(head, length, "<state state=\"closed\"");
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_HEADER, "<?xml", "?>"},        {LINE_HEADER, "<!--", "-->"},
        {LINE_HEADER, "<nmaprun ", ">"},     {LINE_HEADER_END, "<scaninfo ", "/>"},
        {LINE_RECORD, "<host ", "</host>"},  {LINE_TRAILER, "<runstats>", NULL},
        {LINE_TRAILER, "<finished ", "/>"},  {LINE_TRAILER, "<hosts ", "/>"},
        {LINE_TRAILER, "</runstats>", NULL}, {LINE_TRAILER, "</nmaprun>", NULL},
    };
    static const struct text_layout layout = {"xml", forms, sizeof forms / sizeof *forms};
    struct xml *xml = state;
    xml->start_time = facts->start_time;
    struct text_end found;
    int result = text_resume(&layout, file, &found, err);
    *end = found.offset;
    if (result != RESUME_BEHIND || take_counts(xml, found.cut))
        return result;
    return text_each_line(file, found.offset, recount, xml, err) < 0 ? -1 : RESUME_BEHIND;
}

/* Whoever answers is up. */
static char *put_host_status(char *at, const struct result *result)
{
    at = PUT(at, "<status state=\"up\" reason=\"");
    at = result->kind == RESULT_BANNER ? PUT(at, "response") : put_reason(at, result->reason);
    at = PUT(at, "\" reason_ttl=\"");
    at = decimal_write_byte(at, result->ttl);
    return PUT(at, "\"/>");
}

/* What ARP said, "02:00:5e:10:00:01 Vendor", stands there twice: as nmap has it, too. */
enum {
    MAC_DIGITS = 17,
    MAC_TEXT_MAX = 256,
    MAC_ROOM = RECORD_ROOM + 2 * ESCAPED_BYTE_MAX * MAC_TEXT_MAX,
};

static bool is_mac(const struct result *result)
{
    return result->kind == RESULT_BANNER && result->app == APP_MAC &&
           result->banner_length >= MAC_DIGITS && result->banner_length <= MAC_TEXT_MAX;
}

static char *put_mac(char *at, const struct result *result)
{
    const uint8_t *text = result->banner;
    const uint32_t length = result->banner_length;
    if (!is_mac(result))
        return at;
    at = PUT(at, "<address addr=\"");
    at = escape_text(at, text, MAC_DIGITS);
    at = PUT(at, "\" addrtype=\"mac");
    if (length > MAC_DIGITS + 1) {
        at = PUT(at, "\" vendor=\"");
        at = escape_text(at, text + MAC_DIGITS + 1, length - MAC_DIGITS - 1);
    }
    return PUT(at, "\"/>");
}

static char *put_name(char *at, const struct result *result)
{
    if (result->name == NULL)
        return at;
    at = PUT(at, "<hostnames><hostname name=\"");
    at = put_text(at, result->name);
    return PUT(at, "\" type=\"user\"/></hostnames>");
}

static char *put_host(char *at, struct xml *xml, const struct result *result)
{
    at = PUT(at, "<host endtime=\"");
    at = put_time(at, &xml->time, result->time);
    at = PUT(at, "\">");
    at = put_host_status(at, result);
    at = PUT(at, "<address addr=\"");
    at = put_ip(at, &result->ip);
    at = PUT(at, "\" addrtype=\"ipv");
    *at++ = result->ip.version == 6 ? '6' : '4';
    at = PUT(at, "\"/>");
    at = put_mac(at, result);
    at = put_name(at, result);
    at = PUT(at, "<ports><port protocol=\"");
    at = put_word(at, result_protocol_name(result->protocol));
    at = PUT(at, "\" portid=\"");
    return decimal_write_u16(at, result->port);
}

static char *put_status(char *at, const struct result *result)
{
    at = PUT(at, "\"><state state=\"");
    at = put_word(at, result_status_name(result->status));
    at = PUT(at, "\" reason=\"");
    at = put_reason(at, result->reason);
    at = PUT(at, "\" reason_ttl=\"");
    at = decimal_write_byte(at, result->ttl);
    return PUT(at, "\"/></port></ports></host>" EOL);
}

static char *put_banner(char *at, const struct result *result)
{
    at = PUT(at, "\"><state state=\"open\" reason=\"response\" reason_ttl=\"");
    at = decimal_write_byte(at, result->ttl);
    at = PUT(at, "\" /><service name=\"");
    at = put_word(at, result_app_name(result->app));
    at = PUT(at, "\" banner=\"");
    at = escape_text(at, result->banner, result->banner_length);
    return PUT(at, "\" method=\"probed\" conf=\"10\"></service></port></ports></host>" EOL);
}

static void count(struct xml *xml, const struct result *result)
{
    xml->open += result->protocol == RESULT_TCP && result->status == RESULT_OPEN;
    xml->closed += result->protocol == RESULT_TCP && result->status == RESULT_CLOSED;
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    if (is_mac(result) && buffer_reserve(out, MAC_ROOM) == NULL)
        return;
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    at = put_host(at, state, result);
    if (result->kind == RESULT_BANNER) {
        at = put_banner(at, result);
    } else {
        at = put_status(at, result);
        count(state, result);
    }
    record_commit(out, at);
}

/* Local time, as nmap prints it. */
static void append_finished(struct buffer *out, uint64_t start, uint64_t now)
{
    char text[64] = "";
    time_t seconds = (time_t)now;
    struct tm parts;
    if (localtime_r(&seconds, &parts) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    buffer_printf(out,
                  "<finished time=\"%" PRIu64 "\" timestr=\"%s\" elapsed=\"%" PRIu64 "\" />" EOL,
                  now, text, now > start ? now - start : 0);
}

static void close_document(void *state, struct buffer *out, uint64_t now)
{
    const struct xml *xml = state;
    buffer_text(out, "<runstats>" EOL);
    append_finished(out, xml->start_time, now);
    buffer_printf(out,
                  "<hosts up=\"%" PRIu64 "\" down=\"%" PRIu64 "\" total=\"%" PRIu64 "\" />" EOL,
                  xml->open, xml->closed, xml->open + xml->closed);
    buffer_text(out, "</runstats>" EOL "</nmaprun>" EOL);
}

const struct writer_ops writer_xml = {
    .name = "xml",
    .aliases = "",
    .help = "XML in the shape of nmap's",
    .state_size = sizeof(struct xml),
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};
