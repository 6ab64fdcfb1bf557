/* The table of writers, and finding one by name. */
#include "output/writer.h"

#include "output/format_name.h"
#include "output/writers.h"

const struct writer_ops *const writer_table[] = {
    &writer_interactive,
    &writer_list,
    &writer_xml,
    &writer_json,
    &writer_ndjson,
    &writer_grepable,
    &writer_binary,
    &writer_unicornscan,
    &writer_hostonly,
    &writer_csv,
    &writer_certs,
    &writer_none,
    NULL,
};

const struct writer_ops *writer_find(const char *name)
{
    for (const struct writer_ops *const *writer = writer_table; *writer != NULL; writer++)
        if (format_is_called(name, (*writer)->name, (*writer)->aliases))
            return *writer;
    return NULL;
}
