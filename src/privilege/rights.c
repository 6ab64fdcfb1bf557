/* Giving up root and its capabilities. */
#include "privilege/rights.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege/sanitizers.h"

/* Who files belong to. */
struct file_owner {
    uid_t uid;
    gid_t gid;
};

/* Those of `wanted` that the thread has. */
static void hold(const unsigned *wanted, unsigned count)
{
    bool had[CAP_LAST_CAP + 1];
    capng_get_caps_process();
    for (unsigned i = 0; i < count; i++)
        had[i] = capng_have_capability(CAPNG_PERMITTED, wanted[i]);
    capng_clear(CAPNG_SELECT_BOTH);
    for (unsigned i = 0; i < count; i++)
        if (had[i])
            capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED), wanted[i]);
}

static int keep(const unsigned *wanted, unsigned count, struct error *err)
{
    hold(wanted, count);
    if (capng_apply(CAPNG_SELECT_CAPS) < 0)
        return error_set(err, "cannot give up capabilities");
    return 0;
}

/* What is set is asked for again: these calls do not tell whether they worked. */
static bool own_files_as(const struct file_owner *owner)
{
    setfsgid(owner->gid);
    setfsuid(owner->uid);
    return (gid_t)setfsgid((gid_t)-1) == owner->gid && (uid_t)setfsuid((uid_t)-1) == owner->uid;
}

/* Groups first, while they may be changed; the capabilities stay for what is left to do. */
static int become(const struct user *user)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
        setresgid(user->gid, user->gid, user->gid) < 0 ||
        setresuid(user->uid, user->uid, user->uid) < 0)
        return -1;
    return 0;
}

static int change_user(const struct user *user, struct error *err)
{
    static const unsigned needed[] = {CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_DAC_OVERRIDE};
    const struct file_owner owner = {geteuid(), getegid()};
    if (become(user) < 0) {
        bool cannot = errno == EINVAL || errno == EPERM;
        if (cannot && !user->named)
            return RIGHTS_SAME_USER;
        return error_sys(err, errno, "--user: cannot become the user number %u", user->uid);
    }
    if (keep(needed, sizeof needed / sizeof *needed, err) < 0)
        return -1;
    if (!own_files_as(&owner))
        return error_set(err, "cannot go on writing files as the user number %u", owner.uid);
    return 0;
}

/* Where the set that bounds all others may not be changed, no_new_privs alone bars the way back. */
static void empty_bounding_set(void)
{
    capng_get_caps_process();
    capng_clear(CAPNG_SELECT_BOUNDS);
    (void)capng_apply(CAPNG_SELECT_BOUNDS);
}

/* Leak sanitizers look at the threads of the process, which must allow that. */
static void stay_open_to_sanitizers(void)
{
    if (UNDER_SANITIZERS)
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int rights_drop(const struct user *user, struct error *err)
{
    static const unsigned kept[] = {CAP_DAC_OVERRIDE};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_sys(err, errno, "cannot give up the way back to root");
    int changed = user->changes ? change_user(user, err) : 0;
    if (changed < 0)
        return -1;
    empty_bounding_set();
    if (keep(kept, 1, err) < 0)
        return -1;
    stay_open_to_sanitizers();
    return changed;
}

/* libcap-ng would read files first, which is over by then. */
static int clear_capabilities(void)
{
    struct __user_cap_header_struct thread = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return (int)syscall(SYS_capset, &thread, none);
}

int rights_drop_all(struct error *err)
{
    const struct file_owner nobody_else = {geteuid(), getegid()};
    if (!own_files_as(&nobody_else))
        return error_set(err, "a thread cannot give up the right to write files");
    if (clear_capabilities() < 0)
        return error_sys(err, errno, "a thread cannot give up capabilities");
    return 0;
}
