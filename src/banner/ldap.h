/* LDAP over TCP and over UDP: what both read. */
#ifndef BANNER_LDAP_H
#define BANNER_LDAP_H

#include "banner/text.h"
#include "base/reader.h"

/* The answer to a search of the root entry, behind the message's number: as text, nothing if it is
 * none. */
void ldap_read_operation(struct reader *message, struct text *text);

#endif
