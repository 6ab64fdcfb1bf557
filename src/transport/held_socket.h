/* Sockets that only hold a place, so that the host's own stack has an owner for what arrives there
 * and answers nothing. They never read. Internal to transport/. */
#ifndef TRANSPORT_HELD_SOCKET_H
#define TRANSPORT_HELD_SOCKET_H

#include <stddef.h>

#include "base/error.h"

/* Drops, from now on, everything that arrives. */
int held_socket_deafen(int fd, struct error *err);

/* Raises the process's soft limit of open files, as far as it may be, when it is too low for so
 * many sockets and the rest. */
void held_socket_allow(size_t sockets);

#endif
