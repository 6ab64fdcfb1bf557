/* UDP payloads from a file in the form of nmap's nmap-payloads (docs/payloads.md). */
#ifndef PROBE_PAYLOAD_NMAP_H
#define PROBE_PAYLOAD_NMAP_H

#include "probe/payload_set.h"

enum { PAYLOAD_NMAP_MAX = 1 << 20 }; /* bytes of the largest file that is read */

/* Puts the payloads of a file into the set; of several for one port the last one stays. Errors
 * begin with "PATH:LINE: ". */
int payload_nmap_load(struct payload_set *set, const char *path, struct error *err);

/* The same from the text of a file, which is called `name`. */
int payload_nmap_parse(struct payload_set *set, const char *name, const char *text, size_t length,
                       struct error *err);

#endif
