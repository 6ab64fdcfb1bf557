/* BER, as far as answers of LDAP and SNMP need it (X.690, 8.1). */
#ifndef BANNER_BER_H
#define BANNER_BER_H

#include <stddef.h>

#include "base/reader.h"

enum { BER_INTEGER = 0x02, BER_STRING = 0x04, BER_OID = 0x06, BER_SEQUENCE = 0x30, BER_SET = 0x31 };

/* The length of an element, behind its tag; `failed` if it takes more than four bytes. */
size_t ber_length(struct reader *reader);

/* What is in the next element, as far as it is there; nothing, and `failed`, if it has another tag.
 */
struct reader ber_element(struct reader *reader, uint8_t tag);

/* The next element, an INTEGER; of a longer one the last 32 bits. */
uint32_t ber_integer(struct reader *reader);

#endif
