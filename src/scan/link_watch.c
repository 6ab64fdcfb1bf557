/* Whether the link of a scan is there. */
#include "scan/link_watch.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "scan/adapter.h"
#include "transport/netlink.h"

static const uint64_t INTERVAL_NS = NS_PER_SECOND / 10;

int link_watch_look(struct link_watch *watch, const struct adapter *adapter, uint64_t now_ns,
                    char line[LINK_LINE_SIZE], struct error *err)
{
    const struct interface *interface = &adapter->interface;
    if (adapter->netlink == NULL || now_ns - watch->seen_ns < INTERVAL_NS)
        return LINK_SAME;
    watch->seen_ns = now_ns;
    enum interface_state state =
        interface_state(nl_socket_get_fd(adapter->netlink), interface->index);
    if (state == INTERFACE_GONE) {
        interface_lost(interface->name, ENODEV, err);
        return error_blame(err, ERROR_LINK);
    }
    bool down = state == INTERFACE_DOWN;
    if (down == watch->down)
        return LINK_SAME;
    watch->down = down;
    snprintf(line, LINK_LINE_SIZE,
             down ? "the interface \"%s\" is down: waiting for it, ctrl-c ends the scan"
                  : "the interface \"%s\" is up again: going on",
             interface->name);
    return down ? LINK_WENT_DOWN : LINK_CAME_UP;
}
