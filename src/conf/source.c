/* Where targets, ports and excludes came from. */
#include "conf/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/string_list.h"

static const char *const kind_names[SOURCE_KINDS] = {
    [SOURCE_TARGETS] = "targets",
    [SOURCE_EXCLUDES] = "excludes",
    [SOURCE_PORTS] = "ports",
    [SOURCE_EXCLUDED_PORTS] = "excluded ports",
};

void source_list_fini(struct source_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        free(list->items[i].path);
    free(list->items);
    *list = (struct source_list){0};
}

static struct source *find(struct source_list *list, enum source_kind kind, const char *path)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->items[i].kind == kind && strcmp(list->items[i].path, path) == 0)
            return &list->items[i];
    return NULL;
}

static void copy_shortened(char *to, size_t size, const char *text)
{
    if ((size_t)snprintf(to, size, "%s", text) >= size)
        memcpy(to + size - 4, "...", 4);
}

int source_add(struct source_list *list, enum source_kind kind, const char *path, const char *value,
               struct error *err)
{
    if (path == NULL) {
        list->command_line[kind] = true;
        return 0;
    }
    struct source *known = find(list, kind, path);
    if (known != NULL) {
        known->more++;
        return 0;
    }
    struct source *items = reallocarray(list->items, list->count + 1, sizeof *items);
    if (items == NULL)
        return error_set(err, "out of memory");
    list->items = items;
    struct source *source = &items[list->count];
    *source = (struct source){.kind = kind};
    copy_shortened(source->text, sizeof source->text, value);
    if (string_replace(&source->path, path, err) < 0)
        return -1;
    list->count++;
    return 0;
}

static int add_notice(const struct source *source, struct conf *conf, struct error *err)
{
    char more[40] = "";
    if (source->more > 0)
        snprintf(more, sizeof more, " and %lu more", source->more);
    char *line = NULL;
    if (asprintf(&line, "%s: added %s%s from %s", kind_names[source->kind], source->text, more,
                 source->path) < 0)
        return error_set(err, "out of memory");
    string_make_line(line);
    int status = string_list_add(&conf->notices, line, err);
    free(line);
    return status;
}

int source_notices(const struct source_list *list, struct conf *conf, struct error *err)
{
    for (unsigned i = 0; i < list->count; i++) {
        const struct source *source = &list->items[i];
        if (list->command_line[source->kind] && add_notice(source, conf, err) < 0)
            return -1;
    }
    return 0;
}
