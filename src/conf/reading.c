/* Applying options, and reading config files of `name = value` lines.
 *
 * A file is read whole: it may be a pipe, and its lines are cut in place. */
#include "conf/reading.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "conf/set.h"
#include "conf/string_list.h"

/* A million excludes are about 25 MB. */
#define FILE_MAXIMUM (1ull << 30)

static int check_index(const struct option *option, struct option_index index, struct error *err)
{
    bool is_port = index.text != NULL && index.number >= 0 && index.number <= UINT16_MAX;
    if (option->flags & OPTION_PORT_INDEX)
        return is_port ? 0
                       : error_set(err, "it needs a port in brackets (want such as %s[80])",
                                   option->name);
    if (index.text == NULL || option->flags & OPTION_NAME_INDEX)
        return 0;
    if (!(option->flags & OPTION_INDEXED))
        return error_set(err, "it takes no index");
    if (index.number >= 0 && index.number < CONF_ADAPTERS_MAX)
        return 0;
    return error_set(err, "an adapter's index is one of [0] to [%d]", CONF_ADAPTERS_MAX - 1);
}

static int check_use(const struct reading *reading, const struct option *option,
                     struct option_index index, const char *value, struct error *err)
{
    bool in_file = reading->path != NULL;
    bool may_be_empty = in_file && option->flags & OPTION_MAY_BE_EMPTY;
    if (in_file && option->flags & OPTION_COMMAND_LINE)
        return error_set(err, "it is for the command line only");
    if (check_index(option, index, err) < 0)
        return -1;
    if (value != NULL && option->argument == ARGUMENT_NONE)
        return error_set(err, "it takes no value, but \"%.60s\" came", value);
    if (value == NULL && option->argument >= ARGUMENT_REQUIRED && !may_be_empty)
        return error_set(err, "the value is missing (want %s)", option->placeholder);
    return 0;
}

/* Without an index it is the first adapter's. */
static int apply_to_adapter(struct option_use *use, struct error *err)
{
    struct conf *conf = use->conf;
    unsigned index = use->index.text != NULL ? (unsigned)use->index.number : 0;
    const struct option its = option_of_adapter(use->option, index);
    if (conf->adapters[index].used_by == NULL)
        conf->adapters[index].used_by = its.name;
    if (conf->adapter_count <= index)
        conf->adapter_count = index + 1;
    use->option = &its;
    return its.set(use, err);
}

int reading_apply(struct reading *reading, const struct option *option, struct option_index index,
                  const char *value, struct error *err)
{
    if (value != NULL && *value == '\0')
        value = NULL;
    if (check_use(reading, option, index, value, err) < 0)
        return -1;
    struct option_use use = {reading->conf, option, index, value, reading};
    return option->flags & OPTION_INDEXED ? apply_to_adapter(&use, err) : option->set(&use, err);
}

/* The text ends with a newline whatever the file does, so each line's end can be cut to a NUL. */
static int load(const char *path, struct buffer *text, struct error *err)
{
    if (file_read(path, text, err) < 0)
        return -1;
    buffer_char(text, '\n');
    return text->failed ? error_set(err, "%s: out of memory", path) : 0;
}

/* One config file while it is read. */
struct file_reader {
    struct reading reading;
    unsigned long line;
    const struct option *option; /* of the line before: long lists repeat a name */
    const char *name;
    size_t name_length;
    bool told_of_dashes;
};

static char *trim(char *text, char *end)
{
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* A value in quotes keeps the blanks at its ends. */
static char *unquote(char *value)
{
    size_t length = strlen(value);
    if (length < 2 || value[0] != '"' || value[length - 1] != '"')
        return value;
    value[length - 1] = '\0';
    return value + 1;
}

static const struct option *find_again(struct file_reader *file, const char *name, size_t length)
{
    bool same = file->option != NULL && file->name_length == length &&
                memcmp(file->name, name, length) == 0;
    if (!same)
        file->option = option_find(name, length);
    file->name = name;
    file->name_length = length;
    return file->option;
}

static int apply_line(struct file_reader *file, char *name, const char *value, struct error *err)
{
    struct option_index index;
    size_t length = strlen(name);
    if (option_cut_index(name, &length, &index, err) < 0)
        return error_context(err, "%.60s", name);
    const struct option *option = find_again(file, name, length);
    if (option == NULL)
        return option_unknown("", name, length, err);
    if (reading_apply(&file->reading, option, index, value, err) < 0)
        return error_context(err, "%.60s", name);
    return 0;
}

/* Lines that begin with punctuation are comments, so an option with its dashes does nothing here;
 * whoever wrote it should know. */
static int read_comment(struct file_reader *file, const char *line, struct error *err)
{
    if (strncmp(line, "--", 2) != 0 || file->told_of_dashes ||
        option_find(line + 2, strcspn(line + 2, " =:[")) == NULL)
        return 0;
    char text[256];
    snprintf(text, sizeof text,
             "%.150s:%lu: a comment, because it begins with a dash; options stand here without "
             "dashes",
             file->reading.path, file->line);
    string_make_line(text);
    file->told_of_dashes = true;
    return string_list_add(&file->reading.conf->notices, text, err);
}

static int read_line(struct file_reader *file, char *line, size_t length, struct error *err)
{
    if (memchr(line, '\0', length) != NULL)
        return error_set(err, "a zero byte; this is not a text file");
    char *name = trim(line, line + length);
    if (*name == '\0')
        return 0;
    if (ispunct((unsigned char)*name))
        return read_comment(file, name, err);
    char *equals = strchr(name, '=');
    if (equals == NULL && strpbrk(name, " \t") != NULL)
        return error_set(err, "\"%.60s\" is not of the form name = value", name);
    if (equals == NULL)
        return apply_line(file, name, NULL, err);
    char *value = trim(equals + 1, equals + strlen(equals));
    name = trim(name, equals);
    return apply_line(file, name, unquote(value), err);
}

static int read_lines(struct file_reader *file, char *text, char *end, struct error *err)
{
    static const char byte_order_mark[] = {'\xef', '\xbb', '\xbf'};
    if (end - text >= 3 && memcmp(text, byte_order_mark, 3) == 0)
        text += 3;
    while (text < end) {
        char *line_end = memchr(text, '\n', (size_t)(end - text));
        file->line++;
        if (read_line(file, text, (size_t)(line_end - text), err) < 0)
            return error_context(err, "%s:%lu", file->reading.path, file->line);
        text = line_end + 1;
    }
    return 0;
}

int reading_file(const struct reading *outer, const char *path, struct error *err)
{
    if (outer->depth == CONF_FILES_DEEP)
        return error_set(err, "%s: more than %d config files inside each other", path,
                         CONF_FILES_DEEP);
    struct file_reader file = {.reading = *outer};
    file.reading.path = path;
    file.reading.depth++;
    file.reading.port_classes = 0;
    struct buffer text;
    buffer_init(&text, FILE_MAXIMUM);
    int status = load(path, &text, err);
    if (status == 0)
        status = output_settle_last(outer->conf, err);
    if (status == 0)
        status = read_lines(&file, (char *)text.bytes, (char *)text.bytes + text.length, err);
    if (status == 0)
        status = output_settle_last(outer->conf, err);
    buffer_fini(&text);
    return status;
}

int conf_read_file(struct conf *conf, const char *path, struct error *err)
{
    struct source_list sources = {0};
    struct reading reading = {.conf = conf, .sources = &sources};
    int status = reading_file(&reading, path, err);
    source_list_fini(&sources);
    if (status < 0 && err != NULL)
        string_make_line(err->text);
    return status;
}
