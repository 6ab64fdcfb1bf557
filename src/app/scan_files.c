/* The files that --readscan names. */
#include "app/scan_files.h"

#include <glob.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/binary_reader.h"
#include "target/parse.h"

/* Which file it is, whatever its name. */
struct identity {
    dev_t device;
    ino_t inode;
    bool regular;
};

static int compare_identities(const void *left, const void *right)
{
    const struct identity *a = left, *b = right;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return (a->inode > b->inode) - (a->inode < b->inode);
}

/* The files while they are found. */
struct finding_files {
    struct scan_files *files;
    void *known; /* a tree of identities (tsearch(3)) */
};

static bool identify(struct identity *identity, const char *path, int standard_fd)
{
    struct stat facts = {0};
    int found = strcmp(path, "-") == 0 ? fstat(standard_fd, &facts) : stat(path, &facts);
    *identity = (struct identity){facts.st_dev, facts.st_ino, S_ISREG(facts.st_mode)};
    return found == 0;
}

/* 1 if the file is there already. */
static int remember(struct finding_files *finding, const char *path, struct error *err)
{
    struct identity *identity = calloc(1, sizeof *identity);
    if (identity == NULL)
        return error_set(err, "out of memory");
    if (!identify(identity, path, STDIN_FILENO)) {
        free(identity);
        return 0; /* opening it will say why */
    }
    struct identity **known = tsearch(identity, &finding->known, compare_identities);
    if (known != NULL && *known == identity)
        return 0;
    free(identity);
    return known == NULL ? error_set(err, "out of memory") : 1;
}

static int add(struct finding_files *finding, const char *path, struct error *err)
{
    struct scan_files *files = finding->files;
    int known = remember(finding, path, err);
    if (known < 0)
        return -1;
    if (known > 0) {
        fprintf(stderr, "--readscan: '%s' is named twice, and read once\n", path);
        return 0;
    }
    char **paths = reallocarray(files->paths, files->count + 1, sizeof *paths);
    if (paths == NULL)
        return error_set(err, "out of memory");
    files->paths = paths;
    paths[files->count] = strdup(path);
    if (paths[files->count] == NULL)
        return error_set(err, "out of memory");
    files->count++;
    return binary_check_file(path, err);
}

/* Addresses that stand behind --readscan are taken for files. */
static bool is_target(const char *text)
{
    struct address_set set;
    address_set_init(&set);
    bool parsed = target_parse_addresses(&set, text, NULL) == 0;
    address_set_fini(&set);
    return parsed;
}

static int add_matches(struct finding_files *finding, const char *pattern, struct error *err)
{
    glob_t matches;
    int status = glob(pattern, GLOB_ERR, NULL, &matches);
    if (status == GLOB_NOMATCH)
        return error_set(err, "no file matches '%s'", pattern);
    if (status != 0)
        return error_set(err, "cannot look for files that match '%s': %s", pattern,
                         status == GLOB_NOSPACE ? "out of memory" : "a directory cannot be read");
    int result = 0;
    for (size_t i = 0; i < matches.gl_pathc && result == 0; i++)
        result = add(finding, matches.gl_pathv[i], err);
    globfree(&matches);
    return result;
}

/* A file whose name has wildcards in it is meant by that name. */
static int find_file(struct finding_files *finding, const char *name, struct error *err)
{
    bool exists = strcmp(name, "-") == 0 || access(name, F_OK) == 0;
    bool is_pattern = strpbrk(name, "*?[") != NULL;
    if (!exists && is_pattern)
        return add_matches(finding, name, err);
    if (!exists && is_target(name))
        return error_set(err,
                         "'%s' is no file (want addresses in front of --readscan, or behind "
                         "--range)",
                         name);
    return add(finding, name, err);
}

/* A file that is read must not be written at the same time: it would never end. */
static int check_output(const struct finding_files *finding, const char *path, struct error *err)
{
    struct identity identity;
    if (!identify(&identity, path, STDOUT_FILENO) || !identity.regular ||
        tfind(&identity, &finding->known, compare_identities) == NULL)
        return 0; /* what is no regular file may be both, as a terminal is */
    return error_set(err, "'%s' is read and written; name another file for the output",
                     strcmp(path, "-") == 0 ? "standard output" : path);
}

static int find_all(struct finding_files *finding, const struct conf *conf, struct error *err)
{
    for (unsigned i = 0; i < conf->readscan.count; i++)
        if (find_file(finding, conf->readscan.items[i], err) < 0)
            return -1;
    if (conf->output_count == 0)
        return check_output(finding, "-", err);
    for (unsigned i = 0; i < conf->output_count; i++)
        if (conf->outputs[i].path != NULL && check_output(finding, conf->outputs[i].path, err) < 0)
            return -1;
    return 0;
}

int scan_files_find(struct scan_files *files, const struct conf *conf, struct error *err)
{
    *files = (struct scan_files){0};
    struct finding_files finding = {.files = files};
    int result = find_all(&finding, conf, err);
    tdestroy(finding.known, free);
    return result < 0 ? error_context(err, "--readscan") : 0;
}

void scan_files_free(struct scan_files *files)
{
    for (unsigned i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    *files = (struct scan_files){0};
}
