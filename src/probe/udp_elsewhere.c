/* Services whose replies may come from another port than the one that was asked.
 *
 * TFTP chooses a port for each transfer (RFC 1350, 4). Answers to searches by SSDP and WS-Discovery
 * come from whatever socket a device sends them by; their specifications say only where they go to
 * (UPnP Device Architecture 1.1, 1.3.3; WS-Discovery, 2.4). Only what has the form of such an
 * answer is taken for one. */
#include "probe/udp_elsewhere.h"

#include <string.h>

#include "base/reader.h"

enum { TFTP = 69, SSDP = 1900, WS_DISCOVERY = 3702 };

/* DATA of the first block, ERROR with its text, or OACK with options. */
static bool is_tftp(const uint8_t *payload, size_t length)
{
    enum { DATA = 3, ERROR = 5, OPTIONS = 6, BLOCK = 512, CODES = 8 };
    struct reader r = reader_over(payload, length);
    uint16_t opcode = reader_be16(&r), number = reader_be16(&r);
    bool is_text = length > 4 && payload[length - 1] == '\0';
    switch (opcode) {
    case DATA:
        return !r.failed && number == 1 && reader_left(&r) <= BLOCK;
    case ERROR:
        return number <= CODES && is_text;
    case OPTIONS:
        return is_text;
    default:
        return false;
    }
}

static bool is_ssdp(const uint8_t *payload, size_t length)
{
    static const char status[] = "HTTP/1.1 200";
    return length > sizeof status && memcmp(payload, status, sizeof status - 1) == 0;
}

static bool is_ws_discovery(const uint8_t *payload, size_t length)
{
    static const char answer[] = "ProbeMatches";
    return length > 0 && payload[0] == '<' &&
           memmem(payload, length, answer, sizeof answer - 1) != NULL;
}

bool udp_answers_elsewhere(const uint8_t *payload, size_t length, uint16_t *service)
{
    static const struct {
        uint16_t port;
        bool (*is_answer)(const uint8_t *payload, size_t length);
    } services[] = {{TFTP, is_tftp}, {SSDP, is_ssdp}, {WS_DISCOVERY, is_ws_discovery}};
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        if (services[i].is_answer(payload, length)) {
            *service = services[i].port;
            return true;
        }
    }
    return false;
}
