/* The writers, one a file. Only writer.c includes them all, in its table. */
#ifndef OUTPUT_WRITERS_H
#define OUTPUT_WRITERS_H

#include "output/writer.h"

extern const struct writer_ops writer_interactive, writer_list, writer_xml, writer_json,
    writer_ndjson, writer_grepable, writer_binary, writer_unicornscan, writer_hostonly, writer_csv,
    writer_certs, writer_none;

#endif
