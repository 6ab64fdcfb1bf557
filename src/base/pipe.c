/* Pipes that carry much, and pipes that are full. */
#include "base/pipe.h"

#include <fcntl.h>
#include <poll.h>

/* A quarter of what a user may ask for by default (/proc/sys/fs/pipe-max-size); more did not help.
 */
enum { WIDE = 1 << 18 };

void pipe_widen(int fd)
{
    int size = fcntl(fd, F_GETPIPE_SZ);
    if (size >= 0 && size < WIDE)
        fcntl(fd, F_SETPIPE_SZ, WIDE);
}

void pipe_wait_for_room(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    poll(&wait, 1, -1);
}
