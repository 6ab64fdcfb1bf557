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
#include "base/file.h"
#include "base/pipe.h"
#include "base/port.h"

enum {
    LINE_MAXIMUM = 64, /* an IPv6 address in brackets, ":U:65535\n", and some room */
    CHUNK = 1 << 16,
};

/* What stands between address and port. */
static const struct separator {
    char text[4];
    uint32_t length;
} separators[PORT_CLASSES] = {{":", 1}, {":U:", 3}, {":S:", 3}, {":I:", 3}, {":O:", 3}, {":A:", 3}};

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
    if (file_write_all(STDOUT_FILENO, list->text, list->used) < list->used) {
        error_sys(err, errno, "cannot write the list");
        return error_blame(err, ERROR_OUTPUT);
    }
    list->used = 0;
    return 0;
}

static void add_lines_ipv4(struct list *list, const uint32_t *address, const uint32_t *port,
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

/* Brackets tell where an IPv6 address ends and the port begins. */
static char *put_address(char *at, struct ip_number address, bool with_port)
{
    if (!with_port || ip_number_is_v4(address))
        return ip_number_write(at, address);
    *at = '[';
    at = ip_number_write(at + 1, address);
    *at = ']';
    return at + 1;
}

static void add_lines(struct list *list, const struct address_lanes *address, const uint32_t *port,
                      unsigned count)
{
    char *at = list->text + list->used;
    for (unsigned i = 0; i < count; i++) {
        at = put_address(at, address_lane(address, i), list->with_ports);
        if (list->with_ports)
            at = put_port(at, port[i]);
        *at++ = '\n';
    }
    list->used = (size_t)(at - list->text);
}

static void list_batch_ipv4(struct list *list, const struct target_space *space,
                            const struct index_run *run, unsigned count)
{
    alignas(64) uint32_t address[BATCH_LANES], port[BATCH_LANES];
    target_space_batch(space, run->first, run->stride, count, address, port);
    add_lines_ipv4(list, address, port, count);
}

static void list_batch(struct list *list, const struct target_space *space,
                       const struct index_run *run, unsigned count)
{
    struct address_lanes address;
    alignas(64) uint32_t port[BATCH_LANES];
    target_space_batch_wide(space, run->first, run->stride, count, &address, port);
    add_lines(list, &address, port, count);
}

static int list_run(struct list *list, const struct targets *targets, struct error *err)
{
    bool is_wide = target_space_has_ipv6(targets->space);
    struct index_run run = targets->run;
    while (run.count > 0) {
        unsigned count = run.count < BATCH_LANES ? (unsigned)run.count : BATCH_LANES;
        (is_wide ? list_batch : list_batch_ipv4)(list, targets->space, &run, count);
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
