/* A transport whose frames leave with a VLAN tag (IEEE 802.1Q).
 *
 * It stands in front of any other transport of a link with Ethernet headers, so whoever writes
 * frames need not know. What arrives is chosen by the transport behind it (transport_setup.vlan)
 * and handed through; the tag may stand in it or have been taken out, as that transport has it. */
#ifndef TRANSPORT_TAGGED_H
#define TRANSPORT_TAGGED_H

#include "transport/transport.h"

/* Puts the tag of VLAN `vlan` (1 to 4094, priority 0) into what every instance of an open group
 * sends; they are closed as before. On failure the group is as it was. */
int transport_group_tag(struct transport_group *group, uint16_t vlan, struct error *err);

#endif
