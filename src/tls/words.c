/* Numbers of TLS in words: versions as the existing tool writes them, alerts as IANA does. */
#include "tls/words.h"

static const char *const versions[] = {"SSL/3.0", "TLS/1.0", "TLS/1.1", "TLS/1.2", "TLS/1.3"};

/* The registry "TLS Alerts", with the names of older RFCs for what they no longer use. */
static const char *const alerts[256] = {
    [0] = "close_notify",
    [10] = "unexpected_message",
    [20] = "bad_record_mac",
    [21] = "decryption_failed",
    [22] = "record_overflow",
    [30] = "decompression_failure",
    [40] = "handshake_failure",
    [41] = "no_certificate",
    [42] = "bad_certificate",
    [43] = "unsupported_certificate",
    [44] = "certificate_revoked",
    [45] = "certificate_expired",
    [46] = "certificate_unknown",
    [47] = "illegal_parameter",
    [48] = "unknown_ca",
    [49] = "access_denied",
    [50] = "decode_error",
    [51] = "decrypt_error",
    [52] = "too_many_cids_requested",
    [60] = "export_restriction",
    [70] = "protocol_version",
    [71] = "insufficient_security",
    [80] = "internal_error",
    [86] = "inappropriate_fallback",
    [90] = "user_canceled",
    [100] = "no_renegotiation",
    [109] = "missing_extension",
    [110] = "unsupported_extension",
    [111] = "certificate_unobtainable",
    [112] = "unrecognized_name",
    [113] = "bad_certificate_status_response",
    [114] = "bad_certificate_hash_value",
    [115] = "unknown_psk_identity",
    [116] = "certificate_required",
    [117] = "general_error",
    [120] = "no_application_protocol",
    [121] = "ech_required",
};

void tls_append_version(struct buffer *buffer, uint16_t version)
{
    unsigned minor = version - 0x300u;
    if (minor < sizeof versions / sizeof versions[0])
        buffer_text(buffer, versions[minor]);
    else
        buffer_printf(buffer, "TLS/0x%04x", version);
}

void tls_append_alert(struct buffer *buffer, uint8_t alert)
{
    if (alerts[alert])
        buffer_text(buffer, alerts[alert]);
    else
        buffer_decimal(buffer, alert);
}
