/* Any text may be given for nmap's payloads: it is read or refused, with the line. */
#include "probe/payload_nmap.h"

#include <string.h>

#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct payload_set set; /* large: on the stack the sanitizer would mark it each time */
    struct error err;
    if (payload_set_init(&set, &err) < 0)
        return 0;
    int result = payload_nmap_parse(&set, "f", (const char *)data, size, &err);
    check(result == 0 || strncmp(err.text, "f:", 2) == 0);
    for (size_t i = 0; i < set.count; i++)
        check(set.payloads[i].length <= PAYLOAD_MAX);
    payload_set_fini(&set);
    return 0;
}
