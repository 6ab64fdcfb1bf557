/* masscan: read the configuration, do what it says, exit. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include "app/names.h"
#include "base/file.h"

/* What was looked up counts as if it had been given. */
static int look_up_names(struct conf *conf, struct error *err)
{
    switch (conf->action) {
    case ACTION_SCAN:
    case ACTION_LIST:
    case ACTION_READRANGE:
    case ACTION_ECHO:
    case ACTION_READSCAN:
        return names_look_up(conf, err);
    default:
        return 0;
    }
}

static int perform(struct conf *conf, struct error *err)
{
    switch (conf->action) {
    case ACTION_SCAN:
        return app_scan(conf, err);
    case ACTION_LIST:
        return app_list(conf, err);
    case ACTION_READRANGE:
        return app_readrange(conf, err);
    case ACTION_ECHO:
        return app_echo(conf, err);
    case ACTION_READSCAN:
        return app_readscan(conf, err);
    case ACTION_REGRESS:
        return app_regress(err);
    case ACTION_IFLIST:
        return app_iflist(conf, err);
    case ACTION_BENCHMARK:
        return app_benchmark(err);
    case ACTION_NMAP:
        return app_nmap(err);
    case ACTION_HELP:
        return app_help(err);
    case ACTION_VERSION:
        return app_version(err);
    }
    return error_set(err, "nothing to do");
}

static const int exit_status[] = {
    [ERROR_INPUT] = EXIT_USAGE,           [ERROR_REFUSED] = EXIT_REFUSED,
    [ERROR_PERMISSION] = EXIT_PERMISSION, [ERROR_LINK] = EXIT_LINK,
    [ERROR_OUTPUT] = EXIT_OUTPUT,
};

int main(int argc, char *argv[])
{
    /* A closed pipe, and a file that may not become larger, are write errors like any other. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    file_hold_standard_streams();
    struct conf conf;
    struct error err = {0};
    conf_init(&conf);
    int status = conf_read_arguments(&conf, argc, argv, &err);
    for (unsigned i = 0; i < conf.notices.count; i++)
        fprintf(stderr, "%s\n", conf.notices.items[i]);
    if (status >= 0)
        status = look_up_names(&conf, &err);
    if (status >= 0)
        status = perform(&conf, &err);
    conf_fini(&conf);
    if (status < 0)
        fprintf(stderr, "%s: %s\n", APP_NAME, err.text);
    return status < 0 ? exit_status[err.cause] : status;
}
