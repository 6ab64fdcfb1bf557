/* Any file may be given as a capture of UDP payloads: it is read or refused in one line, and no
 * payload is longer than can be sent. The input comes through a memory file. */
#include "probe/payload_pcap.h"

#include "fuzz_target.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct payload_set set; /* large: on the stack the sanitizer would mark it each time */
    struct error err = {0};
    struct memory_file file = memory_file_of(data, size);
    check(payload_set_init(&set, &err) == 0);
    if (payload_pcap_load(&set, file.path, &err) < 0)
        check_error(&err);
    for (size_t i = 0; i < set.count; i++)
        check(set.payloads[i].length <= PAYLOAD_MAX);
    payload_set_fini(&set);
    close(file.fd);
    return 0;
}
