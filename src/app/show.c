/* Actions that only show something: --help, --nmap, --echo, --readrange. */
#include <stdio.h>

#include "app/app.h"
#include "app/show.h"
#include "app/targets.h"
#include "base/buffer.h"
#include "target/parse.h"

int show_text(struct buffer *text, struct error *err)
{
    size_t wrote = fwrite(text->bytes, 1, text->length, stdout);
    bool failed = text->failed || wrote != text->length || fflush(stdout) != 0;
    buffer_fini(text);
    if (!failed)
        return EXIT_COMPLETE;
    error_set(err, "cannot write to standard output");
    return error_blame(err, ERROR_OUTPUT);
}

int app_help(struct error *err)
{
    struct buffer text;
    buffer_init(&text, SHOW_TEXT_MAXIMUM);
    conf_help(&text);
    return show_text(&text, err);
}

int app_nmap(struct error *err)
{
    struct buffer text;
    buffer_init(&text, SHOW_TEXT_MAXIMUM);
    conf_nmap(&text);
    return show_text(&text, err);
}

int app_readrange(struct conf *conf, struct error *err)
{
    struct targets targets;
    struct buffer text;
    int status = targets_gather(&targets, conf, err);
    buffer_init(&text, UINT64_C(1) << 34); /* every second address of all, with 16 bytes of room */
    for (size_t i = 0; i < targets.addresses.count && status == 0; i++) {
        target_format_range(&text, targets.addresses.ranges[i]);
        buffer_char(&text, '\n');
    }
    targets_free(&targets);
    if (status == 0)
        return show_text(&text, err);
    buffer_fini(&text);
    return status;
}

int app_echo(struct conf *conf, struct error *err)
{
    struct buffer text;
    if (targets_settle(conf, err) < 0)
        return -1;
    buffer_init(&text, SHOW_TEXT_MAXIMUM);
    conf_echo(conf, &text);
    return show_text(&text, err);
}
