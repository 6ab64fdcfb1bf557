/* Replies of SUN RPC, whatever carries them. */
#ifndef BANNER_RPC_REPLY_H
#define BANNER_RPC_REPLY_H

#include <stdbool.h>

#include "banner/text.h"
#include "base/reader.h"

/* The programs that a port mapper lists, "name/version/protocol:port", or what it has against the
 * question. False if this is no reply. */
bool rpc_reply_read(struct reader *reader, struct text *text);

#endif
