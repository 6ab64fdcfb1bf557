/* The file nmap-service-probes of nmap (its manual, "nmap-service-probes File Format"), as far as
 * it says what to send to which TCP port. */
#ifndef CONF_SERVICE_PROBES_H
#define CONF_SERVICE_PROBES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/range_set.h"

enum {
    SERVICE_PROBES_FILE_MAX = 16 << 20, /* bytes; nmap's own has 2.5 million */
    SERVICE_PROBE_MAX = 2048,           /* bytes of one probe; nmap's longest has some 300 */
};

/* Takes what is to be sent to these TCP ports (a normal set of numbers, never empty): 1 to
 * SERVICE_PROBE_MAX bytes. Negative ends the reading. */
typedef int service_probe_fn(void *context, const struct range_set *ports, const uint8_t *bytes,
                             size_t length, struct error *err);

/* Reads the `length` bytes of the file's text, which are changed, as is the one behind them; `path`
 * is for errors, which begin with "PATH:LINE: ". Each port is given out once: the first probe that
 * names it has it, and none those of an Exclude line. UDP, sslports and what is for recognising
 * answers is passed over. */
int service_probes_read(const char *path, char *text, size_t length, service_probe_fn *take,
                        void *context, struct error *err);

#endif
