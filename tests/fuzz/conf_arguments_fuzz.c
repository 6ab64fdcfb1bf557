/* Command lines of any content, one argument a line of the input: reading one ends with 0 or with
 * an error of one line.
 *
 * Names of files are blunted: no argument keeps a `/`. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "fuzz_target.h"

enum { ARGUMENTS_MAX = 64 };

static int cut(char *text, char *argv[ARGUMENTS_MAX])
{
    static char program[] = "masscan";
    int argc = 0;
    argv[argc++] = program;
    for (char *line; argc < ARGUMENTS_MAX && (line = strsep(&text, "\n")) != NULL;)
        argv[argc++] = line;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = calloc(1, size + 1);
    memcpy(text, bytes, size);
    for (char *at = text; (at = memchr(at, '/', size - (size_t)(at - text))) != NULL;)
        if (at == text || at[-1] < '0' || at[-1] > '9') /* 10.0.0.0/8 and 1/3 may stay */
            *at = 'x';
        else
            at++;
    char *argv[ARGUMENTS_MAX];
    struct conf conf;
    struct error err = {0};
    conf_init(&conf);
    int status = conf_read_arguments_after(&conf, NULL, cut(text, argv), argv, &err);
    if (status < 0)
        check_error(&err);
    conf_fini(&conf);
    free(text);
    return 0;
}
