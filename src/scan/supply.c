/* The run of a scan, handed out to its workers piece by piece. */
#include "scan/supply.h"

/* Pieces that each of several workers takes at least, if there are enough indices; what a scan that
 * is interrupted owes are not many more stretches than there are pieces. */
enum { PIECES_EACH = 16 };

static uint64_t piece_of(uint64_t count, unsigned workers)
{
    uint64_t part = count / (PIECES_EACH * workers) + 1;
    return workers == 1 || part > SUPPLY_PIECE ? SUPPLY_PIECE : part;
}

void supply_init(struct supply *supply, struct index_run run, unsigned workers)
{
    *supply = (struct supply){.run = run, .piece = piece_of(run.count, workers)};
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
        count = left < supply->piece ? left : supply->piece;
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
