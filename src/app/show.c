/* Actions that only show something: --help, --nmap, --echo, --readrange. */
#include <errno.h>
#include <stdio.h>

#include "app/app.h"
#include "app/show.h"
#include "app/targets.h"
#include "base/buffer.h"
#include "target/parse.h"

enum { CHUNK = 1 << 16 };

int show_text(struct buffer *text, struct error *err)
{
    bool failed = text->failed || fwrite(text->bytes, 1, text->length, stdout) != text->length ||
                  fflush(stdout) != 0;
    int cause = errno;
    buffer_fini(text);
    if (!failed)
        return EXIT_COMPLETE;
    error_sys(err, cause, "cannot write to standard output");
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

/* Prints what has gathered, once it is worth a write; false if that failed. */
static bool print_full(struct buffer *text)
{
    if (text->length < CHUNK)
        return true;
    bool printed = fwrite(text->bytes, 1, text->length, stdout) == text->length;
    buffer_clear(text);
    return printed;
}

static int show_ranges(const struct address_set *addresses, struct error *err)
{
    struct buffer text;
    bool printed = true;
    buffer_init(&text, 2 * CHUNK);
    for (size_t i = 0; i < address_set_range_count(addresses) && printed; i++) {
        target_format_range(&text, address_set_range(addresses, i));
        buffer_char(&text, '\n');
        printed = print_full(&text);
    }
    text.failed = text.failed || !printed;
    return show_text(&text, err);
}

int app_readrange(struct conf *conf, struct error *err)
{
    struct targets targets;
    int status = targets_gather(&targets, conf, err);
    if (status == 0)
        status = show_ranges(targets.addresses, err);
    targets_free(&targets);
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
