/* Giving up root once it is no longer needed. */
#include "app/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>

int privilege_drop(struct error *err)
{
    bool may_override = capng_have_capability(CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE);
    capng_clear(CAPNG_SELECT_BOTH);
    /* The state of an interrupted scan is written into a folder that need not belong to root. */
    if (may_override)
        capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                     CAP_DAC_OVERRIDE);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_sys(err, errno, "cannot give up the way back to root");
    if (capng_apply(CAPNG_SELECT_CAPS) < 0)
        return error_set(err, "cannot give up capabilities");
    return 0;
}
