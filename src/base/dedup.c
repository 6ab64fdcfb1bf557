/* Exact de-duplication; the theory is in dedup.h. */
#include "base/dedup.h"

#include <stdlib.h>
#include <string.h>

#include "base/large_pages.h"
#include "base/random.h"

enum { FIRST_CAPACITY = 1 << 12 };
static const uint64_t OCCUPIED = 1ull << 63; /* so that no stored key is 0 */
static const uint64_t IPV6 = 1ull << 55;     /* above all port codes, so never set in IPv4's */

static void *zeroed(size_t size)
{
    if (size % LARGE_PAGE != 0)
        return calloc(1, size);
    void *bytes = aligned_alloc(LARGE_PAGE, size);
    if (bytes == NULL)
        return NULL;
    large_pages_wish(bytes, size);
    return memset(bytes, 0, size);
}

static int table_new(struct dedup_table *table, size_t capacity, struct error *err)
{
    *table =
        (struct dedup_table){.keys = zeroed(capacity * sizeof *table->keys), .capacity = capacity};
    if (table->keys == NULL)
        return error_set(err, "out of memory for %zu results to tell apart", capacity);
    return 0;
}

int dedup_init(struct dedup *dedup, size_t memory_mib, struct error *err)
{
    size_t generation = 512 * 1024;
    while (generation * 2 <= memory_mib * 512 * 1024)
        generation *= 2;
    *dedup = (struct dedup){.maximum_capacity = generation / sizeof(uint64_t)};
    if (random_bytes(&dedup->salt, sizeof dedup->salt, err) < 0 ||
        random_bytes(&dedup->key, sizeof dedup->key, err) < 0)
        return -1;
    return table_new(&dedup->current, FIRST_CAPACITY, err);
}

void dedup_fini(struct dedup *dedup)
{
    free(dedup->current.keys);
    free(dedup->older.keys);
    dedup->current = dedup->older = (struct dedup_table){0};
}

/* The finaliser of MurmurHash3 (A. Appleby), public domain: every input bit reaches every output
 * bit. */
static uint64_t mix(uint64_t value)
{
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdull;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53ull;
    return value ^ value >> 33;
}

static size_t first_slot(const struct dedup_table *table, uint64_t salt, uint64_t key)
{
    return mix(key ^ salt) & (table->capacity - 1);
}

/* The slot that holds `key`, or the free slot where it belongs. */
static size_t slot_of(const struct dedup_table *table, uint64_t salt, uint64_t key)
{
    size_t slot = first_slot(table, salt, key);
    while (table->keys[slot] != 0 && table->keys[slot] != key)
        slot = (slot + 1) & (table->capacity - 1);
    return slot;
}

static bool holds(const struct dedup_table *table, uint64_t salt, uint64_t key)
{
    return table->capacity > 0 && table->keys[slot_of(table, salt, key)] != 0;
}

static int double_current(struct dedup *dedup, struct error *err)
{
    struct dedup_table larger;
    if (table_new(&larger, dedup->current.capacity * 2, err) < 0)
        return -1;
    for (size_t i = 0; i < dedup->current.capacity; i++) {
        uint64_t key = dedup->current.keys[i];
        if (key != 0)
            larger.keys[slot_of(&larger, dedup->salt, key)] = key;
    }
    larger.count = dedup->current.count;
    free(dedup->current.keys);
    dedup->current = larger;
    return 0;
}

static int begin_generation(struct dedup *dedup, struct error *err)
{
    dedup->forgotten += dedup->older.count;
    free(dedup->older.keys);
    dedup->older = dedup->current;
    return table_new(&dedup->current, dedup->older.capacity, err);
}

/* At three quarters full a table grows, or where it may not, makes way. */
static int make_room(struct dedup *dedup, struct error *err)
{
    if (dedup->current.count < dedup->current.capacity / 4 * 3)
        return 0;
    if (dedup->current.capacity < dedup->maximum_capacity)
        return double_current(dedup, err);
    return begin_generation(dedup, err);
}

uint64_t dedup_key_ipv6(const struct dedup *dedup, struct ip_number address, uint32_t port_code,
                        unsigned status)
{
    const uint64_t report[] = {address.high, address.low, (uint64_t)status << 32 | port_code};
    return (siphash_2_4(&dedup->key, report, sizeof report) | IPV6) & ~OCCUPIED;
}

void dedup_prefetch(const struct dedup *dedup, uint64_t key)
{
    key |= OCCUPIED;
    __builtin_prefetch(&dedup->current.keys[first_slot(&dedup->current, dedup->salt, key)]);
    if (dedup->older.capacity > 0)
        __builtin_prefetch(&dedup->older.keys[first_slot(&dedup->older, dedup->salt, key)]);
}

bool dedup_contains(const struct dedup *dedup, uint64_t key)
{
    key |= OCCUPIED;
    return holds(&dedup->current, dedup->salt, key) || holds(&dedup->older, dedup->salt, key);
}

int dedup_insert(struct dedup *dedup, uint64_t key, struct error *err)
{
    key |= OCCUPIED;
    if (holds(&dedup->older, dedup->salt, key))
        return 0;
    size_t slot = slot_of(&dedup->current, dedup->salt, key);
    if (dedup->current.keys[slot] != 0)
        return 0;
    if (make_room(dedup, err) < 0)
        return -1;
    slot = slot_of(&dedup->current, dedup->salt, key);
    dedup->current.keys[slot] = key;
    dedup->current.count++;
    return 1;
}
