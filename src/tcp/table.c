/* The table of connections: found by their tuple, taken, ended. */
#include "tcp/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { LIMIT = 1 << 24 };

struct tcp_setup tcp_setup_default(void)
{
    const uint64_t second = 1000000000;
    return (struct tcp_setup){.maximum_connections = 65536,
                              .maximum_chunks = 65536,
                              .window = 16384,
                              .ttl = 64,
                              .tries = 6,
                              .lifetime_ns = 30 * second,
                              .linger_ns = 5 * second,
                              .time_wait_ns = 2 * second};
}

struct limit {
    const char *what;
    uint64_t value, least, most;
};

static int check_setup(const struct tcp_setup *setup, struct error *err)
{
    const uint64_t hour = 3600ull * 1000000000;
    const struct limit limits[] = {
        {"connections", setup->maximum_connections, 1, LIMIT},
        {"chunks", setup->maximum_chunks, 1, LIMIT},
        {"bytes of window", setup->window, DEFAULT_MSS, UINT16_MAX},
        {"hops (TTL)", setup->ttl, 1, UINT8_MAX},
        {"tries", setup->tries, 1, UINT8_MAX},
        {"ns of a connection's life", setup->lifetime_ns, 1, 24 * hour},
        {"ns to linger", setup->linger_ns, 1, hour},
        {"ns of TIME_WAIT", setup->time_wait_ns, 1, hour},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const struct limit *limit = &limits[i];
        if (limit->value < limit->least || limit->value > limit->most)
            return error_set(err, "TCP: %llu %s; it must be %llu to %llu",
                             (unsigned long long)limit->value, limit->what,
                             (unsigned long long)limit->least, (unsigned long long)limit->most);
    }
    return 0;
}

static uint32_t power_of_two_from(uint32_t least)
{
    uint32_t power = 1;
    while (power < least)
        power *= 2;
    return power;
}

static int init(struct tcp_table *table, uint64_t now_ns, struct error *err)
{
    uint32_t maximum = table->setup.maximum_connections;
    uint32_t buckets = power_of_two_from(maximum);
    table->first_free = TCB_NONE;
    table->bucket_mask = buckets - 1;
    table->tcbs = calloc(maximum, sizeof *table->tcbs);
    table->buckets = malloc(buckets * sizeof *table->buckets);
    if (table->tcbs == NULL || table->buckets == NULL)
        return error_set(err, "out of memory for %u TCP connections", maximum);
    memset(table->buckets, 0xff, buckets * sizeof *table->buckets);
    if (random_bytes(&table->key, sizeof table->key, err) < 0 ||
        chunk_pool_init(&table->pool, table->setup.maximum_chunks, err) < 0)
        return -1;
    return wheel_init(&table->wheel, maximum, now_ns, err);
}

struct tcp_table *tcp_new(const struct tcp_setup *setup, uint64_t now_ns, struct error *err)
{
    if (check_setup(setup, err) < 0)
        return NULL;
    struct tcp_table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        error_set(err, "out of memory for a table of TCP connections");
        return NULL;
    }
    table->setup = *setup;
    if (init(table, now_ns, err) < 0) {
        tcp_free(table);
        return NULL;
    }
    return table;
}

void tcp_free(struct tcp_table *table)
{
    if (table == NULL)
        return;
    wheel_fini(&table->wheel);
    chunk_pool_fini(&table->pool);
    free(table->buckets);
    free(table->tcbs);
    free(table);
}

/* A hash of numbers alone: of IPv4 they are fewer. */
static uint64_t hash_of(const struct tcp_table *table, const struct tcp_tuple *tuple)
{
    const uint32_t ports = (uint32_t)tuple->local_port << 16 | tuple->remote_port;
    if (ip_number_is_v4(tuple->remote)) {
        const uint32_t ipv4[] = {(uint32_t)tuple->local.low, (uint32_t)tuple->remote.low, ports};
        return siphash_2_4(&table->key, ipv4, sizeof ipv4);
    }
    const uint64_t ipv6[] = {tuple->local.high, tuple->local.low, tuple->remote.high,
                             tuple->remote.low, ports};
    return siphash_2_4(&table->key, ipv6, sizeof ipv6);
}

static uint32_t *bucket_of(const struct tcp_table *table, const struct tcp_tuple *tuple)
{
    return &table->buckets[hash_of(table, tuple) & table->bucket_mask];
}

struct tcp_tuple tcb_tuple(const struct tcb *tcb)
{
    return (struct tcp_tuple){tcb->local, tcb->remote, tcb->local_port, tcb->remote_port};
}

static bool is_of(const struct tcb *tcb, const struct tcp_tuple *tuple)
{
    return ip_number_equal(tcb->remote, tuple->remote) && tcb->remote_port == tuple->remote_port &&
           ip_number_equal(tcb->local, tuple->local) && tcb->local_port == tuple->local_port;
}

struct tcb *tcb_find(const struct tcp_table *table, const struct tcp_tuple *tuple)
{
    for (uint32_t index = *bucket_of(table, tuple); index != TCB_NONE;
         index = table->tcbs[index].hash_next)
        if (is_of(&table->tcbs[index], tuple))
            return &table->tcbs[index];
    return NULL;
}

struct tcb *tcb_of(const struct tcp_table *table, struct tcp_handle connection)
{
    if (connection.index >= table->touched)
        return NULL;
    struct tcb *tcb = &table->tcbs[connection.index];
    bool current = tcb->state != TCB_FREE && tcb->generation == connection.generation;
    return current ? tcb : NULL;
}

struct tcp_handle tcb_handle(const struct tcp_table *table, const struct tcb *tcb)
{
    return (struct tcp_handle){(uint32_t)(tcb - table->tcbs), tcb->generation};
}

static uint32_t take_index(struct tcp_table *table)
{
    uint32_t index = table->first_free;
    if (index != TCB_NONE)
        table->first_free = table->tcbs[index].hash_next;
    else if (table->touched < table->setup.maximum_connections)
        index = table->touched++;
    return index;
}

struct tcb *tcb_take(struct tcp_table *table, const struct tcp_tuple *tuple)
{
    uint32_t index = take_index(table);
    if (index == TCB_NONE)
        return NULL;
    struct tcb *tcb = &table->tcbs[index];
    uint32_t generation = tcb->generation + 1;
    uint32_t *bucket = bucket_of(table, tuple);
    /* 0 is left out, so that a handle of zeros is never one. */
    *tcb = (struct tcb){.hash_next = *bucket,
                        .generation = generation ? generation : 1,
                        .local = tuple->local,
                        .remote = tuple->remote,
                        .local_port = tuple->local_port,
                        .remote_port = tuple->remote_port,
                        .state = TCB_ESTABLISHED,
                        .queue = send_queue_empty(),
                        .held = held_empty()};
    *bucket = index;
    table->count++;
    return tcb;
}

static void leave_bucket(struct tcp_table *table, const struct tcb *tcb)
{
    const struct tcp_tuple tuple = tcb_tuple(tcb);
    uint32_t index = (uint32_t)(tcb - table->tcbs);
    uint32_t *link = bucket_of(table, &tuple);
    while (*link != index)
        link = &table->tcbs[*link].hash_next;
    *link = tcb->hash_next;
}

void tcb_end(struct tcp_table *table, struct tcb *tcb, enum tcp_end end)
{
    struct tcp_handle handle = tcb_handle(table, tcb);
    leave_bucket(table, tcb);
    wheel_cancel(&table->wheel, handle.index);
    send_queue_drop(&table->pool, &tcb->queue, tcb->queue.bytes);
    held_release(&table->pool, &tcb->held);
    tcb->state = TCB_FREE;
    if (table->receiving == tcb) /* the next one in its place is none of this segment's */
        table->receiving = NULL;
    table->count--;
    table->counters.ended[end]++;
    table->setup.callbacks.gone(table->setup.callbacks.context, handle, end);
    tcb->hash_next = table->first_free;
    table->first_free = handle.index;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return b == 0 || a < b ? a : b;
}

void tcb_arm(struct tcp_table *table, const struct tcb *tcb)
{
    uint64_t deadline = earlier(earlier(tcb->end_ns, tcb->retransmit_ns), tcb->user_ns);
    wheel_arm(&table->wheel, (uint32_t)(tcb - table->tcbs), deadline);
}

bool tcb_tell(struct tcp_table *table, struct tcb *tcb, enum tcp_event event)
{
    struct tcp_handle handle = tcb_handle(table, tcb);
    table->setup.callbacks.event(table->setup.callbacks.context, handle, event);
    return tcb_of(table, handle) == tcb;
}

bool tcp_find_tuple(const struct tcp_table *table, struct tcp_handle connection,
                    struct tcp_tuple *tuple)
{
    if (connection.index >= table->touched)
        return false;
    const struct tcb *tcb = &table->tcbs[connection.index];
    *tuple = tcb_tuple(tcb);
    return tcb->generation == connection.generation;
}

uint32_t tcp_connections(const struct tcp_table *table)
{
    return table->count;
}

uint32_t tcp_chunks_used(const struct tcp_table *table)
{
    return chunk_pool_used(&table->pool);
}

const struct tcp_counters *tcp_counters(const struct tcp_table *table)
{
    return &table->counters;
}
