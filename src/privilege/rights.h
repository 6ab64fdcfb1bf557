/* Giving up root and its capabilities (capabilities(7), credentials(7)).
 *
 * The kernel keeps users and capabilities for each thread. The thread that opened sockets and
 * outputs, the output thread, gives up all but what files need: its user becomes another, but files
 * are still opened and made in the name of who started the program (setfsuid(2)), and in folders of
 * others too, if it could do that before (CAP_DAC_OVERRIDE). A worker, which reads bytes from
 * strangers, gives up these as well, and cannot get them back: for setfsuid(2) it would need
 * CAP_SETUID. */
#ifndef PRIVILEGE_RIGHTS_H
#define PRIVILEGE_RIGHTS_H

#include "base/error.h"
#include "privilege/user.h"

enum { RIGHTS_SAME_USER = 1 };

/* Becomes `user`, keeps no capability but the one for files, and gives up the way back: no program
 * that is started from here has more rights (no_new_privs). To be called on the first thread before
 * there are others. RIGHTS_SAME_USER: the user that nobody named is none that the program may
 * become, as in a container that has root only; all the rest was done. */
int rights_drop(const struct user *user, struct error *err);

/* Gives up what the calling thread, which came after rights_drop, still has. */
int rights_drop_all(struct error *err);

#endif
