/* The conformance suite every writer passes, and the exact text of each format.
 *
 * Conformance: a document is made of whole lines of printable characters whatever the banners say;
 * a full buffer is reported; and a document cut at any byte, then continued, is byte for byte the
 * one that would have been written without the cut, minus what was not whole. XML and JSON are also
 * read by xmllint and jq. */
#include "output/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "output/format.h"
#include "output/test_support.h"

enum { DOCUMENT_MAX = 64 << 20, LITERAL_SAMPLES = 5 };

static const struct writer_ops *find(const char *name)
{
    const struct writer_ops *writer = writer_find(name);
    assert_non_null(writer);
    return writer;
}

static void writers_are_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(find("JSON")->name, "json");
    assert_string_equal(find("greppable")->name, "grepable");
    assert_ptr_equal(find("grepable"), find("GREPPABLE"));
    assert_null(writer_find(""));
    assert_null(writer_find("jso"));
    assert_null(writer_find("json "));
    for (unsigned i = 0; writer_table[i] != NULL; i++) {
        assert_ptr_equal(find(writer_table[i]->name), writer_table[i]);
        assert_non_null(writer_table[i]->record);
        assert_non_null(writer_table[i]->resume);
        assert_true(strlen(writer_table[i]->help) > 0);
    }
}

/* Exact text */

struct literal {
    const char *format, *empty, *full;
};

#define XML_HEAD                                                                                   \
    "<?xml version=\"1.0\"?>\r\n<!-- masscan v1.0 scan -->\r\n"                                    \
    "<nmaprun scanner=\"masscan\" start=\"1700000000\" version=\"1.0-BETA\"  "                     \
    "xmloutputversion=\"1.03\">\r\n"                                                               \
    "<scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"1\" services=\"80-80\" />"              \
    "<verbose level=\"0\" /><debugging level=\"0\" />\r\n"
#define XML_HOST(reason, ttl)                                                                      \
    "<host endtime=\"1700000000\"><status state=\"up\" reason=\"" reason "\" reason_ttl=\"" ttl    \
    "\"/>"
#define XML_TAIL(hosts)                                                                            \
    "<runstats>\r\n<finished time=\"1700000100\" timestr=\"2023-11-14 22:15:00\" "                 \
    "elapsed=\"100\" />\r\n<hosts " hosts " />\r\n</runstats>\r\n</nmaprun>\r\n"
#define GREPABLE_HEAD                                                                              \
    "# Masscan 0.1.0 scan initiated Tue Nov 14 22:13:20 2023\n"                                    \
    "# Ports scanned: TCP(1;80-80) UDP(0;) SCTP(0;) PROTOCOLS(0;)\n"
#define GREPABLE_TAIL  "# Masscan done at Tue Nov 14 22:15:00 2023\n"
#define CSV_HEAD       "record,time,ip,protocol,port,reason,ttl,service,banner\r\n"
#define ESCAPED_BANNER "a\\x3cb\\x3e\\x26\\x22\\x27\\x5c \\x0d\\x0a\\x09\\x00\\x7f\\x80\\xff~"
#define JSON_BANNER                                                                                \
    "a\\u003cb\\u003e\\u0026\\u0022\\u0027\\u005c \\u000d\\u000a\\u0009\\u0000\\u007f\\u0080"      \
    "\\u00ff~"

static const struct literal literals[] = {
    {"none", "", ""},
    {"hostonly", "", "192.0.2.10\n192.0.2.255\n10.0.0.1\n192.0.2.10\n2001:db8::10\n"},
    {"list", "#masscan\n# end\n",
     "#masscan\n"
     "open tcp 80 192.0.2.10 1700000000\n"
     "closed tcp 65535 192.0.2.255 1700000000\n"
     "up arp 0 10.0.0.1 1700000000\n"
     "banner tcp 80 192.0.2.10 1700000000 http " ESCAPED_BANNER "\n"
     "open udp 53 2001:db8::10 1700000000\n"
     "# end\n"},
    {"unicornscan", "#masscan\n# end\n",
     "#masscan\n"
     "TCP open\t            http[   80]\t\tfrom 192.0.2.10  ttl 57 \n"
     "TCP closed\t         unknown[65535]\t\tfrom 192.0.2.255  ttl 255\n"
     "ARP up\t              ip[    0]\t\tfrom 10.0.0.1  ttl 0  \n"
     "UDP open\t          domain[   53]\t\tfrom 2001:db8::10  ttl 64 \n"
     "# end\n"},
    {"interactive", "",
     "Discovered open port 80/tcp on 192.0.2.10                                      \n"
     "Discovered closed port 65535/tcp on 192.0.2.255                                \n"
     "Discovered up port 0/arp on 10.0.0.1                                           \n"
     "Banner on port 80/tcp on 192.0.2.10: [http] " ESCAPED_BANNER "\n"
     "Discovered open port 53/udp on 2001:db8::10                                    \n"},
    {"grepable", GREPABLE_HEAD GREPABLE_TAIL,
     GREPABLE_HEAD
     "Timestamp: 1700000000\tHost: 192.0.2.10 ()\tPorts: 80/open/tcp//http//\n"
     "Timestamp: 1700000000\tHost: 192.0.2.255 ()\tPorts: 65535/closed/tcp//unknown//\n"
     "Timestamp: 1700000000\tHost: 10.0.0.1 ()\tPorts: 0/up/arp//ip//\n"
     "Host: 192.0.2.10 ()\tPort: 80\tService: http\tBanner: " ESCAPED_BANNER "\n"
     "Timestamp: 1700000000\tHost: 2001:db8::10 ()\tPorts: 53/open/udp//domain//\n" GREPABLE_TAIL},
    {"json", "[\n]\n",
     "[\n"
     "{   \"ip\": \"192.0.2.10\",   \"timestamp\": \"1700000000\", \"ports\": [ {\"port\": 80, "
     "\"proto\": \"tcp\", \"status\": \"open\", \"reason\": \"syn-ack\", \"ttl\": 57} ] }\n,\n"
     "{   \"ip\": \"192.0.2.255\",   \"timestamp\": \"1700000000\", \"ports\": [ {\"port\": 65535, "
     "\"proto\": \"tcp\", \"status\": \"closed\", \"reason\": \"rst-ack\", \"ttl\": 255} ] }\n,\n"
     "{   \"ip\": \"10.0.0.1\",   \"timestamp\": \"1700000000\", \"ports\": [ {\"port\": 0, "
     "\"proto\": \"arp\", \"status\": \"up\", \"reason\": \"none\", \"ttl\": 0} ] }\n,\n"
     "{   \"ip\": \"192.0.2.10\",   \"timestamp\": \"1700000000\", \"ports\": [ {\"port\": 80, "
     "\"proto\": \"tcp\", \"service\": {\"name\": \"http\", \"banner\": \"" JSON_BANNER
     "\"} } ] }\n,\n"
     "{   \"ip\": \"2001:db8::10\",   \"timestamp\": \"1700000000\", \"ports\": [ {\"port\": 53, "
     "\"proto\": \"udp\", \"status\": \"open\", \"reason\": \"none\", \"ttl\": 64} ] }\n"
     "]\n"},
    {"ndjson", "",
     "{\"ip\":\"192.0.2.10\",\"timestamp\":\"1700000000\",\"port\":80,\"proto\":\"tcp\","
     "\"rec_type\":\"status\",\"data\":{\"status\":\"open\",\"reason\":\"syn-ack\",\"ttl\":57}}\n"
     "{\"ip\":\"192.0.2.255\",\"timestamp\":\"1700000000\",\"port\":65535,\"proto\":\"tcp\","
     "\"rec_type\":\"status\",\"data\":{\"status\":\"closed\",\"reason\":\"rst-ack\",\"ttl\":255}}"
     "\n"
     "{\"ip\":\"10.0.0.1\",\"timestamp\":\"1700000000\",\"port\":0,\"proto\":\"arp\","
     "\"rec_type\":\"status\",\"data\":{\"status\":\"up\",\"reason\":\"none\",\"ttl\":0}}\n"
     "{\"ip\":\"192.0.2.10\",\"timestamp\":\"1700000000\",\"port\":80,\"proto\":\"tcp\","
     "\"rec_type\":\"banner\",\"data\":{\"service_name\":\"http\",\"banner\":\"" JSON_BANNER
     "\"}}\n"
     "{\"ip\":\"2001:db8::10\",\"timestamp\":\"1700000000\",\"port\":53,\"proto\":\"udp\","
     "\"rec_type\":\"status\",\"data\":{\"status\":\"open\",\"reason\":\"none\",\"ttl\":64}}\n"},
    {"csv", CSV_HEAD,
     CSV_HEAD "open,1700000000,192.0.2.10,tcp,80,syn-ack,57,,\r\n"
              "closed,1700000000,192.0.2.255,tcp,65535,rst-ack,255,,\r\n"
              "up,1700000000,10.0.0.1,arp,0,none,0,,\r\n"
              "banner,1700000000,192.0.2.10,tcp,80,,57,http,\"" ESCAPED_BANNER "\"\r\n"
              "open,1700000000,2001:db8::10,udp,53,none,64,,\r\n"},
    {"certs", "", ""},
    {"xml", XML_HEAD XML_TAIL("up=\"0\" down=\"0\" total=\"0\""),
     XML_HEAD XML_HOST(
         "syn-ack",
         "57") "<address addr=\"192.0.2.10\" addrtype=\"ipv4\"/><ports><port "
               "protocol=\"tcp\" portid=\"80\"><state state=\"open\" reason=\"syn-ack\" "
               "reason_ttl=\"57\"/>"
               "</port></ports></host>\r\n" XML_HOST(
                   "rst-ack",
                   "255") "<address addr=\"192.0.2.255\" addrtype=\"ipv4\"/><ports><port "
                          "protocol=\"tcp\" portid=\"65535\"><state state=\"closed\" "
                          "reason=\"rst-ack\" "
                          "reason_ttl=\"255\"/></port></ports></host>\r\n" XML_HOST(
                              "none",
                              "0") "<address addr=\"10.0.0.1\" addrtype=\"ipv4\"/><ports><port "
                                   "protocol=\"arp\" portid=\"0\"><state state=\"up\" "
                                   "reason=\"none\" reason_ttl=\"0\"/>"
                                   "</port></ports></host>\r\n" XML_HOST(
                                       "response",
                                       "57") "<address addr=\"192.0.2.10\" "
                                             "addrtype=\"ipv4\"/><ports><port "
                                             "protocol=\"tcp\" portid=\"80\"><state state=\"open\" "
                                             "reason=\"response\" reason_ttl=\"57\" />"
                                             "<service name=\"http\" banner=\"" ESCAPED_BANNER
                                             "\" method=\"probed\" "
                                             "conf=\"10\"></service></port></ports></"
                                             "host>\r\n" XML_HOST(
                                                 "none",
                                                 "64") "<address addr=\"2001:db8::10\" "
                                                       "addrtype=\"ipv6\"/><ports><port "
                                                       "protocol=\"udp\" portid=\"53\"><state "
                                                       "state=\"open\" reason=\"none\" "
                                                       "reason_ttl=\"64\"/>"
                                                       "</port></ports></host>\r\n" XML_TAIL(
                                                           "up=\"1\" down=\"1\" total=\"2\"")},
};

static void check_text(const struct writer_ops *writer, unsigned count, const char *expected)
{
    struct buffer out;
    buffer_init(&out, DOCUMENT_MAX);
    render(writer, samples(), count, true, &out);
    assert_string_equal(buffer_string(&out), expected);
    assert_int_equal(out.length, strlen(expected));
    buffer_fini(&out);
}

static void text_formats_are_exact(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof literals / sizeof *literals; i++) {
        check_text(find(literals[i].format), 0, literals[i].empty);
        check_text(find(literals[i].format), LITERAL_SAMPLES, literals[i].full);
    }
}

static void check_rendered(const struct writer_ops *writer, const struct scan_facts *facts,
                           const struct result *results, unsigned count, const char *expected)
{
    struct buffer out;
    buffer_init(&out, DOCUMENT_MAX);
    render_for(writer, facts, results, count, true, &out);
    assert_string_equal(buffer_string(&out), expected);
    buffer_fini(&out);
}

static void certificates_are_pem(void **state)
{
    (void)state;
    static const char text[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/0==";
    static const char prefixed[] = "cert:QUJD\r\nREVG\0<>-";
    struct result results[] = {samples()[0], make_banner(text, sizeof text - 1),
                               make_banner(text, 64), make_banner(prefixed, sizeof prefixed - 1),
                               make_banner("cert:", 5)};
    results[1].app = results[3].app = results[4].app = APP_X509;
    results[2].app = APP_X509_CA;
    check_rendered(find("certs"), &sample_facts, results, 5,
                   "-----BEGIN CERTIFICATE-----\n"
                   "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/\n0==\n"
                   "-----END CERTIFICATE-----\n"
                   "-----BEGIN CERTIFICATE-----\n"
                   "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/\n"
                   "-----END CERTIFICATE-----\n"
                   "-----BEGIN CERTIFICATE-----\nQUJDREVG\n-----END CERTIFICATE-----\n");
}

static void xml_names_a_style_sheet_and_all_ports(void **state)
{
    (void)state;
    struct scan_facts facts = sample_facts;
    facts.stylesheet = "a.xsl?b&c\"<>";
    facts.udp_ports = 2;
    facts.udp_text = "53-53,161-161";
    const struct result results[] = {samples()[0], make_banner("x", 1)};
    check_rendered(
        find("xml"), &facts, results, 2,
        "<?xml version=\"1.0\"?>\r\n<!-- masscan v1.0 scan -->\r\n"
        "<?xml-stylesheet href=\"a.xsl?b&#38;c&#34;&#60;&#62;\" type=\"text/xsl\"?>\r\n"
        "<nmaprun scanner=\"masscan\" start=\"1700000000\" version=\"1.0-BETA\"  "
        "xmloutputversion=\"1.03\">\r\n"
        "<scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"1\" services=\"80-80\" />"
        "<scaninfo type=\"udp\" protocol=\"udp\" numservices=\"2\" services=\"53-53,161-161\" />"
        "<verbose level=\"0\" /><debugging level=\"0\" />\r\n"
        "<host endtime=\"1700000000\"><status state=\"up\" reason=\"syn-ack\" reason_ttl=\"57\"/>"
        "<address addr=\"192.0.2.10\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" "
        "portid=\"80\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"57\"/></port></ports>"
        "</host>\r\n"
        "<host endtime=\"1700000000\"><status state=\"up\" reason=\"response\" reason_ttl=\"57\"/>"
        "<address addr=\"192.0.2.10\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" "
        "portid=\"80\"><state state=\"open\" reason=\"response\" reason_ttl=\"57\" /><service "
        "name=\"http\" banner=\"x\" method=\"probed\" conf=\"10\"></service></port></ports></host>"
        "\r\n" XML_TAIL("up=\"1\" down=\"0\" total=\"1\""));
}

static void binary_is_exact(void **state)
{
    (void)state;
    static const char expected[] =
        "\x06\x0d\x65\x53\xf1\x00\xc0\x00\x02\x0a\x06\x00\x50\x12\x39"
        "\x07\x0d\x65\x53\xf1\x00\xc0\x00\x02\xff\x06\xff\xff\x14\xff"
        "\x08\x0d\x65\x53\xf1\x00\x0a\x00\x00\x01\x00\x00\x00\x00\x00"
        "\x09\x1f\x65\x53\xf1\x00\xc0\x00\x02\x0a\x06\x00\x50\x00\x04\x39"
        "a<b>&\"'\\ \r\n\t\0\x7f\x80\xff~"
        "\x0a\x1a\x65\x53\xf1\x00\x11\x00\x35\x00\x40\x06"
        "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x10";
    struct buffer out;
    buffer_init(&out, DOCUMENT_MAX);
    render(find("binary"), samples(), LITERAL_SAMPLES, true, &out);
    assert_int_equal(out.length, 99 + sizeof expected - 1 + 99);
    char header[99] = "masscan/1.1\ns:1700000000\n", trailer[99] = "masscan/1.1";
    assert_memory_equal(out.bytes, header, 99);
    assert_memory_equal(out.bytes + 99, expected, sizeof expected - 1);
    assert_memory_equal(out.bytes + out.length - 99, trailer, 99);
    buffer_fini(&out);
}

/* Conformance */

static bool is_text(const struct writer_ops *writer)
{
    return strcmp(writer->name, "binary") != 0;
}

/* Nothing is touched behind the room that is reserved for a record, however long its parts are. */
static void check_room(const struct writer_ops *writer, const struct scan_facts *facts,
                       const struct result *longest)
{
    struct buffer out;
    size_t room = RECORD_ROOM + (size_t)ESCAPED_BYTE_MAX * longest->banner_length;
    buffer_init(&out, DOCUMENT_MAX);
    void *state = calloc(1, writer->state_size + 1);
    if (writer->open != NULL)
        writer->open(state, &out, facts);
    uint8_t *bytes = buffer_reserve(&out, room + 64);
    memset(bytes, '!', room + 64);
    writer->record(state, &out, longest);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(bytes[room + i], '!');
    free(state);
    buffer_fini(&out);
}

static void check_rooms(const struct scan_facts *facts)
{
    static const uint8_t banner[100];
    struct result longest = {.kind = RESULT_STATUS,
                             .status = RESULT_CLOSED,
                             .time = UINT64_MAX,
                             .ip = {.version = 6},
                             .port = 65535,
                             .protocol = RESULT_SCTP,
                             .reason = 0xff,
                             .ttl = 255,
                             .app = APP_TICKETBLEED};
    memset(longest.ip.bytes, 0xff, sizeof longest.ip.bytes);
    for (unsigned i = 0; writer_table[i] != NULL; i++) {
        longest.kind = RESULT_STATUS;
        check_room(writer_table[i], facts, &longest);
        longest.kind = RESULT_BANNER;
        longest.banner = banner;
        longest.banner_length = sizeof banner;
        check_room(writer_table[i], facts, &longest);
        longest.banner_length = 0;
    }
}

static void records_stay_within_their_room(void **state)
{
    (void)state;
    check_rooms(&sample_facts);
}

static void check_lines(const struct buffer *out)
{
    for (size_t i = 0; i < out->length; i++) {
        uint8_t c = out->bytes[i];
        bool end_of_line =
            c == '\n' || (c == '\r' && i + 1 < out->length && out->bytes[i + 1] == '\n');
        if (!end_of_line && c != '\t' && (c < 0x20 || c > 0x7e))
            fail_msg("byte 0x%02x at %zu", c, i);
    }
    assert_true(out->length == 0 || out->bytes[out->length - 1] == '\n');
}

static void documents_are_lines_of_printable_characters(void **state)
{
    (void)state;
    for (unsigned i = 0; writer_table[i] != NULL; i++)
        for (unsigned count = 0; is_text(writer_table[i]) && count <= SAMPLE_COUNT; count++) {
            struct buffer out;
            buffer_init(&out, DOCUMENT_MAX);
            render(writer_table[i], samples(), count, true, &out);
            check_lines(&out);
            buffer_fini(&out);
        }
}

static void a_full_buffer_is_reported(void **state)
{
    (void)state;
    for (unsigned i = 0; writer_table[i] != NULL; i++) {
        const struct writer_ops *writer = writer_table[i];
        void *memory = calloc(1, writer->state_size + 1);
        struct buffer out;
        buffer_init(&out, 600);
        for (unsigned r = 0; r < 50; r++)
            writer->record(memory, &out, &samples_for(writer)[r % SAMPLE_COUNT]);
        assert_true(out.failed || strcmp(writer->name, "none") == 0);
        assert_true(out.length <= 600);
        buffer_fini(&out);
        free(memory);
    }
}

/* Going on with an earlier document */

/* A document, and where its header and each record end. */
struct marked {
    struct buffer text;
    size_t ends[SAMPLE_COUNT + 1];
    unsigned count;
};

static void mark(struct marked *marked, const struct writer_ops *writer,
                 const struct result *results, unsigned count)
{
    buffer_init(&marked->text, DOCUMENT_MAX);
    marked->count = count;
    for (unsigned i = 0; i <= count; i++) {
        buffer_clear(&marked->text);
        render(writer, results, i, false, &marked->text);
        marked->ends[i] = marked->text.length;
    }
    buffer_clear(&marked->text);
    render(writer, results, count, true, &marked->text);
}

/* Appends what output.c would leave in a file that held `text` and got `more`. */
static void go_on(const struct writer_ops *writer, const uint8_t *text, size_t length,
                  const struct result *more, struct buffer *out)
{
    struct error err;
    struct buffer view;
    void *memory = calloc(1, writer->state_size + 1);
    struct earlier_file file = earlier_memory(text, length, &view);
    uint64_t end = 0;
    int outcome = writer->resume(memory, &sample_facts, &file, &end, &err);
    if (outcome < 0)
        fail_msg("%s cut at %zu: %s", writer->name, length, err.text);
    assert_true(outcome == RESUME_FRESH || outcome == RESUME_BEHIND);
    if (outcome == RESUME_BEHIND)
        buffer_append(out, text, end);
    else if (writer->open != NULL)
        writer->open(memory, out, &sample_facts);
    writer->record(memory, out, more);
    if (writer->close != NULL)
        writer->close(memory, out, 1700000100);
    free(memory);
}

/* What must come out: the whole records up to the cut, and the new one. */
static void expect(const struct writer_ops *writer, const struct marked *marked,
                   const struct result *results, size_t cut, const struct result *more,
                   struct buffer *out)
{
    unsigned whole = 0;
    while (whole < marked->count && marked->ends[whole + 1] <= cut)
        whole++;
    struct result kept[SAMPLE_COUNT + 1];
    memcpy(kept, results, whole * sizeof *kept);
    kept[whole] = *more;
    render(writer, kept, whole + 1, true, out);
}

static void check_cut(const struct writer_ops *writer, const struct marked *marked,
                      const struct result *results, size_t cut)
{
    const struct result *more = &samples_for(writer)[0];
    struct buffer ours, wanted;
    buffer_init(&ours, DOCUMENT_MAX);
    buffer_init(&wanted, DOCUMENT_MAX);
    go_on(writer, marked->text.bytes, cut, more, &ours);
    expect(writer, marked, results, cut, more, &wanted);
    if (ours.length != wanted.length || memcmp(ours.bytes, wanted.bytes, wanted.length) != 0)
        fail_msg("%s cut at %zu of %zu", writer->name, cut, marked->text.length);
    buffer_fini(&ours);
    buffer_fini(&wanted);
}

static void a_document_cut_at_any_byte_goes_on(void **state)
{
    (void)state;
    for (unsigned i = 0; writer_table[i] != NULL; i++)
        for (unsigned count = 0; count <= 6; count += 2) {
            struct marked marked;
            if (strcmp(writer_table[i]->name, "none") == 0)
                continue;
            const struct result *results = samples_for(writer_table[i]);
            mark(&marked, writer_table[i], results, count);
            for (size_t cut = 1; cut <= marked.text.length; cut++)
                check_cut(writer_table[i], &marked, results, cut);
            buffer_fini(&marked.text);
        }
}

static void a_document_with_records_beyond_the_first_window_goes_on(void **state)
{
    (void)state;
    enum { LONG = 300000 }; /* beyond the second window too */
    uint8_t *bytes = calloc(1, LONG);
    struct result results[] = {samples()[0], make_banner(bytes, LONG), make_banner(bytes, 70000)};
    for (unsigned i = 0; writer_table[i] != NULL; i++) {
        struct marked marked;
        bool certs = strcmp(writer_table[i]->name, "certs") == 0;
        memset(bytes, certs ? 'A' : 0, LONG);
        results[0] = samples_for(writer_table[i])[0];
        results[1].app = results[2].app = certs ? APP_X509 : APP_HTTP;
        if (strcmp(writer_table[i]->name, "none") == 0)
            continue;
        mark(&marked, writer_table[i], results, 3);
        for (unsigned part = 1; part <= 7; part++)
            check_cut(writer_table[i], &marked, results, marked.text.length * part / 7);
        for (unsigned r = 1; r <= 3; r++)
            for (size_t near = marked.ends[r] - 1;
                 near <= marked.ends[r] + 1 && near <= marked.text.length; near++)
                check_cut(writer_table[i], &marked, results, near);
        buffer_fini(&marked.text);
    }
    free(bytes);
}

static int try_resume(const struct writer_ops *writer, const void *text, size_t length,
                      struct error *err)
{
    struct buffer view;
    void *memory = calloc(1, writer->state_size + 1);
    struct earlier_file file = earlier_memory(text, length, &view);
    uint64_t end;
    int outcome = writer->resume(memory, &sample_facts, &file, &end, err);
    free(memory);
    return outcome;
}

static void an_xml_document_with_a_style_sheet_cut_at_any_byte_goes_on(void **state)
{
    (void)state;
    static const char last[] = "<debugging level=\"0\" />\r\n";
    struct scan_facts facts = sample_facts;
    struct buffer text;
    facts.stylesheet = "a.xsl";
    buffer_init(&text, DOCUMENT_MAX);
    render_for(find("xml"), &facts, samples(), 3, true, &text);
    const char *end = strstr(buffer_string(&text), last);
    assert_non_null(end);
    size_t header = (size_t)(end + strlen(last) - (const char *)text.bytes);
    for (size_t cut = 1; cut <= text.length; cut++) {
        struct error err = {.text = ""};
        if (try_resume(find("xml"), text.bytes, cut, &err) !=
            (cut < header ? RESUME_FRESH : RESUME_BEHIND))
            fail_msg("cut at %zu of %zu: %s", cut, text.length, err.text);
    }
    buffer_fini(&text);
}

static void a_document_of_another_format_is_refused(void **state)
{
    (void)state;
    for (unsigned i = 0; writer_table[i] != NULL; i++)
        for (unsigned j = 0; writer_table[j] != NULL; j++) {
            struct error err = {""};
            if (i == j || strcmp(writer_table[i]->name, "none") == 0 ||
                strcmp(writer_table[j]->name, "none") == 0)
                continue;
            struct buffer out;
            buffer_init(&out, DOCUMENT_MAX);
            render(writer_table[j], samples_for(writer_table[j]), 5, true, &out);
            if (try_resume(writer_table[i], out.bytes, out.length, &err) >= 0)
                fail_msg("%s goes on with %s", writer_table[i]->name, writer_table[j]->name);
            assert_non_null(strstr(err.text, writer_table[i]->name));
            buffer_fini(&out);
        }
}

static void what_is_no_scan_file_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"hello",      "hello\n",
                                        "aGVsbG8=\n", "\x89PNG\r\n\x1a\n",
                                        "[1,2]\n",    "<?xml version=\"1.0\"?>\n<html/>\n",
                                        "\n"};
    for (unsigned i = 0; writer_table[i] != NULL; i++)
        for (unsigned t = 0; t < sizeof texts / sizeof *texts; t++) {
            struct error err;
            if (strcmp(writer_table[i]->name, "none") == 0)
                continue;
            if (try_resume(writer_table[i], texts[t], strlen(texts[t]), &err) >= 0)
                fail_msg("%s goes on with \"%s\"", writer_table[i]->name, texts[t]);
        }
}

static void damage_inside_a_binary_file_is_refused(void **state)
{
    (void)state;
    struct error err;
    struct buffer out;
    buffer_init(&out, DOCUMENT_MAX);
    render(find("binary"), samples(), 5, true, &out);
    memset(out.bytes + 99, 0xff, 15);
    assert_true(try_resume(find("binary"), out.bytes, out.length, &err) < 0);
    assert_non_null(strstr(err.text, "damaged at byte 99"));
    buffer_fini(&out);
}

static void xml_without_carriage_returns_goes_on(void **state)
{
    (void)state;
    struct buffer crlf, lf, out;
    buffer_init(&crlf, DOCUMENT_MAX);
    buffer_init(&lf, DOCUMENT_MAX);
    buffer_init(&out, DOCUMENT_MAX);
    render(find("xml"), samples(), 5, true, &crlf);
    for (size_t i = 0; i < crlf.length; i++)
        if (crlf.bytes[i] != '\r')
            buffer_char(&lf, (char)crlf.bytes[i]);
    go_on(find("xml"), lf.bytes, lf.length, &samples()[0], &out);
    assert_non_null(strstr(buffer_string(&out), "<hosts up=\"2\" down=\"1\" total=\"3\" />"));
    buffer_fini(&crlf);
    buffer_fini(&lf);
    buffer_fini(&out);
}

/* Other programs read them */

static void run(const char *command)
{
    int status = system(command);
    if (status != 0)
        fail_msg("failed: %s", command);
}

static void save(const char *name, const struct buffer *out)
{
    char path[SCRATCH_PATH_SIZE];
    write_file(scratch_path(path, name), out->bytes, out->length);
}

/* Documents of 0, 1, ... samples, and ones that were cut and went on, as files PREFIX-N. */
static void save_documents(const struct writer_ops *writer)
{
    char name[64];
    struct marked marked;
    for (unsigned count = 0; count <= SAMPLE_COUNT; count++) {
        struct buffer out;
        buffer_init(&out, DOCUMENT_MAX);
        render(writer, samples(), count, true, &out);
        snprintf(name, sizeof name, "%s-%u", writer->name, count);
        save(name, &out);
        buffer_fini(&out);
    }
    mark(&marked, writer, samples(), 4);
    for (size_t cut = 1; cut <= marked.text.length; cut++) {
        struct buffer out;
        buffer_init(&out, DOCUMENT_MAX);
        go_on(writer, marked.text.bytes, cut, &samples()[0], &out);
        snprintf(name, sizeof name, "%s-cut-%zu", writer->name, cut);
        save(name, &out);
        buffer_fini(&out);
    }
    buffer_fini(&marked.text);
}

static void xmllint_reads_every_document(void **state)
{
    (void)state;
    char command[512];
    save_documents(find("xml"));
    snprintf(command, sizeof command, "cd %s && xmllint --nonet --noout xml-*",
             scratch_directory());
    run(command);
    snprintf(command, sizeof command,
             "cd %s && test \"$(xmllint --xpath 'count(/nmaprun/host)' xml-%d)\" = %d",
             scratch_directory(), SAMPLE_COUNT, SAMPLE_COUNT);
    run(command);
}

static void jq_reads_every_document(void **state)
{
    (void)state;
    char command[512];
    save_documents(find("json"));
    save_documents(find("ndjson"));
    snprintf(command, sizeof command,
             "cd %s && for n in $(seq 0 %d); do test \"$(jq length json-$n)\" = $n && "
             "test \"$(jq -s length ndjson-$n)\" = $n || exit 1; done",
             scratch_directory(), SAMPLE_COUNT);
    run(command);
    snprintf(command, sizeof command,
             "cd %s && jq -e 'type == \"array\"' json-cut-* >/dev/null && "
             "jq -e 'type == \"object\"' ndjson-cut-* >/dev/null",
             scratch_directory());
    run(command);
}

/* The code points of the banners, as jq sees them, are their bytes. */
static void jq_sees_the_banners_bytes(void **state)
{
    (void)state;
    char command[512];
    struct buffer expected, seen, out;
    buffer_init(&expected, DOCUMENT_MAX);
    buffer_init(&seen, DOCUMENT_MAX);
    buffer_init(&out, DOCUMENT_MAX);
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        const struct result *result = &samples()[i];
        if (result->kind != RESULT_BANNER)
            continue;
        buffer_char(&expected, '[');
        for (uint32_t b = 0; b < result->banner_length; b++)
            buffer_printf(&expected, b > 0 ? ",%u" : "%u", result->banner[b]);
        buffer_text(&expected, "]\n");
    }
    render(find("json"), samples(), SAMPLE_COUNT, true, &out);
    save("banners.json", &out);
    snprintf(command, sizeof command,
             "cd %s && jq -c '.[] | .ports[0].service | select(.) | .banner | explode' "
             "banners.json > seen",
             scratch_directory());
    run(command);
    char path[SCRATCH_PATH_SIZE];
    read_file(scratch_path(path, "seen"), &seen);
    assert_string_equal(buffer_string(&seen), buffer_string(&expected));
    buffer_fini(&expected);
    buffer_fini(&seen);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writers_are_found_by_name),
        cmocka_unit_test(text_formats_are_exact),
        cmocka_unit_test(certificates_are_pem),
        cmocka_unit_test(xml_names_a_style_sheet_and_all_ports),
        cmocka_unit_test(binary_is_exact),
        cmocka_unit_test(records_stay_within_their_room),
        cmocka_unit_test(documents_are_lines_of_printable_characters),
        cmocka_unit_test(a_full_buffer_is_reported),
        cmocka_unit_test(a_document_cut_at_any_byte_goes_on),
        cmocka_unit_test(a_document_with_records_beyond_the_first_window_goes_on),
        cmocka_unit_test(an_xml_document_with_a_style_sheet_cut_at_any_byte_goes_on),
        cmocka_unit_test(a_document_of_another_format_is_refused),
        cmocka_unit_test(what_is_no_scan_file_is_refused),
        cmocka_unit_test(damage_inside_a_binary_file_is_refused),
        cmocka_unit_test(xml_without_carriage_returns_goes_on),
        cmocka_unit_test(xmllint_reads_every_document),
        cmocka_unit_test(jq_reads_every_document),
        cmocka_unit_test(jq_sees_the_banners_bytes),
    };
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
