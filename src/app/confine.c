/* From the configuration to what the program, and each of its threads, may still do. */
#include "app/confine.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/pause.h"
#include "output/services.h"
#include "privilege/folders.h"
#include "privilege/rights.h"

int confine_prepare(struct confinement *confinement, const struct conf *conf, struct error *err)
{
    return user_find(&confinement->user, conf->user, err);
}

/* ---- where files may be read and written ---- */

static int allow_folder_of(struct folders *folders, const char *path, struct error *err)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    return folders_allow(folders, dirname(copy), err);
}

/* Where the file lies and, if it is a link, where that leads to. */
static int allow_file(struct folders *folders, const char *path, struct error *err)
{
    char target[PATH_MAX];
    if (path == NULL)
        return 0;
    if (realpath(path, target) != NULL && allow_folder_of(folders, target, err) < 0)
        return -1;
    return allow_folder_of(folders, path, err);
}

/* The folders of outputs, which are opened again when they are rotated, and have logs beside them
 * if they are databases. */
static int allow_outputs(struct folders *folders, const struct conf *conf, struct error *err)
{
    for (unsigned i = 0; i < conf->output_count; i++)
        if (allow_file(folders, conf->outputs[i].name, err) < 0)
            return -1;
    return conf->rotate_dir != NULL ? folders_allow(folders, conf->rotate_dir, err) : 0;
}

/* Where sorting, here and in databases, puts what does not fit into memory: files without a name.
 */
static int allow_temporary(struct folders *folders, struct error *err)
{
    static const char *const variables[] = {"TMPDIR", "SQLITE_TMPDIR"};
    for (unsigned i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *path = getenv(variables[i]);
        if (path != NULL && folders_allow(folders, path, err) < 0)
            return -1;
    }
    return folders_allow(folders, "/var/tmp", err);
}

/* The names that the grepable format has for ports and protocols, and what SQLite opens for
 * randomness, are read again with each new file. */
static int allow_system_files(struct folders *folders, struct error *err)
{
    static const char *const paths[] = {SERVICES_PATH, PROTOCOLS_PATH, "/dev/urandom"};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
        if (folders_allow_reading(folders, paths[i], err) < 0)
            return -1;
    return 0;
}

static int allow_results(struct folders *folders, const struct conf *conf, struct error *err)
{
    return allow_outputs(folders, conf, err) < 0 || allow_temporary(folders, err) < 0
               ? -1
               : allow_system_files(folders, err);
}

static int allow_of_scan(struct folders *folders, const struct conf *conf, struct error *err)
{
    return allow_file(folders, PAUSED_FILE, err) < 0 ? -1 : allow_file(folders, conf->summary, err);
}

static int allow_of_readscan(struct folders *folders, const struct scan_files *files,
                             struct error *err)
{
    for (unsigned i = 0; i < files->count; i++)
        if (folders_allow_reading(folders, files->paths[i], err) < 0)
            return -1;
    return 0;
}

/* `files` are what --readscan reads; NULL: it is a scan. */
static int confine_files(const struct conf *conf, const struct scan_files *files, struct error *err)
{
    struct folders folders;
    int result = folders_begin(&folders, err);
    if (result == 0)
        result = allow_results(&folders, conf, err);
    if (result == 0)
        result = files != NULL ? allow_of_readscan(&folders, files, err)
                               : allow_of_scan(&folders, conf, err);
    if (result == 0)
        result = folders_confine(&folders, err);
    folders_end(&folders);
    return result;
}

/* ---- who, and which calls ---- */

static int drop_rights(const struct confinement *confinement, struct error *err)
{
    int dropped = rights_drop(&confinement->user, err);
    if (dropped == RIGHTS_SAME_USER)
        fprintf(stderr, "Stays root, without its capabilities: here is no user nobody to become\n");
    return dropped < 0 ? -1 : 0;
}

static bool has_server(const struct conf *conf)
{
    for (unsigned i = 0; i < conf->output_count; i++)
        if (conf->outputs[i].format != NULL && strcmp(conf->outputs[i].format, "redis") == 0)
            return true;
    return false;
}

static int filter_calls(unsigned needs, const struct conf *conf, struct error *err)
{
    struct calls_filter filter;
    calls_filter_make(&filter, needs | (has_server(conf) ? CALLS_SERVER : 0));
    int result = calls_filter_install(&filter, err);
    if (result == CALLS_UNFILTERED && calls_can_be_filtered())
        fprintf(stderr, "This kernel filters no system calls: they stay open to the program\n");
    return result < 0 ? -1 : 0;
}

/* What the C library reads when it is first needed is read before files are confined. */
static int confine(const struct confinement *confinement, unsigned needs, const struct conf *conf,
                   const struct scan_files *files, struct error *err)
{
    tzset();
    if (drop_rights(confinement, err) < 0 || confine_files(conf, files, err) < 0 ||
        filter_calls(needs, conf, err) < 0)
        return error_blame(err, ERROR_PERMISSION);
    return 0;
}

int confine_scan(struct confinement *confinement, const struct conf *conf, struct error *err)
{
    calls_filter_make(&confinement->worker, CALLS_PACKETS);
    return confine(confinement, CALLS_PACKETS | CALLS_FILES | CALLS_CONTROL, conf, NULL, err);
}

int confine_worker(const void *context, struct error *err)
{
    const struct confinement *confinement = context;
    if (rights_drop_all(err) < 0 || calls_filter_install(&confinement->worker, err) < 0)
        return error_blame(err, ERROR_PERMISSION);
    return 0;
}

int confine_readscan(const struct confinement *confinement, const struct conf *conf,
                     const struct scan_files *files, struct error *err)
{
    return confine(confinement, CALLS_FILES, conf, files, err);
}
