/* Sockets that only hold a place. */
#include "transport/held_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "transport/packet_tap.h"

enum { DESCRIPTORS_FOR_THE_REST = 256 }; /* what the program opens besides */

int held_socket_deafen(int fd, struct error *err)
{
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog filter = {.len = 1, .filter = &nothing};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
        return errno == EPERM ? packet_explain_no_permission(err)
                              : error_sys(err, errno, "cannot attach a filter to a socket");
    int size = 1; /* the kernel makes its minimum of it */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return 0;
}

/* Many systems start programs with a soft limit of 1024 and a far higher hard one. */
void held_socket_allow(size_t sockets)
{
    struct rlimit limit;
    rlim_t wanted = sockets + DESCRIPTORS_FOR_THE_REST;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}
