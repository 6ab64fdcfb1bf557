/* Setters of what to do: the action, and files that hold more options. */
#include <string.h>

#include "conf/reading.h"
#include "conf/set.h"
#include "conf/string_list.h"

/* How a person names an action; the plain scan is never named. */
static const char *const action_names[] = {
    [ACTION_LIST] = "-sL",
    [ACTION_READRANGE] = "--readrange",
    [ACTION_ECHO] = "--echo",
    [ACTION_READSCAN] = "--readscan",
    [ACTION_REGRESS] = "--regress",
    [ACTION_IFLIST] = "--iflist",
    [ACTION_BENCHMARK] = "--benchmark",
    [ACTION_NMAP] = "--nmap",
    [ACTION_HELP] = "--help",
    [ACTION_VERSION] = "--version",
};

/* Help and version are answered whatever else is asked. */
static bool answers_only(enum conf_action action)
{
    return action == ACTION_HELP || action == ACTION_VERSION;
}

static int choose_action(struct conf *conf, enum conf_action action, struct error *err)
{
    if (conf->action == action || answers_only(conf->action))
        return 0;
    if (conf->action != ACTION_SCAN && !answers_only(action))
        return error_set(err, "it does not go together with %s", action_names[conf->action]);
    conf->action = action;
    return 0;
}

int set_action(const struct option_use *use, struct error *err)
{
    return choose_action(use->conf, use->option->code, err);
}

int set_echo(const struct option_use *use, struct error *err)
{
    *(bool *)((char *)use->conf + use->option->offset) = true;
    return set_action(use, err);
}

int set_readscan(const struct option_use *use, struct error *err)
{
    if (choose_action(use->conf, ACTION_READSCAN, err) < 0)
        return -1;
    return string_list_add(&use->conf->readscan, use->value, err);
}

int set_conf(const struct option_use *use, struct error *err)
{
    return reading_file(use->reading, use->value, err);
}

int set_resume(const struct option_use *use, struct error *err)
{
    if (reading_file(use->reading, use->value, err) < 0)
        return -1;
    use->conf->append_output = true;
    return string_replace(&use->conf->resumed_from, use->value, err);
}

int set_verbose(const struct option_use *use, struct error *err)
{
    bool more;
    if (value_bool(use->value, &more, err) < 0)
        return -1;
    use->conf->verbosity = more ? use->conf->verbosity + 1 : 0;
    return 0;
}
