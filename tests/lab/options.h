/* The simulator's command line. */
#ifndef TESTS_LAB_OPTIONS_H
#define TESTS_LAB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sim.h"

enum sim_mode { SIM_RUN, SIM_TRUTH, SIM_PASS };

struct sim_options {
    enum sim_mode mode;
    struct sim_config config;
    uint64_t addresses; /* in all prefixes */
    uint32_t *ports;    /* port codes in ascending order; counted, or listed by `sim truth` */
    uint32_t ports_n;
    const char *interface;
    bool native; /* XDP in the driver instead of the generic hook */
    const char *counters_file;
    const char *pid_file;
    double unsolicited_pps;
    bool show[TRUTH_OPEN + 1]; /* the states `sim truth` lists */
};

/* Reads the command line into `options`, whose strings point into argv. Free it in any case. */
int sim_options_read(struct sim_options *options, int argc, char *argv[], struct error *err);
void sim_options_free(struct sim_options *options);

/* The text of --help. */
void sim_options_help(void);

#endif
