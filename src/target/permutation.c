/* The random order of a scan, computed a batch at a time.
 *
 * Theory of operation
 *
 * A scan of N = majors * minors pairs visits pair P(0), P(1), ... where P is a bijection of
 * 0..N-1 chosen by the seed. P is a Feistel network on two halves, in the manner of the
 * "generalised Feistel cipher" of Black and Rogaway (Ciphers with Arbitrary Finite Domains, 2002):
 * the left half lives in Z_a, the right one in Z_b, and each round subtracts from one half, modulo
 * its size, a function of the other. Such a round can be undone, so any number of them is a
 * bijection of the a * b pairs of halves.
 *
 * Halves without division. b is a multiple of minors, b = row * minors, so that
 *     right = low * minors + minor,   major = left * row + low
 * and the pair of halves (left, right) is the number left * b + right = major * minors + minor. The
 * index is taken apart the same way (left = index / b, right = index % b). row is chosen so that a
 * and b are both near sqrt(N), and both fit 32 bits for every N up to 2^63 (see choose_halves).
 * The round function gives 32 bits that multiply_high scales to the size of the half, (Lemire, Fast
 * Random Integer Generation in an Interval, 2019; the tiny bias does no harm here, as bijectivity
 * does not rest on it). Only two divisions are left per batch.
 *
 * Cycle walking. a * b may exceed N, by less than b. Pairs of halves that number N and above are no
 * pairs of the set; when one comes out, the network is applied to it again until one of the set
 * does (Black and Rogaway). Since inputs and outputs are numbered alike, inputs below N and valid
 * outputs are the same set, and the walk ends and stays a bijection. An output needs it with a
 * chance below 1/a, so a batch repairs those lanes one at a time.
 *
 * Rounds. With four or more rounds a Feistel network of random functions is a strong pseudo-random
 * permutation (Luby and Rackoff, 1988). These round functions are far from random ones: it takes
 * six rounds for the statistical tests of permutation_test.c to find nothing, and that is the aim.
 * The order hides nothing from an adversary: cookies have their own key. */
#include "target/permutation.h"

#include <stdalign.h>

#include "target/multiply_high.h"
#include "target/permutation_round.h"

static const uint64_t maximum_size = 1ull << 63;

/* The square root, rounded up. Integers only: the order must be the same on every machine. */
static uint64_t square_root_up(uint64_t n)
{
    uint64_t root = 0;
    for (uint64_t bit = 1ull << 32; bit > 0; bit >>= 1) {
        uint64_t candidate = root | bit;
        if (candidate <= n / candidate)
            root = candidate;
    }
    return root * root < n ? root + 1 : root;
}

/* Sets row, left_size (a) and right_size (b).
 *
 * b is the multiple of minors next above sqrt(N); then a = N / b rounded up is at most sqrt(N)
 * rounded up, below 2^32. If b would not fit, the multiple below is taken: it is above 2^32 - 2^31,
 * so that a is at most 2^63 / 2^31, rounded up, less one for the strict "above". */
static void choose_halves(struct permutation *p, uint64_t majors)
{
    uint64_t row = (square_root_up(p->size) + p->minors - 1) / p->minors;
    if (row * p->minors > UINT32_MAX)
        row--;
    p->row = (uint32_t)row;
    p->left_size = (uint32_t)(majors / row + (majors % row != 0));
    p->right_size = (uint32_t)(row * p->minors);
    p->last_right = (uint32_t)(p->size - (uint64_t)(p->left_size - 1) * p->right_size);
}

/* One step of SplitMix64 (Steele, Lea, Flood, 2014). */
static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

int permutation_init(struct permutation *p, uint64_t majors, uint32_t minors, uint64_t seed,
                     struct error *err)
{
    if (majors == 0 || minors == 0)
        return error_set(err, "nothing to scan: at least one address and one port are needed");
    if (minors >= 1u << 31 || majors > maximum_size / minors)
        return error_set(err,
                         "%llu x %u is too much to scan at once: the product must not exceed 2^63",
                         (unsigned long long)majors, minors);
    *p = (struct permutation){.size = majors * minors, .minors = minors};
    p->reciprocal = minors == 1 ? UINT32_MAX : (uint32_t)((1ull << 32) / minors);
    choose_halves(p, majors);
    for (unsigned round = 0; round < PERMUTATION_ROUNDS; round++)
        p->keys[round] = (uint32_t)(splitmix64(&seed) >> 32);
    return 0;
}

/* Is this no pair of the set, one that must walk on? */
static inline uint32_t is_outside(const struct permutation *p, uint32_t left, uint32_t right)
{
    return (left == p->left_size - 1) & (right >= p->last_right);
}

static void walk_inside(const struct permutation *p, uint32_t *left, uint32_t *right)
{
    while (is_outside(p, *left, *right))
        permute_rounds(p, PERMUTATION_ROUNDS, left, right);
}

void permutation_pair(const struct permutation *p, uint64_t index, uint64_t *major, uint32_t *minor)
{
    uint32_t left = (uint32_t)(index / p->right_size);
    uint32_t right = (uint32_t)(index % p->right_size);
    permute_rounds(p, PERMUTATION_ROUNDS, &left, &right);
    walk_inside(p, &left, &right);
    *major = (uint64_t)left * p->row + right / p->minors;
    *minor = right % p->minors;
}

/* A distance between two indices, in halves. */
struct step {
    uint32_t left, right;
};

/* x + step, with the carry from right to left. Lefts are taken modulo 2^32: a sum that is below N
 * comes out right even if the step alone was reduced. */
static inline struct step add_step(struct step x, struct step step, uint32_t right_size)
{
    uint32_t room = right_size - step.right;
    struct step sum = {x.left + step.left, x.right - room};
    if (x.right < room)
        sum.right += right_size;
    else
        sum.left++;
    return sum;
}

/* The halves of first, first + stride, ... by doubling: from k lanes and the distance k * stride
 * come 2k lanes. Lanes past `count` repeat the first, as theirs would be no pair of the set. */
MULTIVERSION(void, fill,
             (const struct permutation *p, uint64_t first, uint64_t stride, unsigned count,
              uint32_t *restrict left, uint32_t *restrict right),
             (p, first, stride, count, left, right))
{
    const uint32_t right_size = p->right_size;
    struct step step = {(uint32_t)(stride / right_size), (uint32_t)(stride % right_size)};
    left[0] = (uint32_t)(first / right_size);
    right[0] = (uint32_t)(first % right_size);
    for (unsigned have = 1; have < BATCH_LANES; have *= 2) {
        for (unsigned i = 0; i < have; i++) {
            struct step lane = add_step((struct step){left[i], right[i]}, step, right_size);
            left[have + i] = lane.left;
            right[have + i] = lane.right;
        }
        step = add_step(step, step, right_size);
    }
    for (unsigned i = count; i < BATCH_LANES; i++) {
        left[i] = left[0];
        right[i] = right[0];
    }
}

MULTIVERSION(void, mix, (uint32_t *restrict mixed, const uint32_t *restrict other, uint32_t key),
             (mixed, other, key))
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        mixed[i] = round_mix(other[i], key);
}

/* subtract_mod; up to a modulus of 2^31 the right one of two candidates is the lower, and finding
 * that takes fewer instructions. */
MULTIVERSION(void, subtract,
             (uint32_t *restrict changed, const uint32_t *restrict scaled, uint32_t size),
             (changed, scaled, size))
{
    if (size > 1u << 31) {
        for (unsigned i = 0; i < BATCH_LANES; i++)
            changed[i] = subtract_mod(changed[i], scaled[i], size);
        return;
    }
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t plain = changed[i] - scaled[i], wrapped = plain + size;
        changed[i] = plain < wrapped ? plain : wrapped;
    }
}

/* One round on all lanes: permute_half. Short passes overlap better than one that does it all, as
 * the lanes do not depend on each other, but what happens to a lane does. */
static void permute_halves(enum cpu_level level, uint32_t *restrict changed,
                           const uint32_t *restrict other, uint32_t size, uint32_t key)
{
    alignas(64) uint32_t mixed[BATCH_LANES], scaled[BATCH_LANES];
    mix[level](mixed, other, key);
    multiply_high_batch(level, scaled, mixed, size);
    subtract[level](changed, scaled, size);
}

MULTIVERSION(uint32_t, any_outside,
             (const struct permutation *restrict p, const uint32_t *restrict left,
              const uint32_t *restrict right),
             (p, left, right))
{
    const uint32_t last_left = p->left_size - 1, last_right = p->last_right;
    uint32_t outside = 0;
    for (unsigned i = 0; i < BATCH_LANES; i++)
        outside |= (left[i] == last_left) & (right[i] >= last_right);
    return outside;
}

static void walk(const struct permutation *p, uint32_t *left, uint32_t *right)
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        walk_inside(p, &left[i], &right[i]);
}

/* Right halves over minors, rounded down and then short by at most one: the reciprocal is short by
 * less than 2^-32 of it. */
static void divide_rights(const struct permutation *p, uint32_t *restrict low,
                          const uint32_t *restrict right)
{
    multiply_high_batch(p->level, low, right, p->reciprocal);
}

/* Halves to pairs, in place, given divide_rights. */
MULTIVERSION(void, decode,
             (const struct permutation *p, const uint32_t *restrict low, uint32_t *restrict left,
              uint32_t *restrict right),
             (p, low, left, right))
{
    const uint32_t minors = p->minors, row = p->row;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t minor = right[i] - low[i] * minors;
        uint32_t short_by_one = minor >= minors;
        right[i] = short_by_one ? minor - minors : minor;
        left[i] = left[i] * row + low[i] + short_by_one;
    }
}

/* The same for majors of more than 32 bits. */
MULTIVERSION(void, decode_wide,
             (const struct permutation *p, const uint32_t *restrict low,
              const uint32_t *restrict left, uint64_t *restrict major, uint32_t *restrict right),
             (p, low, left, major, right))
{
    const uint32_t minors = p->minors, row = p->row;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t minor = right[i] - low[i] * minors;
        uint32_t short_by_one = minor >= minors;
        right[i] = short_by_one ? minor - minors : minor;
        major[i] = (uint64_t)left[i] * row + low[i] + short_by_one;
    }
}

/* The halves of the pairs at first, first + stride, ... */
static void permute_batch(const struct permutation *p, uint64_t first, uint64_t stride,
                          unsigned count, uint32_t *restrict left, uint32_t *restrict right)
{
    fill[p->level](p, first, stride, count, left, right);
    for (unsigned round = 0; round < PERMUTATION_ROUNDS; round += 2) {
        permute_halves(p->level, left, right, p->left_size, p->keys[round]);
        permute_halves(p->level, right, left, p->right_size, p->keys[round + 1]);
    }
    if (any_outside[p->level](p, left, right))
        walk(p, left, right);
}

void permutation_batch(const struct permutation *p, uint64_t first, uint64_t stride, unsigned count,
                       uint32_t major[BATCH_LANES], uint32_t minor[BATCH_LANES])
{
    alignas(64) uint32_t low[BATCH_LANES];
    permute_batch(p, first, stride, count, major, minor);
    divide_rights(p, low, minor);
    decode[p->level](p, low, major, minor);
}

void permutation_batch_wide(const struct permutation *p, uint64_t first, uint64_t stride,
                            unsigned count, uint64_t major[BATCH_LANES],
                            uint32_t minor[BATCH_LANES])
{
    alignas(64) uint32_t left[BATCH_LANES], low[BATCH_LANES];
    permute_batch(p, first, stride, count, left, minor);
    divide_rights(p, low, minor);
    decode_wide[p->level](p, low, left, major, minor);
}
