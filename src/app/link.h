/* From the configuration to an open way to the link. */
#ifndef APP_LINK_H
#define APP_LINK_H

#include "base/error.h"
#include "conf/conf.h"
#include "scan/adapter.h"
#include "transport/reserve_protocols.h"
#include "transport/transport.h"

/* Chooses the adapter: one for the families of `targets` (NULL: for whatever there is), and the
 * loopback where all of them are this host itself. Then opens the means of sending that the user
 * names, or the fastest that works: with so many instances as are asked for, or as the rate has a
 * use for. `reason` tells why it is not the fastest there is; its text is empty if it is, or if it
 * was named. Sends nothing. Undo with transport_group_close and adapter_fini, also after a failure,
 * in both of zeroed structs. Targets that this adapter does not lead to are refused, but for
 * addresses of the host among others: `silent` says how many of these there are, which will not
 * answer. */
int link_open(const struct conf *conf, const struct address_set *targets, struct adapter *adapter,
              struct transport_group *transports, uint64_t *silent, struct error *reason,
              struct error *err);

/* Keeps the protocols that are asked for from the host's own stack, where it would hear of them.
 * Undo with protocol_release, also after a failure. */
int link_reserve_protocols(const struct conf *conf, const struct adapter *adapter,
                           struct protocol_reservation *reservation, struct error *err);

#endif
