/* What UDP ports are sent: our own requests, and the files that the configuration names. */
#ifndef APP_PAYLOADS_H
#define APP_PAYLOADS_H

#include "conf/conf.h"
#include "probe/payload_set.h"

/* Payloads of a capture go before those of nmap's file, and both before our own. The set is to be
 * given to payload_set_fini in any case. */
int payloads_load(struct payload_set *set, const struct conf *conf, struct error *err);

#endif
