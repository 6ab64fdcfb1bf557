/* Strings of the outermost object of a JSON text (RFC 8259), a byte at a time: what a service says
 * of itself in a flat list of names and values. What lies deeper is passed over. */
#ifndef BANNER_JSON_H
#define BANNER_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct json_string {
    uint16_t length; /* what is longer is cut */
    uint8_t bytes[62];
};

/* All zero at first. */
struct json {
    uint8_t depth;
    bool in_string, escaped, is_value;
    bool over; /* the object is closed, or this is no JSON */
    struct json_string name, value;
};

/* Takes the next byte; true if it ends a string that is a value of the outermost object: `name` and
 * `value` are valid until the next call. Escapes stay as they are, without their backslash. */
bool json_take(struct json *json, uint8_t byte);

#endif
