/* Bytes that arrived too early; see held.h. */
#include "tcp/held.h"

#include <stdbool.h>
#include <string.h>

#include "tcp/sequence.h"

/* Where in the list the next byte of a segment belongs. */
struct place {
    struct chunk *before;   /* ends at the byte or in front of it; NULL at the start */
    uint32_t at;            /* the chunk behind it */
    uint32_t next_sequence; /* of the byte */
};

static uint32_t chunk_end(const struct chunk *chunk)
{
    return chunk->sequence + chunk->length;
}

/* Moves on to the next byte that no chunk holds. */
static void skip_held(const struct chunk_pool *pool, struct place *place)
{
    while (place->at != CHUNK_NONE) {
        struct chunk *chunk = chunk_at(pool, place->at);
        if (sequence_before(place->next_sequence, chunk->sequence))
            return;
        place->next_sequence = sequence_later(place->next_sequence, chunk_end(chunk));
        place->before = chunk;
        place->at = chunk->next;
    }
}

static enum held_result insert_chunk(struct chunk_pool *pool, struct held_list *list,
                                     struct place *place)
{
    if (list->count >= HELD_CHUNKS_MAX)
        return HELD_LIST_FULL;
    uint32_t index = chunk_take(pool);
    if (index == CHUNK_NONE)
        return HELD_POOL_EMPTY;
    struct chunk *chunk = chunk_at(pool, index);
    chunk->sequence = place->next_sequence;
    chunk->next = place->at;
    *(place->before ? &place->before->next : &list->first) = index;
    place->before = chunk;
    list->count++;
    return HELD_ALL;
}

/* Is there a chunk that ends where the next byte belongs, and has room for it? */
static bool can_append(const struct place *place)
{
    return place->before != NULL && chunk_end(place->before) == place->next_sequence &&
           place->before->length < CHUNK_BYTES;
}

/* Appends what fits of the gap before `limit` to the chunk in front of it; returns how much. */
static uint32_t fill(struct place *place, const uint8_t *bytes, uint32_t limit)
{
    struct chunk *chunk = place->before;
    uint32_t part = limit - place->next_sequence;
    uint32_t room = (uint32_t)(CHUNK_BYTES - chunk->length);
    if (part > room)
        part = room;
    memcpy(chunk->bytes + chunk->length, bytes, part);
    chunk->length = (uint16_t)(chunk->length + part);
    return part;
}

enum held_result held_insert(struct chunk_pool *pool, struct held_list *list, uint32_t sequence,
                             const uint8_t *bytes, size_t length)
{
    uint32_t end = sequence + (uint32_t)length;
    struct place place = {.at = list->first, .next_sequence = sequence};
    for (skip_held(pool, &place); sequence_before(place.next_sequence, end);
         skip_held(pool, &place)) {
        uint32_t limit = end;
        if (place.at != CHUNK_NONE)
            limit = sequence_earlier(end, chunk_at(pool, place.at)->sequence);
        if (!can_append(&place)) {
            enum held_result result = insert_chunk(pool, list, &place);
            if (result != HELD_ALL)
                return result;
        }
        place.next_sequence += fill(&place, bytes + (place.next_sequence - sequence), limit);
    }
    return HELD_ALL;
}

uint32_t held_take(struct chunk_pool *pool, struct held_list *list, uint32_t sequence)
{
    uint32_t index = list->first;
    if (index == CHUNK_NONE || sequence_before(sequence, chunk_at(pool, index)->sequence))
        return CHUNK_NONE;
    list->first = chunk_at(pool, index)->next;
    list->count--;
    return index;
}

void held_release(struct chunk_pool *pool, struct held_list *list)
{
    while (list->first != CHUNK_NONE) {
        uint32_t index = list->first;
        list->first = chunk_at(pool, index)->next;
        chunk_release(pool, index);
    }
    *list = held_empty();
}
