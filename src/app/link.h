/* From the configuration to an open way to the link. */
#ifndef APP_LINK_H
#define APP_LINK_H

#include "app/targets.h"
#include "base/error.h"
#include "conf/conf.h"
#include "scan/adapter.h"
#include "transport/transport.h"

/* Chooses the adapter, which is the loopback where all `targets` (NULL: not known) are this host
 * itself, and opens the means of sending that the user names, or the fastest that
 * works: with so many instances as are asked for, or as the rate has a use for. `reason` tells why
 * it is not the fastest there is; its text is empty if it is, or if it was named. Sends nothing.
 * Undo with transport_group_close and adapter_fini, also after a failure, in both of zeroed
 * structs. Targets that this adapter does not lead to are refused, but for addresses of the host
 * among others: `silent` says how many of these there are, which will not answer. */
int link_open(const struct conf *conf, const struct targets *targets, struct adapter *adapter,
              struct transport_group *transports, uint64_t *silent, struct error *reason,
              struct error *err);

#endif
