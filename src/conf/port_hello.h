/* What is said first on single ports: the list in struct conf, ascending by port. */
#ifndef CONF_PORT_HELLO_H
#define CONF_PORT_HELLO_H

#include "base/error.h"
#include "conf/conf.h"

/* Says `length` bytes (1 to BANNER_HELLO_MAX) first on a port, instead of what was to be said
 * there. Both are copied; `file` may be NULL. */
int port_hello_set(struct conf *conf, uint16_t port, const void *bytes, size_t length,
                   const char *file, struct error *err);

/* The same for a probe of nmap's file: it changes nothing where the user gave something. */
int port_hello_set_probe(struct conf *conf, uint16_t port, const void *bytes, size_t length,
                         struct error *err);

/* Forgets all probes of nmap's file. */
void port_hello_drop_probes(struct conf *conf);

/* What is said on a port; NULL: nothing of its own. */
const struct conf_port_hello *port_hello_find(const struct conf *conf, uint16_t port);

void port_hello_fini(struct conf *conf);

#endif
