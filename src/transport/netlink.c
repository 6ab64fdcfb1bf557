/* Questions to the kernel through netlink: what their callers share. */
#include "transport/netlink.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    DUMP_TRIES = 8, /* a dump during which the table changed is asked for again */
    ANSWER_SECONDS = 5,
};

int netlink_error(struct error *err, int code, const char *what)
{
    return error_set(err, "cannot ask the kernel for %s: %s", what, nl_geterror(code));
}

/* The kernel answers at once. But libnl waits for an answer also where its question could not be
 * sent (rtnl_link_alloc_cache does not look), for ever if it may. */
static void limit_waiting(struct nl_sock *netlink)
{
    const struct timeval most = {.tv_sec = ANSWER_SECONDS};
    (void)setsockopt(nl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
}

int netlink_open(struct nl_sock **netlink, struct error *err)
{
    *netlink = nl_socket_alloc();
    if (*netlink == NULL)
        return error_set(err, "no memory for a netlink socket");
    int code = nl_connect(*netlink, NETLINK_ROUTE);
    if (code == 0) {
        limit_waiting(*netlink);
        return 0;
    }
    nl_socket_free(*netlink);
    *netlink = NULL;
    return error_set(err, "cannot open a netlink socket: %s", nl_geterror(code));
}

bool netlink_address(struct nl_addr *from, struct ip_address *address)
{
    int family = from != NULL ? nl_addr_get_family(from) : AF_UNSPEC;
    unsigned length = from != NULL ? nl_addr_get_len(from) : 0;
    if (!(family == AF_INET && length == 4) && !(family == AF_INET6 && length == 16))
        return false;
    *address = (struct ip_address){.version = family == AF_INET ? 4 : 6};
    memcpy(address->bytes, nl_addr_get_binary_addr(from), length);
    return true;
}

static int on_route(struct nl_msg *message, void *context)
{
    const struct netlink_route_reader *reader = context;
    struct nlmsghdr *header = nlmsg_hdr(message);
    if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(struct rtmsg)))
        return NL_OK;
    const struct rtmsg *brief = nlmsg_data(header);
    struct rtnl_route *route;
    if (brief->rtm_type != RTN_UNICAST || !reader->wants(brief) ||
        rtnl_route_parse(header, &route) < 0)
        return NL_OK;
    reader->take(reader->context, route);
    rtnl_route_put(route);
    return NL_OK;
}

static int dump_routes(struct nl_sock *netlink, int family)
{
    struct rtmsg request = {.rtm_family = (unsigned char)family};
    int code = nl_send_simple(netlink, RTM_GETROUTE, NLM_F_DUMP, &request, sizeof request);
    return code < 0 ? code : nl_recvmsgs_default(netlink);
}

int netlink_read_routes(struct nl_sock *netlink, int family, struct netlink_route_reader *reader,
                        struct error *err)
{
    nl_socket_modify_cb(netlink, NL_CB_VALID, NL_CB_CUSTOM, on_route, reader);
    int code = -NLE_DUMP_INTR;
    for (int i = 0; i < DUMP_TRIES && code == -NLE_DUMP_INTR; i++) {
        reader->begin(reader->context);
        code = dump_routes(netlink, family);
    }
    return code < 0 ? netlink_error(err, code, "the routes") : 0;
}
