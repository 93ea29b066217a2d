/* Protects: what is said of cracks can be counted by hand, tests call uniform numbers uniform, and an onset is where
 * the height bends. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/crack_stats.h>
#include <lctem/random.h>
#include <math.h>

/* Of 400 sets of uniform numbers, 5 % lie below 0.05: 20 +- 4.4; of squares hardly any lies above. */
Test(crack_stats, uniform_numbers_are_uniform_and_others_are_not)
{
    int low = 0, missed = 0;
    for (uint64_t k = 0; k < 400; k++) {
        struct lct_random r = lct_random_start(5, 1, k);
        double x[20], y[60], d;
        for (int i = 0; i < 20; i++)
            x[i] = lct_random_double(&r);
        for (int i = 0; i < 60; i++)
            y[i] = pow(lct_random_double(&r), 2.0);
        low += lct_uniform_p(x, 20, &d) < 0.05;
        missed += lct_uniform_p(y, 60, &d) > 0.05;
    }
    cr_assert(low >= 7 && low <= 34, "%d", low);
    cr_assert(missed < 20, "%d", missed);
    double one[] = { 0.5 }, d;
    cr_assert(gt(dbl, lct_uniform_p(one, 1, &d), 0.8));
    cr_assert(epsilon_eq(dbl, d, 0.5, 1e-12));
    cr_assert(isnan(lct_uniform_p(one, 0, &d)));
}

static struct lct_crack_record crack(int facet, double from, double to, double place)
{
    return (struct lct_crack_record){ .particle = 1,
        .facet = facet,
        .opened_s = from,
        .began_s = from,
        .began_sd_s = 0.1,
        .healed_s = to,
        .opened_known = true,
        .healed_known = true,
        .position_frac = place,
        .width_nm = 1.0 + place };
}

Test(crack_stats, lives_places_and_facets_are_counted)
{
    struct lct_crack_record cracks[] = { crack(0, 1, 3, 0.1), crack(0, 2, 6, -0.5), crack(0, 5, 8, 0.9),
        crack(1, 4, 10, 0.2) };
    cracks[3].healed_known = false;
    const struct lct_crack_risk risks[] = { { 1, 0, 100.0 }, { 1, 1, 100.0 }, { 2, 0, 200.0 } };
    const struct lct_crack_evidence e = { .cracks = cracks, .n_cracks = 4, .risks = risks, .n_risks = 3 };
    struct lct_crack_summary s;
    cr_assert(lct_cracks_summarise(&s, &e, 0, NULL) == LCT_OK);
    cr_assert(eq(long, s.n, 4L));
    cr_assert(eq(long, s.healed, 3L));
    cr_assert(epsilon_eq(dbl, s.lifetime_s, (2.0 + 4.0 + 3.0 + 6.0) / 3.0, 1e-12));
    cr_assert(epsilon_eq(dbl, s.median_life_s, 3.0, 1e-12)); /* 1/4 gone at 2 s, 1/2 at 3 s */
    cr_assert(eq(long, s.middle, 2L));
    cr_assert(eq(long, s.between, 1L));
    cr_assert(eq(long, s.corner, 1L));
    cr_assert(epsilon_eq(dbl, s.width_nm, 1.15, 1e-12));
    /* expected 1, 1, 2; seen 3, 1, 0 */
    cr_assert(epsilon_eq(dbl, s.chi2, 4.0 + 0.0 + 2.0, 1e-12));
    /* exactly: sets at least as uneven. 4 cracks on shares 1/4, 1/4, 1/2: (4,0,0) and (3,1,0), each way round: 10/256
     * (draws: +- 0.0014) */
    cr_assert(epsilon_eq(dbl, s.p_facets, 10.0 / 256.0, 0.005));
    cr_assert(lct_cracks_summarise(&s, &e, 2, NULL) == LCT_OK);
    cr_assert(eq(long, s.n, 0L));
    cr_assert(isnan(s.p_uniform) && isnan(s.p_facets) && isnan(s.lifetime_s));
}

enum { N = 250 };

static double times[N], heights[N], exposed[N];

/* Flat, then rising at 0.3 nm/s from `onset` on, with noise that remembers as that of a time mean does. */
static struct lct_facet_series growing(double onset, double speed, uint64_t seed)
{
    struct lct_random r = lct_random_start(9, 2, seed);
    double noise = 0.0;
    for (int i = 0; i < N; i++) {
        times[i] = 0.2 * i;
        noise = 0.6 * noise + 0.8 * 0.02 * lct_random_normal(&r);
        heights[i] = 7.0 + speed * fmax(0.0, times[i] - onset) + noise;
        exposed[i] = 0.0;
    }
    return (struct lct_facet_series){
        .particle = 1, .facet = 3, .n = N, .time_s = times, .height_nm = heights, .exposed_frac = exposed
    };
}

Test(crack_stats, an_onset_is_where_the_height_bends)
{
    int covered = 0;
    enum { TRIES = 60 };
    for (uint64_t k = 0; k < TRIES; k++) {
        const double onset = 15.0 + 0.37 * (double)(k % 40);
        const bool etches = k % 2;
        struct lct_facet_series s = growing(onset, etches ? -0.3 : 0.3, k);
        struct lct_onset o;
        cr_assert(lct_onset_find(&o, &s, etches, 0.26, NULL) == LCT_OK);
        cr_assert(lt(dbl, fabs(o.time_s - onset), 0.6), "%g: %g", onset, o.time_s);
        cr_assert(epsilon_eq(dbl, o.speed_nm_per_s, etches ? -0.3 : 0.3, 0.05)); /* the next bend may be near */
        covered += fabs(o.time_s - onset) <= 2.0 * o.time_sd_s;
        cr_assert(lct_onset_find(&o, &s, !etches, 0.26, NULL) == LCT_OK);
        cr_assert(isnan(o.time_s));
    }
    cr_assert(covered >= 50, "%d", covered); /* 95 % of 60 are 57 +- 1.7 */
}

Test(crack_stats, what_stays_has_no_onset)
{
    for (uint64_t k = 0; k < 100; k++) {
        struct lct_facet_series s = growing(0.0, 0.0, 1000 + k);
        struct lct_onset o;
        cr_assert(lct_onset_find(&o, &s, false, 0.26, NULL) == LCT_OK);
        cr_assert(isnan(o.time_s));
    }
}

Test(crack_stats, speeds_with_and_without_a_gap_and_the_delay)
{
    struct lct_facet_series s = growing(20.0, 0.3, 4);
    const struct lct_facet_table table = { .n = 1, .series = &s };
    const struct lct_crack_record cracks[] = { crack(3, 19.0, 49.9, 0.0), crack(3, 5.0, 6.0, 0.0),
        crack(2, 19.9, 30.0, 0.0) };
    struct lct_onset onset;
    cr_assert(lct_onset_find(&onset, &s, false, 0.26, NULL) == LCT_OK);
    lct_onsets_match(&onset, 1, cracks, 3);
    cr_assert(eq(dbl, onset.crack_s, 19.0));
    const struct lct_crack_evidence e = {
        .cracks = cracks, .n_cracks = 3, .onsets = &onset, .n_onsets = 1, .facets = &table, .movie_s = 50.0
    };
    struct lct_crack_summary sum;
    cr_assert(lct_cracks_summarise(&sum, &e, 1, NULL) == LCT_OK);
    cr_assert(epsilon_eq(dbl, sum.delay_s, 1.0, 0.4));
    cr_assert(epsilon_eq(dbl, sum.with_gap.nm_per_s, 0.29, 0.02)); /* a second of rest, 30 of growth */
    cr_assert(epsilon_eq(dbl, sum.without_gap.nm_per_s, 0.0, 0.01));
}

/* Times come in whole frames, so that delays may all be the same: that does not make them certain. */
Test(crack_stats, a_delay_is_no_surer_than_its_ends)
{
    struct lct_onset onsets[3] = { 0 };
    for (int i = 0; i < 3; i++)
        onsets[i] = (struct lct_onset){
            .particle = 1, .facet = i, .time_s = 5.0 + i, .time_sd_s = 0.3, .crack_s = 4.8 + i, .crack_sd_s = 0.4
        };
    const struct lct_crack_evidence e = { .onsets = onsets, .n_onsets = 3 };
    struct lct_crack_summary s;
    cr_assert(lct_cracks_summarise(&s, &e, 1, NULL) == LCT_OK);
    cr_assert(epsilon_eq(dbl, s.delay_s, 0.2, 1e-9));
    cr_assert(epsilon_eq(dbl, s.delay_sd_s, 0.5 / sqrt(3.0), 1e-9)); /* 3, 4, 5 */
    onsets[1].crack_s -= 30.0;                                       /* scatter that their errors do not explain */
    cr_assert(lct_cracks_summarise(&s, &e, 1, NULL) == LCT_OK);
    cr_assert(epsilon_eq(dbl, s.delay_s, 10.2, 1e-9));
    cr_assert(epsilon_eq(dbl, s.delay_sd_s, 10.0, 1e-9)); /* of 0.2, 30.2, 0.2: sd 17.3 over the root of 3 */
}

/* A crack that opens while the onset is still within the error of before it. */
Test(crack_stats, an_onset_belongs_to_the_last_crack_that_began_before_it)
{
    const struct lct_crack_record cracks[] = { crack(3, 4.0, 8.0, 0.0), crack(3, 10.1, 12.0, 0.0),
        crack(3, 10.9, 14.0, 0.0) };
    struct lct_onset o = { .particle = 1, .facet = 3, .time_s = 10.0, .time_sd_s = 0.1 };
    lct_onsets_match(&o, 1, cracks, 3);
    cr_assert(eq(dbl, o.crack_s, 10.1));
    cr_assert(eq(dbl, o.crack_sd_s, 0.1));
}
