/* -sL: the addresses (and ports) of the scan, in its order, without sending anything. */
#include "app/app.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/targets.h"
#include "base/address.h"
#include "base/decimal.h"
#include "base/pipe.h"
#include "base/port.h"

enum {
    LINE_MAXIMUM = 32, /* "255.255.255.255:U:65535\n" and some room */
    CHUNK = 1 << 16,
};

/* What stands between address and port. */
static const struct separator {
    char text[4];
    uint32_t length;
} separators[PORT_CLASSES] = {{":", 1}, {":U:", 3}, {":S:", 3}, {":I:", 3}, {":O:", 3}};

struct list {
    bool with_ports;
    size_t used;
    char text[CHUNK + BATCH_LANES * LINE_MAXIMUM];
};

static char *put_port(char *at, uint32_t code)
{
    const struct separator *separator = &separators[port_code_class(code)];
    memcpy(at, separator->text, sizeof separator->text);
    return decimal_write_u16(at + separator->length, (uint16_t)port_code_number(code));
}

static int write_out(struct list *list, struct error *err)
{
    const char *at = list->text;
    while (list->used > 0) {
        ssize_t wrote = write(STDOUT_FILENO, at, list->used);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            error_sys(err, errno, "cannot write the list");
            return error_blame(err, ERROR_OUTPUT);
        }
        at += wrote;
        list->used -= (size_t)wrote;
    }
    return 0;
}

static void add_lines(struct list *list, const uint32_t *address, const uint32_t *port,
                      unsigned count)
{
    char *at = list->text + list->used;
    for (unsigned i = 0; i < count; i++) {
        at = ip_v4_write(at, address[i]);
        if (list->with_ports)
            at = put_port(at, port[i]);
        *at++ = '\n';
    }
    list->used = (size_t)(at - list->text);
}

static int list_run(struct list *list, const struct targets *targets, struct error *err)
{
    alignas(64) uint32_t address[BATCH_LANES], port[BATCH_LANES];
    struct index_run run = targets->run;
    while (run.count > 0) {
        unsigned count = run.count < BATCH_LANES ? (unsigned)run.count : BATCH_LANES;
        target_space_batch(targets->space, run.first, run.stride, count, address, port);
        add_lines(list, address, port, count);
        if (list->used >= CHUNK && write_out(list, err) < 0)
            return -1;
        run.first += count * run.stride;
        run.count -= count;
    }
    return write_out(list, err);
}

static int list_targets(const struct targets *targets, struct error *err)
{
    struct list *list = malloc(sizeof *list);
    if (list == NULL)
        return error_set(err, "out of memory");
    list->with_ports = targets->ports > 1;
    list->used = 0;
    pipe_widen(STDOUT_FILENO);
    int result = list_run(list, targets, err);
    free(list);
    return result;
}

int app_list(struct conf *conf, struct error *err)
{
    struct targets targets;
    int result = targets_build(&targets, conf, err);
    if (result == 0)
        result = list_targets(&targets, err);
    targets_free(&targets);
    return result < 0 ? -1 : EXIT_COMPLETE;
}
