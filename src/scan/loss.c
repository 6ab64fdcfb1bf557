/* The share of probes that got lost; see loss.h for the theory. */
#include "scan/loss.h"

#include <math.h>
#include <stddef.h>

static const double Z = 1.959964; /* the normal distribution's quantile of 95 %, both sides */
enum { HALVINGS = 60 };

static const char *why_unknown(const struct loss_sample *sample)
{
    if (sample->tries < 2)
        return "without --retries a lost probe looks like a host that does not answer";
    if (!sample->whole)
        return "not all tries of every pair were made, and waited for, in this run";
    if (sample->forgotten)
        return "results were forgotten, so that answers cannot be told from pairs";
    if (sample->pairs < LOSS_PAIRS_LEAST)
        return "too few closed ports answered";
    if (sample->answers > sample->pairs * sample->tries)
        return "more answers came than were asked for: somebody repeats them";
    return NULL;
}

/* How many answers come from a pair that has any. */
static double mean_answers(double arriving, unsigned tries)
{
    return tries * arriving / (1 - pow(1 - arriving, tries));
}

/* The share of probes that were lost where further tries had this share of answers. */
static double lost_probes(double further, unsigned tries)
{
    double low = 0, high = 1, mean = 1 + further * (tries - 1);
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (mean_answers(middle, tries) < mean)
            low = middle;
        else
            high = middle;
    }
    return 1 - high;
}

static struct loss_share share_of_pairs(const struct loss_share *probes, unsigned tries)
{
    return (struct loss_share){.estimate = pow(probes->estimate, tries),
                               .least = pow(probes->least, tries),
                               .most = pow(probes->most, tries)};
}

/* Wilson's interval of a share that was `share` of `count`. */
static void interval(double share, double count, double *least, double *most)
{
    double square = Z * Z, middle = (share + square / (2 * count)) / (1 + square / count);
    double half =
        Z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count));
    *least = fmax(0, middle - half);
    *most = fmin(1, middle + half);
}

struct loss loss_estimate(const struct loss_sample *sample)
{
    struct loss loss = {.unknown = why_unknown(sample)};
    if (loss.unknown != NULL)
        return loss;
    double least, most, count = (double)sample->pairs * (sample->tries - 1);
    double further = (double)(sample->answers - sample->pairs) / count;
    interval(further, count, &least, &most);
    loss.probes = (struct loss_share){.estimate = lost_probes(further, sample->tries),
                                      .least = lost_probes(most, sample->tries),
                                      .most = lost_probes(least, sample->tries)};
    loss.pairs = share_of_pairs(&loss.probes, sample->tries);
    return loss;
}
