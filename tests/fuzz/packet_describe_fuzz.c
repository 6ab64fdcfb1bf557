/* Any bytes may arrive: the line about them is printable, ends inside its memory, and is the same
 * each time. The first byte chooses the kind of link. */
#include "packet/describe.h"

#include <string.h>

#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char first[PACKET_TEXT_SIZE], second[PACKET_TEXT_SIZE];
    packet_describe(first, data + 1, size - 1, data[0] & 1);
    packet_describe(second, data + 1, size - 1, data[0] & 1);
    size_t length = strnlen(first, sizeof first);
    check(length > 0 && length < sizeof first && strcmp(first, second) == 0);
    for (size_t i = 0; i < length; i++)
        check(first[i] >= ' ' && first[i] <= '~');
    return 0;
}
