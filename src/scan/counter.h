/* A counter with one writer and any number of readers: no locked instruction is needed to count. */
#ifndef SCAN_COUNTER_H
#define SCAN_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

static inline void counter_add(_Atomic uint64_t *counter, uint64_t number)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + number, memory_order_relaxed);
}

static inline void counter_set(_Atomic uint64_t *counter, uint64_t number)
{
    atomic_store_explicit(counter, number, memory_order_relaxed);
}

static inline uint64_t counter_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
