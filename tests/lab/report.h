/* The counters as JSON. */
#ifndef TESTS_LAB_REPORT_H
#define TESTS_LAB_REPORT_H

#include "base/error.h"
#include "helper.h"
#include "network.h"
#include "options.h"

/* Writes the file whole or not at all: beside its place first, then renamed. */
int report_write(const char *path, const struct sim_options *options, const struct network *network,
                 const struct helper *helper, struct error *err);

#endif
