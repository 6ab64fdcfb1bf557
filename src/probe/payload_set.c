/* Which datagram each UDP port is sent. */
#include "probe/payload_set.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static int reserve_one(struct payload_set *set, struct error *err)
{
    if (set->count < set->capacity)
        return 0;
    size_t capacity = set->capacity > 0 ? 2 * set->capacity : FIRST_CAPACITY;
    struct udp_payload *payloads = reallocarray(set->payloads, capacity, sizeof *payloads);
    if (payloads == NULL)
        return error_set(err, "out of memory for %zu UDP payloads", capacity);
    set->payloads = payloads;
    set->capacity = capacity;
    return 0;
}

/* Takes the bytes into memory of its own. */
static int append(struct payload_set *set, const struct udp_payload *payload, struct error *err)
{
    if (reserve_one(set, err) < 0)
        return -1;
    uint8_t *bytes = malloc(payload->length + 1u);
    if (bytes == NULL)
        return error_set(err, "out of memory for a UDP payload");
    if (payload->length > 0)
        memcpy(bytes, payload->bytes, payload->length);
    struct udp_payload *added = &set->payloads[set->count++];
    *added = *payload;
    added->bytes = bytes;
    return 0;
}

int payload_set_init(struct payload_set *set, struct error *err)
{
    const struct udp_payload empty = {0};
    *set = (struct payload_set){0};
    return append(set, &empty, err);
}

void payload_set_fini(struct payload_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        free((uint8_t *)set->payloads[i].bytes);
    free(set->payloads);
    *set = (struct payload_set){0};
}

int payload_set_add_own(struct payload_set *set, struct error *err)
{
    for (size_t i = 0; i < udp_request_count; i++) {
        const struct udp_request *request = &udp_request_table[i];
        if (append(set, &request->payload, err) < 0)
            return -1;
        for (unsigned k = 0; k < UDP_REQUEST_PORTS && request->ports[k] != 0; k++)
            set->of_port[request->ports[k]] = (uint32_t)(set->count - 1);
    }
    return 0;
}

int payload_set_put(struct payload_set *set, uint16_t first, uint16_t last, const uint8_t *bytes,
                    size_t length, struct error *err)
{
    if (length > PAYLOAD_MAX)
        return error_set(err, "the payload for UDP port %u has %zu bytes; at most %d can be sent",
                         first, length, PAYLOAD_MAX);
    const struct udp_payload payload = {.bytes = bytes, .length = (uint16_t)length};
    if (append(set, &payload, err) < 0)
        return -1;
    for (uint32_t port = first; port <= last; port++)
        set->of_port[port] = (uint32_t)(set->count - 1);
    return 0;
}
