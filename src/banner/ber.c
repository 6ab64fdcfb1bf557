/* BER, as far as answers of LDAP and SNMP need it. */
#include "banner/ber.h"

size_t ber_length(struct reader *reader)
{
    uint8_t first = reader_u8(reader);
    size_t length = 0;
    if (first < 0x80)
        return first;
    if (first > 0x84)
        reader->failed = true;
    for (unsigned i = 0x80; i < first && !reader->failed; i++)
        length = length << 8 | reader_u8(reader);
    return length;
}

struct reader ber_element(struct reader *reader, uint8_t tag)
{
    if (reader_u8(reader) != tag)
        reader->failed = true;
    size_t length = ber_length(reader);
    struct reader inside = *reader;
    reader_limit(&inside, length);
    reader_skip(reader, reader_left(&inside));
    return inside;
}

uint32_t ber_integer(struct reader *reader)
{
    struct reader value = ber_element(reader, BER_INTEGER);
    uint32_t number = 0;
    while (!value.failed && reader_left(&value) > 0)
        number = number << 8 | reader_u8(&value);
    reader->failed |= value.failed;
    return number;
}
