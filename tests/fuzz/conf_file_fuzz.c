/* Config files of any content: reading one ends with 0 or with an error of one line, and what was
 * read echoes to a text that reads back and echoes the same.
 *
 * The input comes through a memory file. Names of other files in it are blunted, so that a run
 * reads nothing but its input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "fuzz_target.h"
#include "memory_file.h"

static int read_bytes(struct conf *conf, const uint8_t *bytes, size_t size, struct error *err)
{
    struct memory_file file = memory_file_of(bytes, size);
    conf_init(conf);
    int status = conf_read_file(conf, file.path, err);
    close(file.fd);
    return status;
}

static void echo_again(const struct buffer *text)
{
    struct conf conf;
    struct error err;
    struct buffer again;
    buffer_init(&again, 1 << 24);
    if (read_bytes(&conf, text->bytes, text->length, &err) < 0) {
        fprintf(stderr, "%s\n%.*s", err.text, (int)text->length, text->bytes);
        abort();
    }
    conf_echo(&conf, &again);
    check(again.length == text->length && memcmp(again.bytes, text->bytes, text->length) == 0);
    buffer_fini(&again);
    conf_fini(&conf);
}

/* A format that no file name followed is refused when all is read; until then it is the next
 * output's, unless another option has begun that, and an echo cannot tell these apart. */
static bool lacks_a_name(const struct conf *conf)
{
    for (unsigned i = 0; i + 1 < conf->output_count; i++)
        if (conf->outputs[i].path == NULL)
            return true;
    return false;
}

static void blunt(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 3 < size; i++)
        if (memcmp(bytes + i, "/dev", 4) == 0 || memcmp(bytes + i, "/pro", 4) == 0)
            bytes[i] = 'x';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, bytes, size);
    blunt(copy, size);
    struct conf conf;
    struct error err = {0};
    struct buffer text;
    buffer_init(&text, 1 << 24);
    if (read_bytes(&conf, copy, size, &err) == 0) {
        conf_echo(&conf, &text);
        check(!text.failed);
        if (!lacks_a_name(&conf))
            echo_again(&text);
    } else {
        check_error(&err);
    }
    buffer_fini(&text);
    conf_fini(&conf);
    free(copy);
    return 0;
}
