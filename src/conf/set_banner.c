/* Setters and echoes of banners: what is said to open ports, what is reported of the answers. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/banner_limits.h"
#include "base/base64.h"
#include "base/file.h"
#include "conf/port_hello.h"
#include "conf/service_probes.h"
#include "conf/set.h"
#include "conf/string_list.h"

/* ---- what is said first ---- */

static uint16_t port_of(const struct option_use *use)
{
    return (uint16_t)use->index.number;
}

int set_hello_string(const struct option_use *use, struct error *err)
{
    struct buffer bytes;
    size_t length = strlen(use->value);
    buffer_init(&bytes, BANNER_HELLO_MAX);
    int status = 0;
    if (!base64_decode(&bytes, use->value, length))
        status = error_set(err, "\"%.60s\" is not base64 (want such as RUhMTwo=)", use->value);
    else if (bytes.failed)
        status = error_set(err, "%zu characters are too many (want at most %d bytes)", length,
                           BANNER_HELLO_MAX);
    else
        status = port_hello_set(use->conf, port_of(use), bytes.bytes, bytes.length, NULL, err);
    buffer_fini(&bytes);
    return status;
}

/* NULL for what will not be there again when a paused scan goes on, such as a pipe, or whatever
 * standard input is: that is kept by its bytes. */
static const char *kept_path(const char *path)
{
    struct stat status;
    bool is_passing = strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
    return !is_passing && stat(path, &status) == 0 && S_ISREG(status.st_mode) ? path : NULL;
}

int set_hello_file(const struct option_use *use, struct error *err)
{
    struct buffer bytes;
    if (value_check_text(use->value, err) < 0)
        return -1;
    buffer_init(&bytes, BANNER_HELLO_MAX);
    int status = file_read(use->value, &bytes, err);
    if (status == 0 && bytes.length == 0)
        status = error_set(err, "%s: is empty (want 1 to %d bytes)", use->value, BANNER_HELLO_MAX);
    if (status == 0)
        status = port_hello_set(use->conf, port_of(use), bytes.bytes, bytes.length,
                                kept_path(use->value), err);
    buffer_fini(&bytes);
    return status;
}

void echo_hello_files(const struct conf *conf, const struct option *option, struct buffer *out)
{
    for (unsigned i = 0; i < conf->port_hello_count; i++) {
        const struct conf_port_hello *hello = &conf->port_hellos[i];
        if (hello->file == NULL)
            continue;
        buffer_printf(out, "%s[%u] = ", option->name, hello->port);
        echo_value(out, hello->file);
    }
}

void echo_hello_strings(const struct conf *conf, const struct option *option, struct buffer *out)
{
    for (unsigned i = 0; i < conf->port_hello_count; i++) {
        const struct conf_port_hello *hello = &conf->port_hellos[i];
        if (hello->file != NULL || hello->is_probe)
            continue;
        buffer_printf(out, "%s[%u] = ", option->name, hello->port);
        base64_encode(out, hello->bytes, hello->length);
        buffer_char(out, '\n');
    }
}

/* A service_probe_fn. */
static int take_probe(void *context, const struct range_set *ports, const uint8_t *bytes,
                      size_t length, struct error *err)
{
    for (size_t i = 0; i < ports->count; i++)
        for (uint32_t port = ports->ranges[i].first; port <= ports->ranges[i].last; port++)
            if (port_hello_set_probe(context, (uint16_t)port, bytes, length, err) < 0)
                return -1;
    return 0;
}

int set_service_probes(const struct option_use *use, struct error *err)
{
    struct buffer text;
    if (value_check_text(use->value, err) < 0)
        return -1;
    port_hello_drop_probes(use->conf);
    buffer_init(&text, SERVICE_PROBES_FILE_MAX);
    int status = file_read(use->value, &text, err);
    size_t length = text.length;
    buffer_char(&text, '\n');
    if (status == 0 && text.failed)
        status = error_set(err, "%s: is too long (want less than %d bytes)", use->value,
                           SERVICE_PROBES_FILE_MAX);
    if (status == 0)
        status =
            service_probes_read(use->value, (char *)text.bytes, length, take_probe, use->conf, err);
    buffer_fini(&text);
    return status < 0 ? -1 : string_replace(&use->conf->nmap_service_probes, use->value, err);
}

/* ---- what else is reported ---- */

static const struct {
    const char *word;
    size_t offset;
    bool standard;
} captures[] = {
    {"cert", offsetof(struct conf, capture_cert), true},
    {"servername", offsetof(struct conf, capture_servername), false},
    {"html", offsetof(struct conf, capture_html), false},
};
enum { CAPTURES = sizeof captures / sizeof *captures };

static bool *captured(const struct conf *conf, unsigned which)
{
    return (bool *)((char *)conf + captures[which].offset);
}

/* CAPTURES: it is none. */
static unsigned find_capture(const char *word, size_t length)
{
    unsigned which = 0;
    while (which < CAPTURES && (strlen(captures[which].word) != length ||
                                strncasecmp(captures[which].word, word, length) != 0))
        which++;
    return which;
}

/* Switches each item of a comma list on or off. */
static int set_captured(const struct option_use *use, bool on, struct error *err)
{
    const char *at = use->value;
    do {
        size_t length = strcspn(at, ",");
        unsigned which = find_capture(at, length);
        if (which == CAPTURES)
            return error_set(err,
                             "\"%.60s\" is not known (want cert, servername, html, or several with "
                             "commas between them)",
                             use->value);
        *captured(use->conf, which) = on;
        at += length;
    } while (*at++ == ',');
    return 0;
}

int set_capture(const struct option_use *use, struct error *err)
{
    return set_captured(use, true, err);
}

int set_nocapture(const struct option_use *use, struct error *err)
{
    return set_captured(use, false, err);
}

/* Of an echo of all nothing is left out: a line of the one option may take back the other's. */
static void echo_captured(const struct conf *conf, const struct option *option, bool on,
                          struct buffer *out)
{
    for (unsigned i = 0; i < CAPTURES; i++)
        if (*captured(conf, i) == on && (conf->echo_all || captures[i].standard != on))
            buffer_printf(out, "%s = %s\n", option->name, captures[i].word);
}

void echo_capture(const struct conf *conf, const struct option *option, struct buffer *out)
{
    echo_captured(conf, option, true, out);
}

void echo_nocapture(const struct conf *conf, const struct option *option, struct buffer *out)
{
    echo_captured(conf, option, false, out);
}

/* ---- TLS ---- */

enum { HOST_NAME_MAX_LENGTH = 255 };

/* Letters, digits, dashes and underlines, with single dots between. */
static bool is_host_name(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (;;) {
        size_t length = strspn(text, allowed);
        if (length == 0)
            return false;
        text += length;
        if (*text == '\0')
            return true;
        if (*text++ != '.')
            return false;
    }
}

/* RFC 6066, 3: a name of the DNS without the dot at its end, and no address. */
int set_host_name(const struct option_use *use, struct error *err)
{
    struct ip_address address;
    size_t length = strlen(use->value);
    if (length > HOST_NAME_MAX_LENGTH || !is_host_name(use->value))
        return error_set(err,
                         "\"%.60s\" is not the name of a host (want such as www.example.com, at "
                         "most %d characters)",
                         use->value, HOST_NAME_MAX_LENGTH);
    if (ip_parse(&address, use->value, length))
        return error_set(err, "%.60s is an address (want a name, such as www.example.com)",
                         use->value);
    return set_text(use, err);
}

/* ---- HTTP ---- */

/* RFC 9110, 5.6.2: what methods and the names of fields are made of. */
static bool is_token(const char *text, size_t length)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++)
        if (!isascii(text[i]) ||
            (!isalnum((unsigned char)text[i]) && strchr(marks, text[i]) == NULL))
            return false;
    return length > 0;
}

int set_token(const struct option_use *use, struct error *err)
{
    if (!is_token(use->value, strlen(use->value)))
        return error_set(err,
                         "\"%.60s\" is not a token of HTTP (want such as GET, in letters and "
                         "digits)",
                         use->value);
    return set_text(use, err);
}

int set_without_blanks(const struct option_use *use, struct error *err)
{
    if (strchr(use->value, ' ') != NULL)
        return error_set(err, "\"%.60s\" holds a blank (want it without)", use->value);
    return set_text(use, err);
}

/* A field's name and its value, without the blanks around it. */
struct field {
    const char *name, *value;
    size_t name_length, value_length;
};

static struct field trim_value(struct field field)
{
    field.value += strspn(field.value, " ");
    field.value_length = strlen(field.value);
    while (field.value_length > 0 && field.value[field.value_length - 1] == ' ')
        field.value_length--;
    return field;
}

/* The name stands in brackets, or in front of the value and a colon. */
static int read_field(const struct option_use *use, struct field *field, struct error *err)
{
    const char *text = use->value != NULL ? use->value : "";
    *field = (struct field){use->index.text, text, use->index.length, 0};
    if (*text != '\0' && value_check_text(text, err) < 0)
        return -1;
    if (use->index.length == 0) {
        field->name = text;
        field->name_length = strcspn(text, ":");
        if (text[field->name_length] != ':')
            return error_set(err, "\"%.60s\" has no colon (want such as X-Name: value)", text);
        field->value = text + field->name_length + 1;
    }
    *field = trim_value(*field);
    if (is_token(field->name, field->name_length))
        return 0;
    int shown = field->name_length < 60 ? (int)field->name_length : 60;
    return error_set(err,
                     "\"%.*s\" is not the name of a field (want such as X-Name, in letters and "
                     "digits)",
                     shown, field->name);
}

/* The place of the header of that name, or the number of them. */
static unsigned find_header(const struct conf_strings *headers, const struct field *field)
{
    unsigned at = 0;
    while (at < headers->count &&
           (strncasecmp(headers->items[at], field->name, field->name_length) != 0 ||
            headers->items[at][field->name_length] != ':'))
        at++;
    return at;
}

static int put_header(struct conf *conf, const struct field *field, const char *header,
                      struct error *err)
{
    struct conf_strings *headers = &conf->http_headers;
    unsigned at = find_header(headers, field);
    if (at < headers->count)
        return string_replace(&headers->items[at], header, err);
    if (headers->count == CONF_HTTP_HEADERS_MAX)
        return error_set(err, "more than %d of them", CONF_HTTP_HEADERS_MAX);
    return string_list_add(headers, header, err);
}

int set_http_header(const struct option_use *use, struct error *err)
{
    struct field field;
    struct buffer header;
    if (read_field(use, &field, err) < 0)
        return -1;
    buffer_init(&header, BANNER_HELLO_MAX);
    buffer_append(&header, field.name, field.name_length);
    buffer_text(&header, ": ");
    buffer_append(&header, field.value, field.value_length);
    const char *text = buffer_string(&header);
    int status = header.failed ? error_set(err, "the field is too long (want less than %d bytes)",
                                           BANNER_HELLO_MAX)
                               : put_header(use->conf, &field, text, err);
    buffer_fini(&header);
    return status;
}

/* As the existing tool reads and writes them: `http-header[X-Name] = value`. */
void echo_http_headers(const struct conf *conf, const struct option *option, struct buffer *out)
{
    for (unsigned i = 0; i < conf->http_headers.count; i++) {
        const char *header = conf->http_headers.items[i];
        size_t length = strcspn(header, ":");
        buffer_printf(out, "%s[%.*s] = ", option->name, (int)length, header);
        echo_value(out, header + length + 2);
    }
}
