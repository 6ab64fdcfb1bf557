/* The user that the program becomes once root is no longer needed. */
#ifndef PRIVILEGE_USER_H
#define PRIVILEGE_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct user {
    bool changes; /* false: it stays the one that it is */
    bool named;   /* asked for by name, so that nothing else will do */
    uid_t uid;
    gid_t gid;
};

/* Finds the user called `name`; NULL: nobody, if root started the program, else no other. Negative
 * if there is no such user, or if it would be another and root did not start the program. Reads the
 * system's list of users (getpwnam(3)), so while files may still be opened. */
int user_find(struct user *user, const char *name, struct error *err);

#endif
