/* From the configuration to open ways to the links of a scan. */
#ifndef APP_LINK_H
#define APP_LINK_H

#include "base/error.h"
#include "conf/conf.h"
#include "probe/probe.h"
#include "scan/adapter.h"
#include "scan/neighbours.h"
#include "transport/reserve_protocols.h"
#include "transport/transport.h"

/* One adapter, and what is open on it. */
struct link {
    struct adapter adapter;
    struct transport_group transports;
    char transport[TRANSPORT_DESCRIPTION_SIZE]; /* which way it is, */
    struct error reason; /* and why not the fastest there is; "": it is, or it was named */

    /* What a scan needs there, and fills in: */
    struct neighbours neighbours;
    struct probe_setup probe_setup;
    struct probe_set *probes;
};

/* All adapters of a scan, by their index. */
struct links {
    struct link of[ADAPTERS_MAX];
    unsigned count;
    uint64_t silent; /* targets that are the host's own addresses, on a way out of it */
};

/* Chooses the adapters: where none is named, one for the families of `targets` (NULL: for whatever
 * there is), and the loopback where all of them are this host itself. Then opens on each the means
 * of sending that the user names, or the fastest that works: with so many instances as are asked
 * for, or as the rate has a use for. Sends nothing. Undo with links_close, also after a failure, of
 * a zeroed struct; what was reached before it shows there. Targets that the adapters do not lead to
 * are refused, but for addresses of the host among others. */
int links_open(struct links *links, const struct conf *conf, const struct address_set *targets,
               struct error *err);
void links_close(struct links *links);

/* Says which adapter an error is about, if there are several; the value is -1. */
int links_name(const struct links *links, unsigned number, struct error *err);

/* Keeps the protocols that are asked for from the host's own stack, where it would hear of them.
 * Undo with protocol_release, also after a failure. */
int links_reserve_protocols(const struct links *links, const struct conf *conf,
                            struct protocol_reservation *reservation, struct error *err);

#endif
