/* What is said first on single ports. */
#include "conf/port_hello.h"

#include <stdlib.h>
#include <string.h>

/* The place of the first that is not below `port`. */
static unsigned place_of(const struct conf *conf, uint16_t port)
{
    unsigned first = 0, end = conf->port_hello_count;
    while (first < end) {
        unsigned middle = (first + end) / 2;
        if (conf->port_hellos[middle].port < port)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

static bool is_at(const struct conf *conf, unsigned place, uint16_t port)
{
    return place < conf->port_hello_count && conf->port_hellos[place].port == port;
}

static void release(struct conf_port_hello *hello)
{
    free(hello->bytes);
    free(hello->file);
}

static int make(struct conf_port_hello *hello, const void *bytes, size_t length, const char *file,
                struct error *err)
{
    hello->bytes = malloc(length);
    hello->file = file != NULL ? strdup(file) : NULL;
    hello->length = length;
    if (hello->bytes == NULL || (file != NULL && hello->file == NULL)) {
        release(hello);
        return error_set(err, "out of memory");
    }
    memcpy(hello->bytes, bytes, length);
    return 0;
}

/* The array doubles where its count is a power of two, so its size need not be kept: what was
 * dropped from it meanwhile only leaves it larger. */
static int grow(struct conf *conf, struct error *err)
{
    unsigned count = conf->port_hello_count;
    if ((count & (count - 1)) != 0)
        return 0;
    struct conf_port_hello *hellos =
        reallocarray(conf->port_hellos, count > 0 ? 2 * count : 1, sizeof *hellos);
    if (hellos == NULL)
        return error_set(err, "out of memory");
    conf->port_hellos = hellos;
    return 0;
}

static int make_room(struct conf *conf, unsigned place, struct error *err)
{
    if (grow(conf, err) < 0)
        return -1;
    struct conf_port_hello *hellos = conf->port_hellos;
    memmove(&hellos[place + 1], &hellos[place], (conf->port_hello_count - place) * sizeof *hellos);
    hellos[place] = (struct conf_port_hello){0};
    conf->port_hello_count++;
    return 0;
}

/* Takes what the hello owns, also after a failure. */
static int put(struct conf *conf, struct conf_port_hello *hello, struct error *err)
{
    unsigned place = place_of(conf, hello->port);
    if (!is_at(conf, place, hello->port) && make_room(conf, place, err) < 0) {
        release(hello);
        return -1;
    }
    release(&conf->port_hellos[place]);
    conf->port_hellos[place] = *hello;
    return 0;
}

int port_hello_set(struct conf *conf, uint16_t port, const void *bytes, size_t length,
                   const char *file, struct error *err)
{
    struct conf_port_hello hello = {.port = port};
    return make(&hello, bytes, length, file, err) < 0 ? -1 : put(conf, &hello, err);
}

int port_hello_set_probe(struct conf *conf, uint16_t port, const void *bytes, size_t length,
                         struct error *err)
{
    struct conf_port_hello hello = {.port = port, .is_probe = true};
    unsigned place = place_of(conf, port);
    if (is_at(conf, place, port) && !conf->port_hellos[place].is_probe)
        return 0;
    return make(&hello, bytes, length, NULL, err) < 0 ? -1 : put(conf, &hello, err);
}

void port_hello_drop_probes(struct conf *conf)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < conf->port_hello_count; i++) {
        if (conf->port_hellos[i].is_probe)
            release(&conf->port_hellos[i]);
        else
            conf->port_hellos[kept++] = conf->port_hellos[i];
    }
    conf->port_hello_count = kept;
}

const struct conf_port_hello *port_hello_find(const struct conf *conf, uint16_t port)
{
    unsigned place = place_of(conf, port);
    return is_at(conf, place, port) ? &conf->port_hellos[place] : NULL;
}

void port_hello_fini(struct conf *conf)
{
    for (unsigned i = 0; i < conf->port_hello_count; i++)
        release(&conf->port_hellos[i]);
    free(conf->port_hellos);
    conf->port_hellos = NULL;
    conf->port_hello_count = 0;
}
