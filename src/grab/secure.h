/* The TLS of a conversation: what is between its connection and its words. */
#ifndef GRAB_SECURE_H
#define GRAB_SECURE_H

#include "grab/conversation.h"

enum secure_step {
    SECURE_MORE,
    SECURE_OPEN,     /* the handshake is complete */
    SECURE_OVER,     /* no more will come through it */
    SECURE_DECLINED, /* what was offered is not spoken inside; to be asked again without */
    SECURE_PLAIN,    /* the server does not speak TLS: the bytes are plain words; TLS is given up */
};

/* Sends a ClientHello; false if there is no room for another session now. */
bool secure_begin(struct turn *turn);

/* Bytes of the connection. Words that they bring are in grab->plain. */
enum secure_step secure_feed(struct turn *turn, const uint8_t *bytes, size_t length);

/* Sends words; false if that is not possible any more. */
bool secure_say(struct turn *turn, const uint8_t *bytes, size_t length);

/* No more bytes will come: tells what is known. */
void secure_conclude(struct turn *turn);

/* Gives the session up, if there is one; `goodbye`: not without a word. */
void secure_release(struct turn *turn, bool goodbye);

#endif
