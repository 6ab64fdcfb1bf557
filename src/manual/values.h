/* What a shell can offer for an option's value. */
#ifndef MANUAL_VALUES_H
#define MANUAL_VALUES_H

#include "conf/option.h"

enum value_kind {
    VALUE_NONE, /* takes none, or only behind a `=` */
    VALUE_FREE, /* takes one of which a shell knows nothing */
    VALUE_FILE,
    VALUE_DIRECTORY,
    VALUE_INTERFACE,
    VALUE_WORD, /* one of option->offers */
    VALUE_KINDS,
};

/* By the option's placeholder and what it offers. */
enum value_kind value_kind_of(const struct option *option);

#endif
