/* Results as bytes that compare as the results do: their fields, most significant byte first, in
 * groups that stand where an order puts them. */
#include "output/sort_key.h"

#include <string.h>

#include "base/reader.h"

enum { ADDRESS_SIZE = 17, PLACE_SIZE = 3, WHAT_SIZE = 3, TIME_SIZE = 4, REPLY_SIZE = 2 };

_Static_assert(ADDRESS_SIZE + PLACE_SIZE + WHAT_SIZE + TIME_SIZE + REPLY_SIZE == SORT_KEY_SIZE,
               "key");

/* Where the groups begin. */
static const struct layout {
    uint8_t address, place, what, time, reply;
} layouts[] = {
    [SORT_BY_ADDRESS] = {0, 17, 20, 23, 27},
    [SORT_BY_PORT] = {3, 0, 20, 23, 27},
    [SORT_BY_TIME] = {4, 21, 24, 0, 27},
};

size_t sort_key_head(enum sort_order order)
{
    size_t identity = ADDRESS_SIZE + PLACE_SIZE + WHAT_SIZE;
    return order == SORT_BY_TIME ? identity + TIME_SIZE : identity;
}

static void put16(uint8_t *at, uint16_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

void sort_key_pack(uint8_t key[SORT_KEY_SIZE], const struct result *result, enum sort_order order)
{
    const struct layout *layout = &layouts[order];
    uint32_t time = result->time > UINT32_MAX ? UINT32_MAX : (uint32_t)result->time;
    bool is_banner = result->kind == RESULT_BANNER;
    key[layout->address] = result->ip.version;
    memcpy(key + layout->address + 1, result->ip.bytes, sizeof result->ip.bytes);
    key[layout->place] = result->protocol;
    put16(key + layout->place + 1, result->port);
    key[layout->what] = (uint8_t)result->kind;
    put16(key + layout->what + 1, is_banner ? result->app : (uint16_t)result->status);
    put16(key + layout->time, (uint16_t)(time >> 16));
    put16(key + layout->time + 2, (uint16_t)time);
    key[layout->reply] = result->reason;
    key[layout->reply + 1] = result->ttl;
}

static struct reader reader_at(const uint8_t key[SORT_KEY_SIZE], size_t offset)
{
    return reader_over(key + offset, SORT_KEY_SIZE - offset);
}

void sort_key_unpack(struct result *result, const uint8_t key[SORT_KEY_SIZE], enum sort_order order)
{
    const struct layout *layout = &layouts[order];
    struct reader place = reader_at(key, layout->place), what = reader_at(key, layout->what);
    struct reader time = reader_at(key, layout->time), reply = reader_at(key, layout->reply);
    *result = (struct result){.kind = (enum result_kind)reader_u8(&what)};
    uint16_t number = reader_be16(&what);
    if (result->kind == RESULT_BANNER)
        result->app = number;
    else
        result->status = (enum result_status)number;
    result->ip.version = key[layout->address];
    memcpy(result->ip.bytes, key + layout->address + 1, sizeof result->ip.bytes);
    result->protocol = reader_u8(&place);
    result->port = reader_be16(&place);
    result->time = reader_be32(&time);
    result->reason = reader_u8(&reply);
    result->ttl = reader_u8(&reply);
}
