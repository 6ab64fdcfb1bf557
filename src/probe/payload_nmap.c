/* UDP payloads from a file in the form of nmap's nmap-payloads.
 *
 * An entry is the word "udp", a list of ports, and strings in quotes, which are put together; they
 * may stand on any lines. What follows on a line that begins with another word behind an entry is
 * of no concern here (nmap has "source" for a source port, and uses it as little). A # outside of
 * quotes begins a comment. */
#include "probe/payload_nmap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/c_escape.h"
#include "base/file.h"
#include "target/range_set.h"

enum { LAST_PORT = 65535 };

struct parser {
    struct payload_set *set;
    const char *at, *end;
    unsigned line;
    struct range_set ports; /* of the entry */
    uint8_t bytes[PAYLOAD_MAX];
    size_t length; /* of the entry's payload */
};

static int peek(const struct parser *p)
{
    return p->at < p->end ? (unsigned char)*p->at : EOF;
}

static int next(struct parser *p)
{
    int c = peek(p);
    if (c != EOF)
        p->at++;
    if (c == '\n')
        p->line++;
    return c;
}

static void skip_line(struct parser *p)
{
    while (peek(p) != '\n' && peek(p) != EOF)
        next(p);
}

static void skip_blanks(struct parser *p)
{
    for (int c = peek(p); c != EOF && (isspace(c) || c == '#'); c = peek(p)) {
        if (c == '#')
            skip_line(p);
        else
            next(p);
    }
}

/* How much of what stands here an error shows. */
static int shown(const struct parser *p)
{
    int length = 0;
    while (length < 20 && p->at + length < p->end && isgraph((unsigned char)p->at[length]))
        length++;
    return length;
}

static bool is_word(const struct parser *p, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(p->end - p->at) > length && memcmp(p->at, word, length) == 0 &&
           isspace((unsigned char)p->at[length]);
}

static int read_port(struct parser *p, uint32_t *port, struct error *err)
{
    const char *begin = p->at;
    *port = 0;
    while (isdigit(peek(p)) && *port <= LAST_PORT)
        *port = *port * 10 + (uint32_t)(next(p) - '0');
    if (p->at == begin)
        return error_set(err, "\"%.*s\" is no port (want a number from 0 to 65535)", shown(p),
                         p->at);
    return *port <= LAST_PORT ? 0 : error_set(err, "port %u is above 65535", *port);
}

static int read_range(struct parser *p, struct error *err)
{
    uint32_t first, last;
    if (read_port(p, &first, err) < 0)
        return -1;
    last = first;
    if (peek(p) == '-') {
        next(p);
        if (read_port(p, &last, err) < 0)
            return -1;
    }
    if (last < first)
        return error_set(err, "the range of ports %u-%u ends before it begins", first, last);
    return range_set_add(&p->ports, first, last, err);
}

static int read_ports(struct parser *p, struct error *err)
{
    bool more;
    do {
        if (read_range(p, err) < 0)
            return -1;
        more = peek(p) == ',';
        if (more)
            next(p);
    } while (more);
    if (peek(p) != EOF && !isspace(peek(p)) && peek(p) != '"')
        return error_set(err,
                         "\"%.*s\" does not belong to a list of ports (want numbers and ranges "
                         "such as 53,1024-1100)",
                         shown(p), p->at);
    return 0;
}

/* What stands behind a backslash. */
static int read_escape(struct parser *p, uint8_t *byte, struct error *err)
{
    size_t length;
    int found = c_escape_byte(p->at, p->end, &length);
    if (found < 0)
        return error_set(err,
                         "\"\\%.*s\" is not an escape (want \\xHH or one of \\0 \\a \\b \\f "
                         "\\n \\r \\t \\v)",
                         p->end - p->at < 3 ? (int)(p->end - p->at) : 3, p->at);
    p->at += length;
    *byte = (uint8_t)found;
    return 0;
}

/* The rest of a string, behind its first quote. */
static int read_string(struct parser *p, struct error *err)
{
    for (int c = next(p); c != '"'; c = next(p)) {
        uint8_t byte = (uint8_t)c;
        bool has_no_end = c == EOF || c == '\n' || (c == '\\' && peek(p) == '\n');
        if (has_no_end) {
            p->line -= c == '\n';
            return error_set(err, "a string has no end (want a \" on the same line)");
        }
        if (c == '\\' && read_escape(p, &byte, err) < 0)
            return -1;
        if (p->length == PAYLOAD_MAX)
            return error_set(err, "the payload is longer than the %d bytes that can be sent",
                             PAYLOAD_MAX);
        p->bytes[p->length++] = byte;
    }
    return 0;
}

static int read_strings(struct parser *p, struct error *err)
{
    skip_blanks(p);
    if (peek(p) != '"')
        return error_set(err, "no payload stands behind the ports (want a string in quotes)");
    while (peek(p) == '"') {
        next(p);
        if (read_string(p, err) < 0)
            return -1;
        skip_blanks(p);
    }
    return 0;
}

static int put_entry(struct parser *p, struct error *err)
{
    for (size_t i = 0; i < p->ports.count; i++) {
        const struct range *range = &p->ports.ranges[i];
        if (payload_set_put(p->set, (uint16_t)range->first, (uint16_t)range->last, p->bytes,
                            p->length, err) < 0)
            return -1;
    }
    return 0;
}

static int read_entry(struct parser *p, struct error *err)
{
    if (!is_word(p, "udp"))
        return error_set(err, "\"%.*s\" begins no entry (want udp, ports, and strings in quotes)",
                         shown(p), p->at);
    p->at += strlen("udp");
    skip_blanks(p);
    range_set_init(&p->ports);
    p->length = 0;
    int result = read_ports(p, err);
    if (result == 0)
        result = read_strings(p, err);
    if (result == 0)
        result = put_entry(p, err);
    range_set_fini(&p->ports);
    return result;
}

static int read_entries(struct parser *p, struct error *err)
{
    skip_blanks(p);
    while (peek(p) != EOF) {
        if (read_entry(p, err) < 0)
            return -1;
        while (isalpha(peek(p)) && !is_word(p, "udp")) { /* a keyword */
            skip_line(p);
            skip_blanks(p);
        }
    }
    return 0;
}

int payload_nmap_parse(struct payload_set *set, const char *name, const char *text, size_t length,
                       struct error *err)
{
    struct parser parser = {.set = set, .at = text, .end = text + length, .line = 1};
    if (read_entries(&parser, err) < 0)
        return error_context(err, "%s:%u", name, parser.line);
    return 0;
}

int payload_nmap_load(struct payload_set *set, const char *path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, PAYLOAD_NMAP_MAX);
    int result = file_read(path, &text, err);
    if (result == 0)
        result = payload_nmap_parse(set, path, (const char *)text.bytes, text.length, err);
    buffer_fini(&text);
    return result;
}
