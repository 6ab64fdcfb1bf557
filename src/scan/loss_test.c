/* The estimate of loss: against exact cases, and against simulated losses that are known. */
#include "scan/loss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct loss_sample sample(unsigned tries, uint64_t pairs, uint64_t answers)
{
    return (struct loss_sample){.tries = tries, .whole = true, .pairs = pairs, .answers = answers};
}

static void without_knowledge_it_says_why(void **state)
{
    (void)state;
    struct loss_sample samples[] = {
        sample(1, 1000, 1000), sample(2, 1000, 2001), sample(2, LOSS_PAIRS_LEAST - 1, 40),
        sample(2, 1000, 1900), sample(2, 1000, 1900),
    };
    samples[3].whole = false;
    samples[4].forgotten = true;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        assert_non_null(loss_estimate(&samples[i]).unknown);
}

/* With two tries q = 2 - 2/m has a closed form. */
static void two_tries_have_a_closed_form(void **state)
{
    (void)state;
    for (uint64_t answers = 1000; answers <= 2000; answers += 50) {
        struct loss_sample two = sample(2, 1000, answers);
        struct loss loss = loss_estimate(&two);
        assert_null(loss.unknown);
        double lost = 1 - (2 - 2 / ((double)answers / 1000));
        assert_true(fabs(loss.probes.estimate - lost) < 1e-9);
        assert_true(fabs(loss.pairs.estimate - lost * lost) < 1e-9);
        assert_true(loss.probes.least <= lost + 1e-9 && loss.probes.most >= lost - 1e-9);
    }
}

static void nothing_lost_still_has_an_interval(void **state)
{
    (void)state;
    struct loss_sample few = sample(3, 100, 300), many = sample(3, 10000, 30000);
    struct loss a = loss_estimate(&few), b = loss_estimate(&many);
    assert_true(a.probes.estimate < 1e-9 && b.probes.estimate < 1e-9);
    assert_true(a.probes.most > b.probes.most && b.probes.most > 0);
    assert_true(a.probes.most < 0.05);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Pairs of which each try comes back unless it is lost. */
static struct loss_sample simulate(double lost, unsigned tries, unsigned pairs, uint64_t *seed)
{
    struct loss_sample result = sample(tries, 0, 0);
    for (unsigned i = 0; i < pairs; i++) {
        unsigned answers = 0;
        for (unsigned t = 0; t < tries; t++)
            answers += (double)next_random(seed) / 2147483648.0 >= lost;
        result.pairs += answers > 0;
        result.answers += answers;
    }
    return result;
}

/* The interval holds the truth about as often as it promises: in 95 of 100 runs; that it would in
 * fewer than 87 has a chance below one in a thousand, and the seed is fixed. */
static void the_interval_holds_the_truth(void **state)
{
    (void)state;
    static const double shares[] = {0.001, 0.02, 0.1, 0.3, 0.6};
    uint64_t seed = 1;
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++)
        for (unsigned tries = 2; tries <= 5; tries++) {
            unsigned held = 0;
            for (unsigned run = 0; run < 100; run++) {
                struct loss_sample drawn = simulate(shares[s], tries, 500, &seed);
                struct loss loss = loss_estimate(&drawn);
                assert_null(loss.unknown);
                held += loss.probes.least <= shares[s] && shares[s] <= loss.probes.most;
            }
            if (held < 87)
                fail_msg("%u of 100 intervals hold %g at %u tries", held, shares[s], tries);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_knowledge_it_says_why),
        cmocka_unit_test(two_tries_have_a_closed_form),
        cmocka_unit_test(nothing_lost_still_has_an_interval),
        cmocka_unit_test(the_interval_holds_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
