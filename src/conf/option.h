/* The option table: everything the program can be told, one row an option.
 *
 * Command line, config files, --echo and --help are all driven by these rows, so they cannot
 * disagree. A row names the setter that reads its value and the echo that writes it back; setters
 * that serve many rows (a number, a text, a flag) find the field through `offset`. */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "conf/conf.h"

enum option_section {
    SECTION_TARGETS,
    SECTION_SCAN,
    SECTION_ADAPTER,
    SECTION_OUTPUT,
    SECTION_OPERATIONS,
    SECTIONS,
};

enum option_argument {
    ARGUMENT_NONE,
    ARGUMENT_OPTIONAL, /* on the command line only behind `=` or `:` */
    ARGUMENT_REQUIRED,
    ARGUMENT_MANY, /* all that follow, up to the next option; the setter is called for each */
};

enum option_flag {
    OPTION_COMMAND_LINE = 1,     /* has no place in a config file */
    OPTION_REPEAT = 2,           /* each use adds; else the last use counts */
    OPTION_ECHO_ALWAYS = 4,      /* echoed even if it has its default */
    OPTION_INDEXED = 8,          /* takes the [1] of an adapter; its field is that of the first */
    OPTION_EARLY = 16,           /* decides how the others are read: works before them */
    OPTION_MAY_BE_EMPTY = 64,    /* `name =` in a config file adds nothing */
    OPTION_NUMBER_FOLLOWS = 128, /* the next argument is its value if it is a number */
    OPTION_SECRET = 256,         /* its value is never shown */
    OPTION_PORT_INDEX = 512,     /* needs the [80] of a port */
    OPTION_NAME_INDEX = 1024     /* takes a name in brackets, which its setter checks */
};

struct option;
struct reading;

/* What stands in brackets behind an option's name. */
struct option_index {
    const char *text; /* NULL: there are no brackets */
    size_t length;
    int number; /* of one to five digits; OPTION_NO_INDEX: it is something else */
};
enum { OPTION_NO_INDEX = -1 };

/* One use of an option. */
struct option_use {
    struct conf *conf;
    const struct option *option;
    struct option_index index;
    const char *value; /* NULL: none was given */
    struct reading *reading;
};

struct option {
    const char *name;        /* as shown, without dashes */
    const char *aliases;     /* separated by spaces, or NULL */
    const char *shorts;      /* after a single dash, separated by spaces, or NULL */
    const char *placeholder; /* for the argument: "<addresses>" */
    const char *help;        /* one line */
    const char *manual;
    const char *standard; /* the default as a value's text, or NULL */
    enum option_section section;
    enum option_argument argument;
    unsigned flags; /* enum option_flag */

    /* Takes the value into conf. The error's text does not name the option; the caller puts that in
     * front. NULL for rows that are not supported yet. */
    int (*set)(const struct option_use *use, struct error *err);

    /* Writes the config lines that say it again, if it differs from the default. NULL: what this
     * option sets is not a part of the scan, or another row's echo covers it. */
    void (*echo)(const struct conf *conf, const struct option *option, struct buffer *out);

    /* For the setters that serve many rows: */
    size_t offset;        /* of the field in struct conf */
    size_t presence;      /* of the bool that says the field is set */
    uint64_t least, most; /* of a number, both allowed */
    const char *unit;     /* what a number counts, in the plural */
    const char *words;    /* what a choice may be, separated by spaces; an output's format */
    unsigned code;        /* an enum port_class or enum conf_action */

    const char *offers; /* values that a shell completes to, separated by spaces, or NULL */
};

extern const struct option option_table[];
extern const unsigned option_count;

extern const char *const option_sections[SECTIONS];

/* The longest name, normalised, with its NUL. */
enum { OPTION_NAME_SIZE = 40 };

/* Writes `length` bytes of a name in lower case without `-`, `.` and `_`; false if that does not
 * fit. */
bool option_normalise(char name[OPTION_NAME_SIZE], const char *text, size_t length);

/* The row with this name or alias, whatever its spelling; NULL if there is none. */
const struct option *option_find(const char *text, size_t length);

/* The row whose short flag is the longest that `text` (behind the dash) begins with, and its
 * length. */
const struct option *option_find_short(const char *text, size_t *length);

/* The row whose short flag is exactly this; NULL if there is none. */
const struct option *option_find_exact_short(const char *text, size_t length);

/* Is the short flag the only name that is meant to be used, as of sL? */
bool option_is_short(const struct option *option);

/* Sets `err` to what is wrong with a name that no row has: that it is an nmap option, and what to
 * use instead, or that it is unknown, and the names it may have been meant for. `dashes` is what
 * stands before the name, "" in a config file. Returns -1. */
int option_unknown(const char *dashes, const char *text, size_t length, struct error *err);

/* nmap's options: those that are refused, and those that the option table has. Names are written
 * with their dashes; a `*` at the end of a name stands for anything. */
struct nmap_hint {
    const char *name, *hint;
};
extern const struct nmap_hint nmap_hints[];
extern const unsigned nmap_hint_count;
extern const char *const nmap_taken[];
extern const unsigned nmap_taken_count;

/* An indexed row as it is for the adapter with this index. */
struct option option_of_adapter(const struct option *option, unsigned index);

/* The row of an option written with its dashes, as in nmap_taken. */
const struct option *option_find_dashed(const char *text);

/* The hint for an nmap option that is refused, NULL if it is none of them; `text` without its
 * dashes. */
const char *option_nmap_hint(const char *dashes, const char *text, size_t length);

/* Is this one of the options by which other scanners look for vulnerabilities? */
bool option_checks_vulnerabilities(const char *dashes, const char *text, size_t length);

/* Steps through the words of a list separated by spaces: returns the next one at *list and its
 * length, and moves *list behind it; NULL at the end (or for no list). */
const char *option_next_word(const char **list, size_t *length);

/* Cuts the index off an option's name, `adapter-ip[0]`: *length becomes that of the name alone, and
 * `index` points into `text`. Whether the option takes it is for reading_apply to say. */
int option_cut_index(const char *text, size_t *length, struct option_index *index,
                     struct error *err);

#endif
