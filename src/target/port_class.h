/* The classes of port text: letters, limits, names. Internal to target/. */
#ifndef TARGET_PORT_CLASS_H
#define TARGET_PORT_CLASS_H

#include <stdint.h>

#include "base/port.h"

struct port_class_text {
    char prefix;
    uint32_t maximum;
    const char *noun;
};

extern const struct port_class_text port_class_texts[PORT_CLASSES];

/* The class of 'T', 'u', ...; negative if there is none. */
int port_class_of_prefix(char letter);

#endif
