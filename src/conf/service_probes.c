/* The file nmap-service-probes of nmap, as far as it says what to send to which TCP port.
 *
 *     Exclude T:9100-9107
 *     Probe TCP GetRequest q|GET / HTTP/1.0\r\n\r\n|
 *     ports 80-85,88
 *
 * The string lies between two equal characters behind the q, whatever its escapes say; then these
 * are resolved. Lines that are passed over are not looked into, but their first word must be known:
 * a file of another kind shall not pass for one that names no port. */
#include "conf/service_probes.h"

#include <ctype.h>
#include <string.h>

#include "base/c_escape.h"
#include "base/port.h"
#include "target/parse.h"

struct probes_reader {
    service_probe_fn *take;
    void *context;
    struct range_set given; /* ports: of Exclude, and of the probes so far */
    struct range_set ports; /* of the probe that is being read */
    uint8_t bytes[SERVICE_PROBE_MAX];
    size_t length;
    bool in_probe, is_tcp;
};

static int read_string(struct probes_reader *reader, const char *at, const char *end,
                       struct error *err)
{
    reader->length = 0;
    while (at < end) {
        size_t length = 1;
        int byte = *at == '\\' ? c_escape_byte(at + 1, end, &length) : (unsigned char)*at;
        if (byte < 0)
            return error_set(err,
                             "\"%.*s\" is not an escape (want \\xHH or one of \\0 \\a \\b \\f \\n "
                             "\\r \\t \\v)",
                             (int)(end - at < 4 ? end - at : 4), at);
        at += *at == '\\' ? length + 1 : 1;
        if (reader->length == SERVICE_PROBE_MAX)
            return error_set(err, "the probe is too long (want at most %d bytes)",
                             SERVICE_PROBE_MAX);
        reader->bytes[reader->length++] = (uint8_t)byte;
    }
    return 0;
}

/* Removes all that is not TCP, and all that was given out before. */
static int limit_ports(struct probes_reader *reader, struct error *err)
{
    const struct range beyond = {port_code(PORT_UDP, 0), UINT32_MAX};
    struct range_set others;
    range_set_init(&others);
    int status = range_set_add(&others, beyond.first, beyond.last, err);
    if (status == 0)
        status = range_set_add_all(&others, &reader->given, err);
    if (status == 0 &&
        (range_set_normalise(&others, err) < 0 || range_set_normalise(&reader->ports, err) < 0 ||
         range_set_subtract(&reader->ports, &others, err) < 0))
        status = -1;
    range_set_fini(&others);
    return status;
}

/* Gives out the probe that was read, when all its lines are. */
static int finish_probe(struct probes_reader *reader, struct error *err)
{
    int status = 0;
    if (reader->is_tcp && reader->length > 0 && reader->ports.count > 0) {
        status = limit_ports(reader, err);
        if (status == 0 && reader->ports.count > 0)
            status =
                reader->take(reader->context, &reader->ports, reader->bytes, reader->length, err);
        if (status == 0 && range_set_add_all(&reader->given, &reader->ports, err) < 0)
            status = -1;
        if (status == 0)
            status = range_set_normalise(&reader->given, err);
    }
    range_set_fini(&reader->ports);
    range_set_init(&reader->ports);
    return status < 0 ? -1 : 0;
}

/* ---- the lines ---- */

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* The next word of *at, and *at behind it. */
static const char *take_word(const char **at, size_t *length)
{
    const char *word = skip_blanks(*at);
    *length = strcspn(word, " \t");
    *at = word + *length;
    return word;
}

static bool word_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(word, wanted, length) == 0;
}

static int read_probe(struct probes_reader *reader, const char *rest, struct error *err)
{
    static const char form[] = "want Probe TCP NAME q|STRING|, or UDP";
    size_t length;
    if (finish_probe(reader, err) < 0)
        return -1;
    const char *protocol = take_word(&rest, &length);
    reader->in_probe = true;
    reader->is_tcp = word_is(protocol, length, "TCP");
    if (!reader->is_tcp && !word_is(protocol, length, "UDP"))
        return error_set(err, "Probe: \"%.*s\" is not a protocol (%s)",
                         (int)(length < 60 ? length : 60), protocol, form);
    take_word(&rest, &length);
    const char *string = skip_blanks(rest);
    const char *end = *string == 'q' && string[1] != '\0' ? strchr(string + 2, string[1]) : NULL;
    if (length == 0 || end == NULL)
        return error_set(err, "Probe: there is no whole string (%s)", form);
    return read_string(reader, string + 2, end, err);
}

/* In this file a port of no class means TCP, where we look. */
static int read_ports(struct probes_reader *reader, const char *rest, struct error *err)
{
    if (target_parse_ports(&reader->ports, rest, PORT_TCP, err) < 0)
        return error_context(err, "ports");
    return 0;
}

static int read_exclude(struct probes_reader *reader, const char *rest, struct error *err)
{
    if (reader->in_probe)
        return error_set(err, "Exclude stands behind a probe (want it in front of all)");
    if (target_parse_ports(&reader->given, rest, PORT_TCP, err) < 0)
        return error_context(err, "Exclude");
    return range_set_normalise(&reader->given, err);
}

static int pass_over(struct probes_reader *reader, const char *rest, struct error *err)
{
    (void)reader, (void)rest, (void)err;
    return 0;
}

static const struct {
    const char *word;
    bool in_probe; /* says something of the probe above */
    int (*read)(struct probes_reader *reader, const char *rest, struct error *err);
} directives[] = {
    {"match", true, pass_over},        {"softmatch", true, pass_over},
    {"Probe", false, read_probe},      {"ports", true, read_ports},
    {"sslports", true, pass_over},     {"rarity", true, pass_over},
    {"fallback", true, pass_over},     {"totalwaitms", true, pass_over},
    {"tcpwrappedms", true, pass_over}, {"Exclude", false, read_exclude},
};

static int read_line(struct probes_reader *reader, const char *line, struct error *err)
{
    size_t length;
    const char *rest = line, *word = take_word(&rest, &length);
    if (length == 0 || *word == '#')
        return 0;
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (!word_is(word, length, directives[i].word))
            continue;
        if (directives[i].in_probe && !reader->in_probe)
            return error_set(err, "%s stands in front of all probes (want a Probe line first)",
                             directives[i].word);
        return directives[i].read(reader, rest, err);
    }
    return error_set(err,
                     "\"%.*s\" is not known in this kind of file (want Probe, ports, match and "
                     "such)",
                     (int)(length < 60 ? length : 60), word);
}

/* Cuts the line at `text` off, without its end; returns where the next one begins, at `end` none.
 * NULL: it holds a zero byte. */
static char *cut_line(char *text, char *end)
{
    char *newline = memchr(text, '\n', (size_t)(end - text));
    char *stop = newline != NULL ? newline : end;
    if (memchr(text, '\0', (size_t)(stop - text)) != NULL)
        return NULL;
    *stop = '\0';
    if (stop > text && stop[-1] == '\r')
        stop[-1] = '\0';
    return newline != NULL ? newline + 1 : end;
}

static int read_lines(struct probes_reader *reader, const char *path, char *text, char *end,
                      struct error *err)
{
    for (unsigned long number = 1; text < end; number++) {
        char *next = cut_line(text, end);
        if (next == NULL)
            return error_set(err, "%s:%lu: a zero byte; this is not a text file", path, number);
        if (read_line(reader, text, err) < 0)
            return error_context(err, "%s:%lu", path, number);
        text = next;
    }
    return finish_probe(reader, err) < 0 ? error_context(err, "%s", path) : 0;
}

int service_probes_read(const char *path, char *text, size_t length, service_probe_fn *take,
                        void *context, struct error *err)
{
    struct probes_reader reader = {.take = take, .context = context};
    int status = read_lines(&reader, path, text, text + length, err);
    range_set_fini(&reader.given);
    range_set_fini(&reader.ports);
    return status;
}
