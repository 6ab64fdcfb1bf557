/* The run of a scan, handed out to its workers piece by piece. */
#include "scan/supply.h"

void supply_init(struct supply *supply, struct index_run run)
{
    *supply = (struct supply){.run = run};
}

static struct index_run behind(const struct index_run *run, uint64_t position, uint64_t count)
{
    return (struct index_run){run->first + position * run->stride, run->stride, count};
}

struct index_run supply_take(struct supply *supply)
{
    uint64_t position = atomic_load_explicit(&supply->position, memory_order_relaxed), count;
    do {
        uint64_t left = supply->run.count - position;
        count = left < SUPPLY_PIECE ? left : SUPPLY_PIECE;
    } while (count > 0 &&
             !atomic_compare_exchange_weak_explicit(&supply->position, &position, position + count,
                                                    memory_order_acq_rel, memory_order_relaxed));
    return behind(&supply->run, position, count);
}

struct index_run supply_rest(struct supply *supply)
{
    uint64_t position = atomic_load_explicit(&supply->position, memory_order_acquire);
    return behind(&supply->run, position, supply->run.count - position);
}
