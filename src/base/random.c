/* Unpredictable bytes from the kernel. */
#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

int random_bytes(void *bytes, size_t length, struct error *err)
{
    uint8_t *at = bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_sys(err, errno, "cannot get random bytes from the kernel");
        at += got;
        length -= (size_t)got;
    }
    return 0;
}
