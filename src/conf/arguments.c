/* Reading the command line.
 *
 * First the arguments are cut into uses of options, then the uses are put to work: those that
 * decide how the others are read (the action, the scan types), then the system's config file, then
 * all others in their order. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/port.h"
#include "conf/option.h"
#include "conf/reading.h"
#include "conf/string_list.h"
#include "target/parse.h"

#define SYSTEM_PATH "/etc/masscan/masscan.conf"

enum { COMMAND_MAX = 32 << 20 }; /* four times what Linux takes, for quotes */

/* One use, pointing into the arguments. */
struct use {
    const struct option *option;
    const char *spelled; /* with its dashes; NULL for a target that needs no name */
    size_t spelled_length;
    const char *value;
    struct option_index index;
};

struct command_line {
    int argc;
    char *const *argv;
    int at; /* the argument that is looked at */
    struct use *uses;
    unsigned count;
};

static int add_use(struct command_line *line, struct use use, struct error *err)
{
    struct use *uses = reallocarray(line->uses, line->count + 1, sizeof *uses);
    if (uses == NULL)
        return error_set(err, "out of memory");
    line->uses = uses;
    uses[line->count++] = use;
    return 0;
}

static int name_use(const struct use *use, struct error *err)
{
    if (use->spelled == NULL)
        return -1;
    int shown = use->spelled_length < 60 ? (int)use->spelled_length : 60;
    return error_context(err, "%.*s", shown, use->spelled);
}

static const char *next_argument(const struct command_line *line)
{
    return line->at + 1 < line->argc ? line->argv[line->at + 1] : NULL;
}

/* A single dash alone, or in front of a digit, may be or begin a value (`-oX -`, `-p -100`). */
static bool is_another_option(const char *argument)
{
    return argument[0] == '-' && (argument[1] == '-' || isalpha((unsigned char)argument[1]));
}

/* The argument behind an option that wants a value. An option there means that it was forgotten. */
static int take_value(struct command_line *line, struct use use, struct error *err)
{
    const char *next = next_argument(line);
    if (next == NULL || *next == '\0')
        error_set(err, "the value is missing (want %s)", use.option->placeholder);
    else if (is_another_option(next))
        error_set(err, "the value is missing (want %s), \"%.60s\" is another option",
                  use.option->placeholder, next);
    else {
        line->at++;
        use.value = next;
        return add_use(line, use, err);
    }
    return name_use(&use, err);
}

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

static int take_many(struct command_line *line, struct use use, struct error *err)
{
    if (take_value(line, use, err) < 0)
        return -1;
    for (const char *next; (next = next_argument(line)) != NULL && !is_option(next); line->at++) {
        use.value = next;
        if (add_use(line, use, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_number(const char *argument)
{
    return *argument != '\0' && argument[strspn(argument, "0123456789")] == '\0';
}

/* An option without a value of its own (`--name`, `-p`). */
static int add_bare(struct command_line *line, struct use use, struct error *err)
{
    const char *next = next_argument(line);
    if (use.option->flags & OPTION_NUMBER_FOLLOWS && next != NULL && is_number(next))
        return take_value(line, use, err);
    if (use.option->argument <= ARGUMENT_OPTIONAL)
        return add_use(line, use, err);
    if (use.option->argument == ARGUMENT_MANY)
        return take_many(line, use, err);
    return take_value(line, use, err);
}

/* `--name`, `--name=value`, `--name:value`, `--name[0]=value` */
static int read_long(struct command_line *line, const char *argument, struct error *err)
{
    const char *name = argument + 2;
    size_t length = strcspn(name, "=:");
    struct use use = {.spelled = argument, .spelled_length = length + 2};
    bool has_value = name[length] != '\0';
    use.value = has_value ? name + length + 1 : NULL;
    if (option_cut_index(name, &length, &use.index, err) < 0)
        return name_use(&use, err);
    use.option = option_find(name, length);
    if (use.option == NULL)
        return option_unknown("--", name, length, err);
    return has_value ? add_use(line, use, err) : add_bare(line, use, err);
}

/* `-vv`, `-nv`: every letter a flag that takes no value. 1 if it is not that. */
static int read_cluster(struct command_line *line, const char *argument, struct error *err)
{
    for (const char *letter = argument + 1; *letter != '\0'; letter++) {
        const struct option *option = option_find_exact_short(letter, 1);
        if (option == NULL || option->argument > ARGUMENT_OPTIONAL)
            return 1;
    }
    for (const char *letter = argument + 1; *letter != '\0'; letter++) {
        const struct option *option = option_find_exact_short(letter, 1);
        struct use use = {
            .option = option, .spelled = argument, .spelled_length = strlen(argument)};
        if (add_use(line, use, err) < 0)
            return -1;
    }
    return 0;
}

/* `-sSU` is `-sS -sU`. 1 if it is not that. */
static int read_scan_types(struct command_line *line, const char *argument, struct error *err)
{
    if (strncmp(argument, "-s", 2) != 0 || strlen(argument) < 4)
        return 1;
    for (int add = 0; add <= 1; add++) {
        for (const char *letter = argument + 2; *letter != '\0'; letter++) {
            const char flag[2] = {'s', *letter};
            const struct option *option = option_find_exact_short(flag, 2);
            if (option == NULL)
                return 1;
            struct use use = {
                .option = option, .spelled = argument, .spelled_length = strlen(argument)};
            if (add && add_use(line, use, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int read_short_letters(struct command_line *line, const char *argument, struct error *err)
{
    int status = read_cluster(line, argument, err);
    if (status == 1)
        status = read_scan_types(line, argument, err);
    if (status != 1)
        return status;
    return option_unknown("-", argument + 1, strcspn(argument + 1, "=:"), err);
}

/* `-p80`, `-p 80`, `-p=80`, `-sL` */
static int read_short(struct command_line *line, const char *argument, struct error *err)
{
    const char *text = argument + 1;
    size_t name_length = strcspn(text, "=:"), length;
    const struct option *option = option_find_short(text, &length);
    if (length < name_length && option_find(text, name_length) != NULL)
        return error_set(err, "%.60s: a name of several letters needs two dashes: -%.60s", argument,
                         argument);
    struct use use = {.option = option, .spelled = argument, .spelled_length = length + 1};
    if (option != NULL && text[length] == '\0')
        return add_bare(line, use, err);
    if (option == NULL || (option->argument <= ARGUMENT_OPTIONAL && text[length] != '='))
        return read_short_letters(line, argument, err);
    use.value = text + length + (text[length] == '=');
    return add_use(line, use, err);
}

static int add_target(struct command_line *line, const char *text, struct error *err)
{
    struct use use = {.option = option_find("range", 5), .value = text};
    return add_use(line, use, err);
}

static int cut(struct command_line *line, struct error *err)
{
    bool only_targets = false;
    for (line->at = 1; line->at < line->argc; line->at++) {
        const char *argument = line->argv[line->at];
        int status = 0;
        if (only_targets || !is_option(argument))
            status = add_target(line, argument, err);
        else if (strcmp(argument, "--") == 0)
            only_targets = true;
        else if (argument[1] == '-')
            status = read_long(line, argument, err);
        else
            status = read_short(line, argument, err);
        if (status < 0)
            return -1;
    }
    return 0;
}

/* The use whose value is a secret and stands in this argument, or NULL. */
static const struct use *find_secret(const struct command_line *line, const char *argument)
{
    const char *end = argument + strlen(argument);
    for (unsigned i = 0; i < line->count; i++) {
        const struct use *use = &line->uses[i];
        if (use->option->flags & OPTION_SECRET && use->value >= argument && use->value < end)
            return use;
    }
    return NULL;
}

/* As a shell would take it. */
static void append_word(struct buffer *out, const char *word, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_[]";
    bool quoted = length == 0 || strspn(word, plain) < length;
    buffer_text(out, quoted ? "'" : "");
    for (size_t i = 0; i < length; i++)
        if (word[i] == '\'')
            buffer_text(out, "'\\''");
        else
            buffer_char(out, word[i]);
    buffer_text(out, quoted ? "'" : "");
}

/* Keeps the command line, with stars for secrets. */
static int keep_command(const struct command_line *line, struct conf *conf, struct error *err)
{
    struct buffer text;
    buffer_init(&text, COMMAND_MAX);
    for (int i = 0; i < line->argc; i++) {
        const char *argument = line->argv[i];
        const struct use *secret = find_secret(line, argument);
        size_t shown = secret != NULL ? (size_t)(secret->value - argument) : strlen(argument);
        buffer_text(&text, i > 0 ? " " : "");
        if (secret == NULL || shown > 0)
            append_word(&text, argument, shown);
        buffer_text(&text, secret != NULL ? "***" : "");
    }
    int status = text.failed ? error_set(err, "out of memory for the command line")
                             : string_replace(&conf->command, buffer_string(&text), err);
    buffer_fini(&text);
    return status;
}

static int apply(const struct command_line *line, struct reading *reading, bool early,
                 struct error *err)
{
    for (unsigned i = 0; i < line->count; i++) {
        const struct use *use = &line->uses[i];
        bool is_early = use->option->flags & OPTION_EARLY;
        if (is_early == early &&
            reading_apply(reading, use->option, use->index, use->value, err) < 0)
            return name_use(use, err);
    }
    return 0;
}

/* Does it scan, or tell of a scan? */
static bool concerns_scan(enum conf_action action)
{
    switch (action) {
    case ACTION_SCAN:
    case ACTION_LIST:
    case ACTION_READRANGE:
    case ACTION_ECHO:
    case ACTION_IFLIST:
        return true;
    default:
        return false;
    }
}

/* Absent is well; there but not readable is not, for it may hold excludes. */
static int read_system_file(const struct reading *reading, const char *path, struct error *err)
{
    if (path == NULL || !concerns_scan(reading->conf->action))
        return 0;
    if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    return reading_file(reading, path, err);
}

/* As nmap does: -sO without ports asks about all protocols, of which there are no more than 256. */
static int default_protocols(const struct reading *reading, struct error *err)
{
    struct conf *conf = reading->conf;
    if (reading->port_classes != 1u << PORT_IP_PROTO || conf->ports.count > 0)
        return 0;
    return target_parse_ports(&conf->ports, "0-255", PORT_IP_PROTO, err);
}

static int apply_all(const struct command_line *line, struct reading *reading,
                     const char *system_path, struct error *err)
{
    const enum conf_action *action = &reading->conf->action;
    if (apply(line, reading, true, err) < 0)
        return -1;
    if (*action == ACTION_HELP || *action == ACTION_VERSION)
        return 0;
    if (read_system_file(reading, system_path, err) < 0 || apply(line, reading, false, err) < 0 ||
        source_notices(reading->sources, reading->conf, err) < 0 ||
        default_protocols(reading, err) < 0)
        return -1;
    return conf_check(reading->conf, err);
}

int conf_read_arguments_after(struct conf *conf, const char *system_path, int argc,
                              char *const argv[], struct error *err)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct source_list sources = {0};
    struct reading reading = {.conf = conf, .sources = &sources};
    int status = cut(&line, err);
    if (status == 0)
        status = keep_command(&line, conf, err);
    if (status == 0)
        status = apply_all(&line, &reading, system_path, err);
    free(line.uses);
    source_list_fini(&sources);
    if (status < 0 && err != NULL)
        string_make_line(err->text);
    return status;
}

int conf_read_arguments(struct conf *conf, int argc, char *const argv[], struct error *err)
{
    return conf_read_arguments_after(conf, SYSTEM_PATH, argc, argv, err);
}
