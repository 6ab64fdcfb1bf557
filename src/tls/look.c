/* Whether the first bytes of a server are a TLS record (RFC 8446, 5.1) that answers a ClientHello.
 */
#include "tls/tls.h"

enum { RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, SERVER_HELLO = 2, FRAGMENT_MAX_HIGH = 0x40 };

/* Whether byte `at` fits, if those before it do. */
static bool fits(const uint8_t *bytes, size_t at)
{
    bool is_alert = bytes[0] == RECORD_ALERT;
    switch (at) {
    case 0:
        return is_alert || bytes[0] == RECORD_HANDSHAKE;
    case 1: /* the version: 3.0 to 3.4 */
        return bytes[1] == 3;
    case 2:
        return bytes[2] <= 4;
    case 3: /* the length: 2, or 1 to 16384 */
        return is_alert ? bytes[3] == 0 : bytes[3] <= FRAGMENT_MAX_HIGH;
    case 4:
        if (is_alert)
            return bytes[4] == 2;
        return bytes[3] == FRAGMENT_MAX_HIGH ? bytes[4] == 0 : (bytes[3] | bytes[4]) != 0;
    default: /* the alert's level, or the kind of message */
        return is_alert ? bytes[5] == 1 || bytes[5] == 2 : bytes[5] == SERVER_HELLO;
    }
}

enum tls_match tls_looks_like(const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < TLS_LOOK_MAX && at < length; at++)
        if (!fits(bytes, at))
            return TLS_NO;
    return length < TLS_LOOK_MAX ? TLS_MAYBE : TLS_YES;
}
