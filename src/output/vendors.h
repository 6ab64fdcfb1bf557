/* Who made a network adapter, by the first digits of its hardware address. */
#ifndef OUTPUT_VENDORS_H
#define OUTPUT_VENDORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/error.h"

enum { VENDORS_FILE_MAX = 32 << 20 }; /* bytes; the registries have some 7 million in 2026 */

/* An assigned block of addresses: those that begin with so many hexadecimal digits. */
struct vendor {
    uint64_t block; /* the digits as a number, behind it their count: 8 bits */
    uint32_t at;    /* the name, in the text */
    uint32_t length;
};

struct vendors {
    struct buffer text;     /* the whole file */
    struct vendor *vendors; /* ascending by block */
    size_t count, capacity;
};

/* Reads a list of the forms "00000C Cisco Systems" (nmap's) or "00-00-0C   (hex)  CISCO" (the
 * IEEE's), with blocks of 6, 7 or 9 digits; other lines are passed over. Of a block that is there
 * twice the first line counts. Fails if the file cannot be read, or without memory. */
int vendors_read(struct vendors *vendors, const char *path, struct error *err);
void vendors_fini(struct vendors *vendors);

/* The name of the smallest block that the address is in, not NUL-terminated, and its length; NULL:
 * it is in none. */
const char *vendors_find(const struct vendors *vendors, const struct mac_address *mac,
                         size_t *length);

#endif
