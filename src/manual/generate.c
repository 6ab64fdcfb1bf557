/* A program of the build: writes the manual page or a completion script to standard output.
 *
 *     generate page TEMPLATE
 *     generate bash|zsh|fish */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manual/manual.h"

enum { LONGEST = 1 << 22 };

static const struct {
    const char *shell;
    void (*complete)(struct buffer *out);
} shells[] = {
    {"bash", completion_bash},
    {"zsh", completion_zsh},
    {"fish", completion_fish},
};

static int read_file(struct buffer *text, const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_sys(err, errno, "cannot open %s", path);
    for (int c; (c = getc(file)) != EOF;)
        buffer_char(text, (char)c);
    bool failed = ferror(file) || text->failed;
    fclose(file);
    return failed ? error_set(err, "cannot read %s", path) : 0;
}

static int make_page(struct buffer *out, const char *path, struct error *err)
{
    struct buffer template;
    buffer_init(&template, LONGEST);
    int status = read_file(&template, path, err);
    if (status == 0)
        status = manual_page(out, buffer_string(&template), err);
    buffer_fini(&template);
    return status;
}

static int make(struct buffer *out, int argc, char *argv[], struct error *err)
{
    if (argc == 3 && strcmp(argv[1], "page") == 0)
        return make_page(out, argv[2], err);
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (argc != 2 || strcmp(argv[1], shells[i].shell) != 0)
            continue;
        shells[i].complete(out);
        return out->failed ? error_set(err, "out of memory") : 0;
    }
    return error_set(err, "want: page TEMPLATE, bash, zsh or fish");
}

int main(int argc, char *argv[])
{
    struct buffer out;
    struct error err = {0};
    buffer_init(&out, LONGEST);
    int status = make(&out, argc, argv, &err);
    if (status == 0 && (fwrite(out.bytes, 1, out.length, stdout) != out.length || fflush(stdout)))
        status = error_set(&err, "cannot write to standard output");
    buffer_fini(&out);
    if (status < 0)
        fprintf(stderr, "generate: %s\n", err.text);
    return status < 0;
}
