/* From the configuration's lists to the space of the scan and this run's part of it. */
#include "app/targets.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "target/random.h"

static int take_away_addresses(struct address_set *set, struct address_set *removed,
                               struct error *err)
{
    if (address_set_normalise(set, err) < 0 || address_set_normalise(removed, err) < 0)
        return -1;
    return address_set_subtract(set, removed, err);
}

static int take_away_ports(struct range_set *set, struct range_set *removed, struct error *err)
{
    if (range_set_normalise(set, err) < 0 || range_set_normalise(removed, err) < 0)
        return -1;
    return range_set_subtract(set, removed, err);
}

static int choose_part(struct targets *targets, const struct conf *conf, struct error *err)
{
    uint64_t size = target_space_size(targets->space);
    if (conf->resume_index > size)
        return error_set(err,
                         "--resume-index: %" PRIu64 " is beyond the end: the scan has %" PRIu64
                         " probes, 0 to %" PRIu64,
                         conf->resume_index, size, size - 1);
    bool ends_earlier = conf->resume_count > 0 && conf->resume_count < size - conf->resume_index;
    targets->window_end = ends_earlier ? conf->resume_index + conf->resume_count : size;
    targets->run = shard_indices(size, conf->shard, conf->resume_index, conf->resume_count);
    return 0;
}

int targets_settle(struct conf *conf, struct error *err)
{
    if (take_away_addresses(&conf->targets, &conf->excludes, err) < 0 ||
        take_away_ports(&conf->ports, &conf->exclude_ports, err) < 0)
        return -1;
    conf_resolve_seed(conf, clock_wall_seconds());
    return 0;
}

/* The random ones are none of the others and none of the excluded. */
static int add_random(struct targets *targets, const struct conf *conf, struct error *err)
{
    struct range_set removed = {0};
    targets->addresses = &targets->with_random;
    if (address_set_add_all(&targets->with_random, &conf->targets, err) < 0)
        return -1;
    int status = range_set_add_all(&removed, &conf->targets.v4, err);
    if (status == 0)
        status = range_set_add_all(&removed, &conf->excludes.v4, err);
    if (status == 0)
        status = range_set_normalise(&removed, err);
    if (status == 0 && target_choose_random(&targets->with_random.v4, conf->random_targets,
                                            &removed, conf->seed, err) < 0)
        status = error_context(err, "-iR");
    range_set_fini(&removed);
    return status < 0 ? -1 : address_set_normalise(&targets->with_random, err);
}

int targets_gather(struct targets *targets, struct conf *conf, struct error *err)
{
    memset(targets, 0, sizeof *targets);
    if (address_set_normalise(&conf->targets, err) < 0)
        return -1;
    uint128 asked = address_set_size(&conf->targets);
    if (targets_settle(conf, err) < 0)
        return -1;
    targets->excluded = asked - address_set_size(&conf->targets);
    targets->addresses = &conf->targets;
    if (conf->random_targets > 0 && add_random(targets, conf, err) < 0)
        return -1;
    targets->hosts = address_set_size(targets->addresses);
    return 0;
}

static int check_left(const struct targets *targets, struct error *err)
{
    if (targets->hosts == 0)
        return error_set(err, "no address is left to scan: the excludes cover all targets");
    if (targets->ports == 0)
        return error_set(err, "no port is left to scan: --exclude-ports covers all of them");
    return 0;
}

int targets_build(struct targets *targets, struct conf *conf, struct error *err)
{
    if (targets_gather(targets, conf, err) < 0)
        return -1;
    targets->ports = range_set_size(&conf->ports);
    if (check_left(targets, err) < 0)
        return -1;
    targets->space = target_space_new(targets->addresses, &conf->ports, conf->seed, err);
    return targets->space ? choose_part(targets, conf, err) : -1;
}

void targets_free(struct targets *targets)
{
    target_space_free(targets->space);
    targets->space = NULL;
    address_set_fini(&targets->with_random);
}
