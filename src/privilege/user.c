/* The user that the program becomes once root is no longer needed. */
#include "privilege/user.h"

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

static const char unprivileged[] = "nobody";
enum {
    UNPRIVILEGED = 65534
}; /* the kernel's own number for nobody, where the system has no list */

/* NULL: there is none, errno is 0, or the list cannot be read. */
static const struct passwd *look_for(const char *name)
{
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL && (errno == ENOENT || errno == ESRCH))
        errno = 0; /* so some lists say that */
    return entry;
}

static int take(struct user *user, const char *name, struct error *err)
{
    const struct passwd *entry = look_for(name != NULL ? name : unprivileged);
    if (entry == NULL && errno != 0)
        return error_sys(err, errno, "--user: cannot look for the user \"%.60s\"",
                         name != NULL ? name : unprivileged);
    if (entry == NULL && name != NULL)
        return error_set(err, "--user: there is no user \"%.60s\"", name);
    user->uid = entry != NULL ? entry->pw_uid : UNPRIVILEGED;
    user->gid = entry != NULL ? entry->pw_gid : UNPRIVILEGED;
    user->changes = user->uid != geteuid();
    return 0;
}

int user_find(struct user *user, const char *name, struct error *err)
{
    *user = (struct user){.named = name != NULL};
    bool is_root = geteuid() == 0;
    if (name == NULL && !is_root)
        return 0;
    if (take(user, name, err) < 0)
        return -1;
    if (user->changes && !is_root)
        return error_set(err, "--user: only root can become another user, here \"%.60s\"", name);
    return 0;
}
