/* A timer wheel; the theory is in wheel.h. */
#include "tcp/wheel.h"

#include <stdlib.h>
#include <string.h>

int wheel_init(struct wheel *wheel, uint32_t count, uint64_t now_ns, struct error *err)
{
    *wheel = (struct wheel){.position = now_ns / WHEEL_TICK_NS};
    memset(wheel->heads, 0xff, sizeof wheel->heads);
    wheel->links = calloc(count, sizeof *wheel->links);
    if (wheel->links == NULL)
        return error_set(err, "out of memory for %u timers", count);
    return 0;
}

void wheel_fini(struct wheel *wheel)
{
    free(wheel->links);
    wheel->links = NULL;
}

static void insert(struct wheel *wheel, uint32_t index, uint64_t tick)
{
    uint16_t slot = (uint16_t)(tick % WHEEL_SLOTS);
    uint32_t next = wheel->heads[slot];
    wheel->links[index] = (struct wheel_link){next, WHEEL_NONE, slot, true};
    if (next != WHEEL_NONE)
        wheel->links[next].previous = index;
    wheel->heads[slot] = index;
    wheel->occupied[slot / 64] |= 1ull << slot % 64;
}

void wheel_cancel(struct wheel *wheel, uint32_t index)
{
    struct wheel_link *link = &wheel->links[index];
    if (!link->armed)
        return;
    link->armed = false;
    if (link->next != WHEEL_NONE)
        wheel->links[link->next].previous = link->previous;
    if (link->previous != WHEEL_NONE)
        wheel->links[link->previous].next = link->next;
    else
        wheel->heads[link->slot] = link->next;
    if (wheel->heads[link->slot] == WHEEL_NONE)
        wheel->occupied[link->slot / 64] &= ~(1ull << link->slot % 64);
}

/* The ticks from the wheel's position to when an armed timer comes up. */
static uint64_t distance(const struct wheel *wheel, uint16_t slot)
{
    return (slot - wheel->position) % WHEEL_SLOTS;
}

void wheel_arm(struct wheel *wheel, uint32_t index, uint64_t deadline_ns)
{
    uint64_t first = wheel->position + 1, last = wheel->position + WHEEL_SLOTS - 1;
    uint64_t tick = deadline_ns / WHEEL_TICK_NS + (deadline_ns % WHEEL_TICK_NS != 0);
    tick = tick < first ? first : tick > last ? last : tick;
    const struct wheel_link *link = &wheel->links[index];
    if (link->armed && distance(wheel, link->slot) <= tick - wheel->position)
        return;
    wheel_cancel(wheel, index);
    insert(wheel, index, tick);
}

/* The ticks to the next occupied slot behind the position, WHEEL_SLOTS if there is none. */
static uint64_t next_occupied(const struct wheel *wheel)
{
    uint64_t first = wheel->position + 1, end = wheel->position + WHEEL_SLOTS;
    for (uint64_t tick = first; tick < end; tick += 64 - tick % 64) {
        uint64_t slot = tick % WHEEL_SLOTS;
        uint64_t bits = wheel->occupied[slot / 64] >> slot % 64;
        if (bits != 0)
            return tick + (uint64_t)__builtin_ctzll(bits) - wheel->position;
    }
    return WHEEL_SLOTS;
}

uint32_t wheel_expire(struct wheel *wheel, uint64_t now_ns, size_t *work)
{
    uint64_t now = now_ns / WHEEL_TICK_NS;
    while (*work > 0) {
        uint32_t index = wheel->heads[wheel->position % WHEEL_SLOTS];
        --*work;
        if (index != WHEEL_NONE) {
            wheel_cancel(wheel, index);
            return index;
        }
        if (wheel->position >= now)
            break;
        uint64_t next = wheel->position + next_occupied(wheel);
        wheel->position = next < now ? next : now;
    }
    return WHEEL_NONE;
}

uint64_t wheel_next_ns(const struct wheel *wheel)
{
    if (wheel->heads[wheel->position % WHEEL_SLOTS] != WHEEL_NONE)
        return wheel->position * WHEEL_TICK_NS;
    uint64_t ticks = next_occupied(wheel);
    return ticks == WHEEL_SLOTS ? UINT64_MAX : (wheel->position + ticks) * WHEEL_TICK_NS;
}
