/* Pipes that carry much. */
#include "base/pipe.h"

#include <fcntl.h>

/* A quarter of what a user may ask for by default (/proc/sys/fs/pipe-max-size); more did not help.
 */
enum { WIDE = 1 << 18 };

void pipe_widen(int fd)
{
    int size = fcntl(fd, F_GETPIPE_SZ);
    if (size >= 0 && size < WIDE)
        fcntl(fd, F_SETPIPE_SZ, WIDE);
}
