/* Datagrams: a reply over UDP goes in, fields come out, as of banner.h but without a state: one
 * datagram is all there is.
 *
 * A protocol is a `const struct datagram_ops`, listed in one table (datagram.c). Nothing is
 * allocated, no call blocks. datagram_test.c holds all of them to what stands here. */
#ifndef BANNER_DATAGRAM_H
#define BANNER_DATAGRAM_H

#include "banner/banner.h"
#include "banner/text.h"
#include "base/reader.h"

enum {
    DATAGRAM_PORTS_MAX = 10,
    DATAGRAM_UNKNOWN_MAX = 64, /* bytes that are told of what nobody understands */
};

struct datagram_ops {
    const char *name;
    const char *source;                 /* the document that the parser was written from */
    uint16_t app;                       /* of the field it gives */
    uint16_t ports[DATAGRAM_PORTS_MAX]; /* where it is usual; 0 ends the list */
    bool only_if_asked;                 /* its replies say too little to be known on other ports */

    /* Whether the datagram is of this protocol, and says something: then it is told, by banner_tell
     * and at once. What is cut or broken tells what comes before that, or nothing. Of `talk` only
     * field and context are of use. */
    bool (*understand)(struct reader *datagram, struct banner_talk *talk);
};

/* Every protocol, in the order in which they are tried. */
extern const struct datagram_ops *const datagram_protocols[];
extern const unsigned datagram_protocol_count;

/* Tells what a reply from `port` says: as the protocol that is usual there understands it, or
 * another one that claims it, or else its first DATAGRAM_UNKNOWN_MAX bytes as APP_UNKNOWN. Nothing
 * is told of an empty one. */
void datagram_read(uint16_t port, const uint8_t *bytes, size_t length, struct banner_talk *talk);

/* Tells the reply as it came, BANNER_TEXT_MAX bytes of it at most, as APP_UNKNOWN. */
void datagram_read_raw(const uint8_t *bytes, size_t length, struct banner_talk *talk);

/* For protocols: tells a text as the field; false if it is empty. */
bool datagram_tell(const struct banner_talk *talk, uint16_t app, const struct text *text);

/* The same of bytes as they came, without the line ends and NULs behind them; at most
 * BANNER_TEXT_MAX of them. */
bool datagram_tell_bytes(const struct banner_talk *talk, uint16_t app, const uint8_t *bytes,
                         size_t length);

#endif
