/* Numbers of TLS in words. */
#ifndef TLS_WORDS_H
#define TLS_WORDS_H

#include <stdint.h>

#include "base/buffer.h"

/* "TLS/1.2"; "TLS/0x0305" for what is not known. */
void tls_append_version(struct buffer *buffer, uint16_t version);

/* "handshake_failure"; the number for what is not known. */
void tls_append_alert(struct buffer *buffer, uint8_t alert);

#endif
