/* Files of any content in the place of nmap-service-probes: no port is given out twice, nothing
 * that is no port of TCP, no probe longer than it may be; and an error is one line that names the
 * place. */
#include <stdlib.h>
#include <string.h>

#include "conf/service_probes.h"
#include "fuzz_target.h"

/* Gathers the ports in the set that is its context. */
static int take(void *context, const struct range_set *ports, const uint8_t *bytes, size_t length,
                struct error *err)
{
    struct range_set *given = context;
    volatile uint8_t sum = 0;
    check(length > 0 && length <= SERVICE_PROBE_MAX && ports->count > 0 && ports->normal);
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + bytes[i]);
    for (size_t i = 0; i < ports->count; i++) {
        struct range range = ports->ranges[i];
        check(range.first <= range.last && range.last <= UINT16_MAX);
        check(range_set_count_between(given, range.first, range.last) == 0);
    }
    check(range_set_add_all(given, ports, err) == 0 && range_set_normalise(given, err) == 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct range_set given;
    struct error err = {0};
    char *text = malloc(size + 1);
    memcpy(text, bytes, size);
    range_set_init(&given);
    if (service_probes_read("f", text, size, take, &given, &err) < 0)
        check(strncmp(err.text, "f:", 2) == 0 && strchr(err.text, '\n') == NULL);
    range_set_fini(&given);
    free(text);
    return 0;
}
