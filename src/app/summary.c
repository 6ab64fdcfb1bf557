/* --summary: what came of a scan, as one JSON object. */
#include "app/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "output/backup.h"

enum { DEPTH_MAXIMUM = 4, INDENT = 2 };

/* A document while it is written: where a comma is needed, and how far lines are indented. */
struct json {
    struct buffer *out;
    int depth;
    bool begun[DEPTH_MAXIMUM];
};

/* How many bytes of a well-formed character of UTF-8 beyond ASCII begin here; 0: none does. */
static size_t utf8_length(const char *text, size_t left)
{
    struct reader reader = reader_over(text, left);
    uint32_t character = utf8_read(&reader);
    bool is_whole = character != UTF8_NOTHING && character != UTF8_UNFINISHED;
    return is_whole ? left - reader_left(&reader) : 0;
}

/* A string of `length` bytes. What is no UTF-8 stands as one character a byte. */
static void put_string(struct buffer *out, const char *text, size_t length)
{
    buffer_char(out, '"');
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)text[i];
        size_t wide = c >= 0x80 ? utf8_length(text + i, length - i) : 0;
        if (wide > 0)
            buffer_append(out, text + i, wide);
        else if (c < ' ' || c >= 0x7f)
            buffer_printf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else
            buffer_char(out, (char)c);
        i += wide > 0 ? wide : 1;
    }
    buffer_char(out, '"');
}

/* Begins a line of an object or a list. */
static void item(struct json *json, const char *name)
{
    buffer_text(json->out, json->begun[json->depth] ? ",\n" : "\n");
    json->begun[json->depth] = true;
    for (int i = 0; i < (json->depth + 1) * INDENT; i++)
        buffer_char(json->out, ' ');
    if (name != NULL)
        buffer_printf(json->out, "\"%s\": ", name);
}

static void begin(struct json *json, const char *name, char bracket)
{
    item(json, name);
    buffer_char(json->out, bracket);
    json->begun[++json->depth] = false;
}

static void end(struct json *json, char bracket)
{
    bool lines = json->begun[json->depth--];
    buffer_text(json->out, lines ? "\n" : "");
    for (int i = 0; lines && i < (json->depth + 1) * INDENT; i++)
        buffer_char(json->out, ' ');
    buffer_char(json->out, bracket);
}

static void number(struct json *json, const char *name, uint64_t value)
{
    item(json, name);
    buffer_decimal(json->out, value);
}

static void real(struct json *json, const char *name, double value)
{
    item(json, name);
    buffer_printf(json->out, "%.9g", value);
}

/* `text` may be NULL. */
static void string(struct json *json, const char *name, const char *text)
{
    item(json, name);
    if (text == NULL)
        buffer_text(json->out, "null");
    else
        put_string(json->out, text, strlen(text));
}

struct count {
    const char *name;
    uint64_t value;
};

/* An object of numbers; the last one has no name. */
static void counts(struct json *json, const char *name, const struct count *counts)
{
    begin(json, name, '{');
    for (const struct count *count = counts; count->name != NULL; count++)
        number(json, count->name, count->value);
    end(json, '}');
}

/* Those that came. */
static void icmp_errors(struct json *json, const struct scan_summary *scan)
{
    struct count errors[ICMP_ERROR_KINDS + 1] = {{NULL, 0}};
    unsigned used = 0;
    for (unsigned kind = 0; kind < ICMP_ERROR_KINDS; kind++)
        if (scan->icmp_errors[kind] > 0)
            errors[used++] = (struct count){icmp_error_name(kind), scan->icmp_errors[kind]};
    counts(json, "icmp_errors", errors);
}

/* Each sign by its name in results, but for the dash. */
static void put_suspects(struct json *json, const struct suspect_counts *suspects)
{
    const struct count members[] = {
        {"hosts", suspects->hosts},
        {"tarpit", suspects->signs[SUSPECT_TARPIT]},
        {"syn_proxy", suspects->signs[SUSPECT_SYN_PROXY]},
        {"most_open", suspects->signs[SUSPECT_MOST_OPEN]},
        {"displaced", suspects->displaced},
        {NULL, 0},
    };
    counts(json, "suspects", members);
}

/* "192.0.2.1", null if the family is not in use. */
static void source(struct json *json, const char *name, const struct adapter_family *family)
{
    char text[IP_TEXT_SIZE];
    struct ip_address address = ip_from_number(family->source);
    string(json, name, family->in_use ? ip_format(&address, text) : NULL);
}

/* Each with what left and came through it. */
static void put_adapters(struct json *json, const struct summary_facts *facts)
{
    begin(json, "adapters", '[');
    for (unsigned i = 0; i < facts->links->count; i++) {
        const struct link *link = &facts->links->of[i];
        const struct scan_adapter *its = &facts->scan->adapters[i];
        begin(json, NULL, '{');
        string(json, "interface", link->adapter.interface.name);
        string(json, "transport", link->transport);
        number(json, "workers", its->workers);
        source(json, "ipv4", &link->adapter.ipv4);
        source(json, "ipv6", &link->adapter.ipv6);
        number(json, "port", link->adapter.port);
        number(json, "packets", its->packets);
        number(json, "probes", its->probes);
        number(json, "frames", its->frames);
        number(json, "replies", its->replies);
        end(json, '}');
    }
    end(json, ']');
}

static void put_counts(struct json *json, const struct summary_facts *facts)
{
    const struct scan_summary *scan = facts->scan;
    const struct scan_conversations *talks = &scan->conversations;
    const struct count sent[] = {
        {"packets", scan->packets},
        {"probes", scan->probes},
        {"retries", scan->retries},
        {"resets", scan->resets},
        {"segments", scan->segments},
        {"held_back", scan->unsent},
        {"unreachable", scan->unreachable},
        {"without_peer", scan->wayless},
        {NULL, 0},
    };
    const struct count received[] = {
        {"frames", scan->frames},           {"replies", scan->replies},
        {"duplicates", scan->duplicates},   {"wrong_cookies", scan->forged},
        {"undecodable", scan->undecodable}, {NULL, 0},
    };
    const struct count results[] = {
        {"answered", scan->open + scan->closed},
        {"open", scan->open},
        {"closed", scan->closed},
        {"forgotten", scan->dedup_forgotten},
        {NULL, 0},
    };
    const struct count drops[] = {
        {"ours", scan_summary_lost(scan)},
        {"ring", scan->drops.ring},
        {"socket", scan->drops.socket},
        {"interface_sending", scan->drops.interface_tx},
        {"interface_receiving", scan->drops.interface_rx},
        {"fields", talks->lost_fields},
        {"unsaved", scan->seen.unsaved},
        {"untraced", scan->seen.untraced},
        {"rounds", facts->lost_rounds},
        {NULL, 0},
    };
    const struct count conversations[] = {
        {"opened", talks->opened},
        {"answered", talks->answered},
        {"mute", talks->mute},
        {"reset", talks->reset},
        {"timed_out", talks->timed_out},
        {"retransmitted", talks->retransmitted},
        {"fields", talks->fields},
        {"starved", talks->starved},
        {"turned_away", talks->turned_away},
        {NULL, 0},
    };
    put_adapters(json, facts);
    counts(json, "sent", sent);
    counts(json, "received", received);
    icmp_errors(json, scan);
    counts(json, "results", results);
    counts(json, "drops", drops);
    counts(json, "conversations", conversations);
    put_suspects(json, &scan->suspects);
}

static void share(struct json *json, const char *name, const struct loss_share *share)
{
    begin(json, name, '{');
    real(json, "estimate", share->estimate);
    real(json, "low", share->least);
    real(json, "high", share->most);
    end(json, '}');
}

static void loss(struct json *json, const struct loss *loss)
{
    begin(json, "loss", '{');
    if (loss->unknown == NULL) {
        share(json, "probes", &loss->probes);
        share(json, "pairs", &loss->pairs);
    } else {
        string(json, "probes", NULL);
        string(json, "pairs", NULL);
    }
    string(json, "unknown", loss->unknown);
    end(json, '}');
}

/* The lines of the configuration, but for comments. */
static void settings(struct json *json, const char *text)
{
    begin(json, "settings", '[');
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (length > 0 && *line != '#') {
            item(json, NULL);
            put_string(json->out, line, length);
        }
        line += length + (line[length] == '\n');
    }
    end(json, ']');
}

static const char *outcome(int status)
{
    if (status < 0 || status == EXIT_OUTPUT)
        return "failed";
    return status == EXIT_INTERRUPTED ? "interrupted" : "complete";
}

static void circumstances(struct json *json, const struct summary_facts *facts)
{
    number(json, "version", 1);
    string(json, "outcome", outcome(facts->status));
    string(json, "error", facts->status < 0 ? facts->error->text : NULL);
    string(json, "masscan", APP_VERSION);
    string(json, "libraries", APP_LIBRARIES);
    string(json, "transport", facts->links->of[0].transport);
    number(json, "started", facts->started);
    number(json, "ended", facts->ended);
    real(json, "sending_seconds", (double)facts->scan->elapsed_ns / (double)NS_PER_SECOND);
    real(json, "rate", facts->scan->rate_pps);
    number(json, "seed", facts->seed);
    number(json, "round", facts->round);
    number(json, "pairs", facts->scan->pairs);
    number(json, "tries", facts->scan->tries);
}

void summary_json(const struct summary_facts *facts, struct buffer *out)
{
    struct json json = {.out = out};
    buffer_char(out, '{');
    circumstances(&json, facts);
    put_counts(&json, facts);
    loss(&json, &facts->scan->loss);
    settings(&json, facts->settings);
    buffer_text(out, "\n}\n");
}

int summary_check(const char *path, struct error *err)
{
    struct stat facts;
    char copy[BACKUP_PATH_SIZE];
    if (strlen(path) >= sizeof copy)
        return error_sys(err, ENAMETOOLONG, "--summary: \"%.60s...\"", path);
    if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode))
        return error_set(err, "--summary: \"%s\" is no regular file (want the name of one)", path);
    strcpy(copy, path);
    const char *folder = dirname(copy);
    if (stat(folder, &facts) < 0)
        return error_sys(err, errno, "--summary: the folder \"%s\"", folder);
    if (!S_ISDIR(facts.st_mode) || access(folder, W_OK) < 0)
        return error_sys(err, S_ISDIR(facts.st_mode) ? errno : ENOTDIR,
                         "--summary: cannot write into \"%s\"", folder);
    return 0;
}

static void write_json(const void *facts, struct buffer *out)
{
    summary_json(facts, out);
}

int summary_write(const char *path, const struct summary_facts *facts, struct error *err)
{
    char kept[BACKUP_PATH_SIZE];
    int result = backup_make(path, kept, err);
    if (result == 0 && kept[0] != '\0')
        fprintf(stderr, "kept an earlier summary as %s\n", kept);
    if (result == 0)
        result = file_write_atomically(path, write_json, facts, err);
    if (result == 0)
        return 0;
    error_prefix(err, "--summary");
    return error_blame(err, ERROR_OUTPUT);
}
