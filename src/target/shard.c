/* Which indices of the whole scan this run takes. */
#include "target/shard.h"

struct index_run shard_indices(uint64_t size, struct shard shard, uint64_t resume_index,
                               uint64_t resume_count)
{
    struct index_run run = {.stride = shard.of};
    if (resume_index >= size)
        return run;
    uint64_t window = size - resume_index;
    if (resume_count != 0 && resume_count < window)
        window = resume_count;
    /* The way from resume_index to the next index that is this shard's; every sum stays below
     * shard.of, so nothing overflows. */
    uint64_t wanted = shard.number - 1, present = resume_index % shard.of;
    uint64_t ahead = wanted >= present ? wanted - present : shard.of - (present - wanted);
    if (ahead >= window)
        return run;
    run.first = resume_index + ahead;
    run.count = (window - ahead - 1) / shard.of + 1;
    return run;
}
