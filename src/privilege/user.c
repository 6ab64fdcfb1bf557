/* The user that the program becomes once root is no longer needed. */
#include "privilege/user.h"

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

static const char unprivileged[] = "nobody";

int user_find(struct user *user, const char *name, struct error *err)
{
    *user = (struct user){.named = name != NULL};
    bool is_root = geteuid() == 0;
    if (name == NULL && !is_root)
        return 0;
    errno = 0;
    const struct passwd *entry = getpwnam(name != NULL ? name : unprivileged);
    if (entry == NULL && name == NULL)
        return 0;
    if (entry == NULL)
        return errno != 0
                   ? error_sys(err, errno, "--user: cannot look for the user \"%.60s\"", name)
                   : error_set(err, "--user: there is no user \"%.60s\"", name);
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    user->changes = entry->pw_uid != geteuid();
    if (user->changes && !is_root)
        return error_set(err, "--user: only root can become another user, here \"%.60s\"", name);
    return 0;
}
