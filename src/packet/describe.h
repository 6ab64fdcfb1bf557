/* A frame in one line for a person. */
#ifndef PACKET_DESCRIBE_H
#define PACKET_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_TEXT_SIZE = 256 };

/* Writes what a frame is, whatever its bytes are: printable ASCII in columns, without line end.
 *
 *   TCP  192.0.2.1:40000       > 198.51.100.7:80       SYN seq=3735928559 win=1024 ttl=255
 *
 * protocol, source and destination, and then what it says. Returns `text`. */
char *packet_describe(char text[PACKET_TEXT_SIZE], const uint8_t *frame, size_t length,
                      bool has_ethernet);

#endif
