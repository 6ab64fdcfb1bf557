/* Giving up root once it is no longer needed. */
#ifndef APP_PRIVILEGE_H
#define APP_PRIVILEGE_H

#include "base/error.h"

/* Gives up every capability but the one that lets results be written where the user stands, and the
 * way back to others. To be called when sockets and outputs are open, before the first byte from
 * the network is read. */
int privilege_drop(struct error *err);

#endif
