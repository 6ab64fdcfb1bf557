/* Setters and echoes of what comes out: files with their formats, and which results.
 *
 * --output-format and --output-filename make pairs in the order they come: a name goes to the last
 * output if that has none yet, a format to the last output if that has none or no name; else they
 * begin another output. A format that writes no file stands alone. Pairs are not made across the
 * borders of a config file, but for a format that still waits for a name. The -o options give both
 * at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time_fields.h"
#include "conf/set.h"
#include "conf/string_list.h"

static struct conf_output *last_output(struct conf *conf)
{
    return conf->output_count > 0 ? &conf->outputs[conf->output_count - 1] : NULL;
}

static struct conf_output *new_output(struct conf *conf, struct error *err)
{
    if (conf->output_count == CONF_OUTPUTS_MAX) {
        error_set(err, "more than %d outputs", CONF_OUTPUTS_MAX);
        return NULL;
    }
    struct conf_output *output = &conf->outputs[conf->output_count++];
    *output = (struct conf_output){0};
    return output;
}

bool output_needs_no_file(const char *format)
{
    return format != NULL &&
           (strcasecmp(format, "interactive") == 0 || strcasecmp(format, "none") == 0);
}

enum { PATH_SIZE = 4096 };

#define WEB_STYLESHEET "https://svn.nmap.org/nmap/docs/nmap.xsl"

/* A file name, with fields of the time that there are. */
static int check_path(const char *path, struct error *err)
{
    struct buffer filled;
    if (value_check_text(path, err) < 0)
        return -1;
    buffer_init(&filled, PATH_SIZE);
    int status = time_fields_fill(&filled, path, 0, err);
    buffer_fini(&filled);
    return status;
}

int set_output_format(const struct option_use *use, struct error *err)
{
    struct conf_output *output = last_output(use->conf);
    if (value_check_text(use->value, err) < 0)
        return -1;
    bool lacks_format = output != NULL && output->format == NULL;
    bool lacks_name =
        output != NULL && output->path == NULL && !output_needs_no_file(output->format);
    bool open = (lacks_format || lacks_name) && !output_needs_no_file(use->value);
    if (!open)
        output = new_output(use->conf, err);
    return output == NULL ? -1 : string_replace(&output->format, use->value, err);
}

int set_output_filename(const struct option_use *use, struct error *err)
{
    struct conf_output *output = last_output(use->conf);
    if (check_path(use->value, err) < 0)
        return -1;
    if (output == NULL || output->path != NULL || output_needs_no_file(output->format))
        output = new_output(use->conf, err);
    return output == NULL ? -1 : string_replace(&output->path, use->value, err);
}

static int add_output(struct conf *conf, const char *format, const char *path, struct error *err)
{
    struct conf_output *output = new_output(conf, err);
    if (output == NULL || string_replace(&output->format, format, err) < 0)
        return -1;
    return string_replace(&output->path, path, err);
}

int set_output(const struct option_use *use, struct error *err)
{
    if (check_path(use->value, err) < 0)
        return -1;
    return add_output(use->conf, use->option->words, use->value, err);
}

int set_output_all(const struct option_use *use, struct error *err)
{
    static const struct {
        const char *format, *suffix;
    } files[] = {{"xml", "xml"}, {"grepable", "gnmap"}, {"list", "list"}};
    if (check_path(use->value, err) < 0)
        return -1;
    if (strcmp(use->value, "-") == 0)
        return error_set(err, "standard output cannot be three files (want a name)");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[PATH_SIZE];
        int length = snprintf(path, sizeof path, "%s.%s", use->value, files[i].suffix);
        if (length >= (int)sizeof path)
            return error_set(err, "the name is too long (at most %zu characters)",
                             sizeof path - sizeof ".gnmap");
        if (add_output(use->conf, files[i].format, path, err) < 0)
            return -1;
    }
    return 0;
}

int set_webxml(const struct option_use *use, struct error *err)
{
    bool named;
    if (value_bool(use->value, &named, err) < 0)
        return -1;
    return named ? string_replace(&use->conf->stylesheet, WEB_STYLESHEET, err) : 0;
}

int set_no_stylesheet(const struct option_use *use, struct error *err)
{
    bool none;
    if (value_bool(use->value, &none, err) < 0)
        return -1;
    if (none) {
        free(use->conf->stylesheet);
        use->conf->stylesheet = NULL;
    }
    return 0;
}

int output_settle_last(struct conf *conf, struct error *err)
{
    struct conf_output *output = last_output(conf);
    if (output == NULL || output->path == NULL || output->format != NULL)
        return 0;
    return string_replace(&output->format, "xml", err);
}

/* A name that is filled in stays as it is, so that a scan that is resumed goes on in its file. */
static void echo_name(const struct option *option, const char *name, struct buffer *out)
{
    struct buffer escaped;
    buffer_init(&escaped, 2 * PATH_SIZE);
    time_fields_escape(&escaped, name);
    echo_quoted(option, out, buffer_string(&escaped));
    buffer_fini(&escaped);
}

/* The format is always said, else the next output's would be taken for it. */
void echo_outputs(const struct conf *conf, const struct option *option, struct buffer *out)
{
    for (unsigned i = 0; i < conf->output_count; i++) {
        const struct conf_output *output = &conf->outputs[i];
        buffer_printf(out, "output-format = %s\n", output->format ? output->format : "xml");
        if (output->name != NULL)
            echo_name(option, output->name, out);
        else if (output->path != NULL)
            echo_quoted(option, out, output->path);
    }
}

static bool word_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

/* Kinds of result, and where it stands whether they are shown. */
static const struct {
    const char *word;
    size_t offset;
} kinds[] = {
    {"open", offsetof(struct conf, show_open)},
    {"closed", offsetof(struct conf, show_closed)},
    {"suspects", offsetof(struct conf, show_suspects)},
};

/* Shows or hides the kinds of result in a comma list. */
static int set_shown(const struct option_use *use, bool shown, struct error *err)
{
    struct conf *conf = use->conf;
    for (const char *word = use->value;; word++) {
        size_t length = strcspn(word, ",");
        bool all = word_is(word, length, "all"), known = all;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            if (!all && !word_is(word, length, kinds[i].word))
                continue;
            *(bool *)((char *)conf + kinds[i].offset) = shown;
            known = true;
        }
        if (!known)
            return error_set(err,
                             "\"%.60s\" is not a kind of result (want open, closed, suspects or "
                             "all)",
                             use->value);
        word += length;
        if (*word == '\0')
            return 0;
    }
}

int set_show(const struct option_use *use, struct error *err)
{
    return set_shown(use, true, err);
}

int set_noshow(const struct option_use *use, struct error *err)
{
    return set_shown(use, false, err);
}

int set_open_only(const struct option_use *use, struct error *err)
{
    bool only;
    if (value_bool(use->value, &only, err) < 0)
        return -1;
    use->conf->show_open = true;
    use->conf->show_closed = !only;
    return 0;
}

void echo_show(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (conf->show_closed)
        echo_line(option, out, "closed");
}

void echo_noshow(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (!conf->show_open)
        echo_line(option, out, "open");
    if (!conf->show_suspects)
        echo_line(option, out, "suspects");
}

int set_status(const struct option_use *use, struct error *err)
{
    enum conf_status wish = (enum conf_status)use->option->code;
    bool value;
    if (value_bool(use->value, &value, err) < 0)
        return -1;
    if (value)
        use->conf->status = wish;
    else if (use->conf->status == wish)
        use->conf->status = CONF_STATUS_AUTOMATIC;
    return 0;
}

void echo_status(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (conf->status == (enum conf_status)option->code)
        echo_line(option, out, "true");
}
