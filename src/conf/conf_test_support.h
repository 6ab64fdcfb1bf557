/* What the tests of this room share: a command line from one string, config files, echoed text. */
#ifndef CONF_CONF_TEST_SUPPORT_H
#define CONF_CONF_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"

enum { WORDS_MAX = 200 };

/* Reads a command line whose arguments are separated by blanks, after the given system file. */
static inline int read_command_after(struct conf *conf, const char *system_path, const char *line,
                                     struct error *err)
{
    char *copy = strdup(line), *rest = copy, *word;
    char *argv[WORDS_MAX] = {(char[]){"masscan"}};
    int argc = 1;
    while ((word = strsep(&rest, " ")) != NULL && argc < WORDS_MAX)
        if (*word != '\0')
            argv[argc++] = word;
    conf_init(conf);
    err->text[0] = '\0';
    int status = conf_read_arguments_after(conf, system_path, argc, argv, err);
    memset(copy, '?', strlen(line)); /* nothing may point into the arguments afterwards */
    free(copy);
    return status;
}

static inline int read_command(struct conf *conf, const char *line, struct error *err)
{
    return read_command_after(conf, NULL, line, err);
}

/* A file in the current directory, to be removed by the caller. */
static inline void write_file(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

/* The echoed text without its headings; to be freed. */
static inline char *echo_text_of(const struct conf *conf)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    conf_echo(conf, &out);
    assert_false(out.failed);
    char *text = calloc(1, out.length + 1);
    const char *line = buffer_string(&out);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n") + 1;
        if (*line != '#')
            strncat(text, line, length);
        line += length;
    }
    buffer_fini(&out);
    return text;
}

/* A directory of its own for the files of a test program. */
static inline int enter_scratch(void **state)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/conf-test-XXXXXX");
    *state = path;
    return mkdtemp(path) == NULL ? -1 : chdir(path);
}

static inline int leave_scratch(void **state)
{
    return chdir("/") < 0 ? -1 : rmdir(*state);
}

#endif
