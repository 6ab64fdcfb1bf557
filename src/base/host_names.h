/* Names of hosts by their addresses, as they were looked up. */
#ifndef BASE_HOST_NAMES_H
#define BASE_HOST_NAMES_H

#include <stddef.h>

#include "base/address.h"
#include "base/error.h"

enum { HOST_NAME_LONGEST = 253 }; /* RFC 1035, without the dot at the end */

struct host_name {
    struct ip_number address;
    char *name;   /* letters, digits, dots, hyphens, underscores; owned */
    size_t order; /* the how manieth that was added */
};

/* A zeroed struct is empty. */
struct host_names {
    struct host_name *items;
    size_t count, capacity;
    bool sorted;
};

/* Is this a text of the kind that struct host_name has? */
bool host_name_is_plain(const char *text, size_t length);

/* Adds a copy of the first `length` bytes of `name`. Fails only without memory. */
int host_names_add(struct host_names *names, struct ip_number address, const char *name,
                   size_t length, struct error *err);
void host_names_fini(struct host_names *names);

/* Has to be called behind the last host_names_add, before host_names_find. Of an address that has
 * several names the first one is kept. */
void host_names_sort(struct host_names *names);

/* The name of an address; NULL: it has none. `names` may be NULL. Binary search. */
const char *host_names_find(const struct host_names *names, struct ip_number address);

#endif
