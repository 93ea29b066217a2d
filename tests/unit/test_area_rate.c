/* Protects: a rate is the mean rate of the true curve over the same frames, straight or not, and its sigma is that of the errors of the
 * values: what is new in each frame, what fades, and what lasts. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/area_rate.h>
#include <lctem/random.h>
#include <math.h>
#include <stdlib.h>

enum { N = 120 };
static const double STEP_S = 0.4;

Test(rate_error, quick_errors_are_those_of_any_line)
{
    double x[10], y[10], sxx = 0.0;
    const struct lct_curve_error error = { .quick_sd = 0.3 };
    struct lct_rate r;
    for (int i = 0; i < 10; i++) {
        x[i] = 0.5 * i;
        y[i] = 7.0 - 2.0 * x[i];
        sxx += (x[i] - 2.25) * (x[i] - 2.25);
    }
    cr_assert(eq(int, lct_rate_mean(x, y, 10, &error, &r, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, r.rate, -2.0, 1e-12));
    cr_assert(epsilon_eq(dbl, r.rate_sd, 0.3 / sqrt(sxx), 1e-12));
    cr_assert(epsilon_eq(dbl, r.bend, 0.0, 1e-12));
    cr_assert(epsilon_eq(dbl, r.bend_sd, 0.3 * sqrt(2.0 / 2.5), 1e-12)); /* halves of five points: sxx = 10 x 0.5^2 */
    cr_assert(eq(dbl, r.x_last, 4.5));
    y[9] = (double)NAN; /* does not count */
    cr_assert(eq(int, lct_rate_mean(x, y, 10, &error, &r, NULL), LCT_OK));
    cr_assert(eq(sz, r.n, 9));
    cr_assert(eq(dbl, r.x_last, 4.0));
    cr_assert(epsilon_eq(dbl, r.rate_sd, 0.3 / sqrt(15.0), 1e-12));
    cr_assert(eq(int, lct_rate_mean(x, y, 2, &error, &r, NULL), LCT_E_NODATA));
}

Test(rate_error, what_lasts_cancels_but_for_its_growth)
{
    double x[20], y[20], even[20], growing[20];
    struct lct_rate r;
    for (int i = 0; i < 20; i++) {
        x[i] = i;
        y[i] = 3.0 * i;
        even[i] = 2.0;
        growing[i] = 2.0 + 0.05 * i;
    }
    const struct lct_slow_error lasts[] = { { even, 1.0, (double)INFINITY }, { growing, 0.25, (double)INFINITY } };
    const struct lct_curve_error one = { 0.0, lasts, 1 }, both = { 0.0, lasts, 2 };
    cr_assert(eq(int, lct_rate_mean(x, y, 20, &one, &r, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, r.rate_sd, 0.0, 1e-7));
    cr_assert(eq(int, lct_rate_mean(x, y, 20, &both, &r, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, r.rate_sd, 0.5 * 0.05, 1e-7));
}

Test(rate_error, what_fades_is_summed_over_all_pairs)
{
    enum { POINTS = 40 };
    double x[POINTS], weight[POINTS], sd[POINTS], sum = 0.0;
    for (int i = 0; i < POINTS; i++) {
        x[i] = i + 0.3 * sin(7.0 * i); /* rises, unevenly */
        weight[i] = i == 5 ? 0.0 : cos(2.0 * i);
        sd[i] = i == 9 ? (double)NAN : 1.0 + 0.1 * i;
    }
    const struct lct_slow_error slow = { sd, 0.7, 3.0 };
    const struct lct_curve_error error = { 0.0, &slow, 1 };
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < POINTS; k++)
            sum += i == 9 || k == 9 ? 0.0 : weight[i] * sd[i] * weight[k] * sd[k] * exp(-fabs(x[i] - x[k]) / 3.0);
    cr_assert(epsilon_eq(dbl, lct_rate_error_of(x, weight, POINTS, &error), sqrt(0.7 * sum), 1e-9));
    const double ends[] = { -1.0, 1.0 }, at[] = { 0.0, 1.5 }, two[] = { 2.0, 2.0 };
    const struct lct_slow_error pair = { two, 1.0, 3.0 };
    const struct lct_curve_error difference = { 0.0, &pair, 1 };
    cr_assert(epsilon_eq(dbl, lct_rate_error_of(at, ends, 2, &difference), sqrt(2.0 * 4.0 * (1.0 - exp(-0.5))), 1e-12));
}

Test(rate_error, a_bend_is_told_and_is_no_error)
{
    double x[N], y[N];
    struct lct_rate straight, bent;
    const struct lct_curve_error error = { .quick_sd = 0.01 };
    for (int i = 0; i < N; i++) {
        x[i] = (i + 0.5) / N;
        y[i] = x[i];
    }
    cr_assert(eq(int, lct_rate_mean(x, y, N, &error, &straight, NULL), LCT_OK));
    for (int i = 0; i < N; i++)
        y[i] = x[i] * x[i];
    cr_assert(eq(int, lct_rate_mean(x, y, N, &error, &bent, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, bent.rate, 1.0, 1e-12)); /* mean of 2 x over 0 .. 1, weighted evenly about the middle */
    cr_assert(epsilon_eq(dbl, bent.bend, 1.0, 1e-12)); /* from 0.5 to 1.5 */
    cr_assert(epsilon_eq(dbl, bent.rate_sd, straight.rate_sd, 1e-12));
    cr_assert(bent.lag1 > 0.9);
}

/* One particle whose core shrinks ever faster, with all that areas.csv knows of its errors. */
struct film {
    double time_s[N], truth[N], core[N], zero[N], sd[N], total_sd[N], common[N], shared[N];
    unsigned char presence[N];
    struct lct_curve_particle particle;
    struct lct_curves curves;
};

static const double QUICK_SD = 0.3, LIGHT_SD = 0.5, EDGE_NM = 0.02;

static void make_film(struct film *f)
{
    *f = (struct film){ .particle = { .id = 1, .first = 0, .last = N - 1 } };
    for (int i = 0; i < N; i++) {
        f->time_s[i] = STEP_S * i;
        f->truth[i] = 220.0 - 0.06 * f->time_s[i] * f->time_s[i];
        f->common[i] = EDGE_NM * 2.0 * sqrt(M_PI * f->truth[i]);
        f->sd[i] = sqrt(QUICK_SD * QUICK_SD + LIGHT_SD * LIGHT_SD + f->common[i] * f->common[i]);
        f->presence[i] = LCT_PRESENCE_MEASURED;
    }
    f->curves = (struct lct_curves){ .n_times = N,
        .n_particles = 1,
        .times_s = f->time_s,
        .particles = &f->particle,
        .core_nm2 = f->core,
        .core_sd_nm2 = f->sd,
        .core_common_sd_nm2 = f->common,
        .core_shared_sd_nm2 = f->shared,
        .shell_nm2 = f->zero,
        .total_nm2 = f->core,
        .total_sd_nm2 = f->sd,
        .total_common_sd_nm2 = f->common,
        .total_shared_sd_nm2 = f->shared,
        .presence = f->presence,
        .core_light_ratio = (double)NAN,
        .total_light_ratio = (double)NAN,
        .has_sd = true,
        .has_common = true };
}

static enum lct_status core_rate(const struct film *f, double start_s, double end_s, struct lct_rate *out)
{
    return lct_area_rate(&f->curves, &(struct lct_area_stretch){ 0, LCT_QUANTITY_CORE, start_s, end_s }, out, NULL);
}

/* A number that forgets: alike over a distance d as exp(-d). */
static void wander(double *last, double d, struct lct_random *s)
{
    const double keep = exp(-d);
    *last = keep * *last + sqrt(1.0 - keep * keep) * lct_random_normal(s);
}

static void draw(struct film *f, struct lct_random *s)
{
    double light = lct_random_normal(s), fringe = lct_random_normal(s), lasting = lct_random_normal(s);
    for (int i = 0; i < N; i++) {
        const double moved_nm = i ? (sqrt(f->truth[i - 1]) - sqrt(f->truth[i])) / sqrt(M_PI) : 0.0;
        wander(&light, STEP_S / (STEP_S * (N - 1) / 16.0), s);
        wander(&fringe, moved_nm / 0.1, s);
        wander(&lasting, moved_nm / 10.0, s);
        f->core[i] = f->truth[i] + QUICK_SD * lct_random_normal(s) + LIGHT_SD * light
            + f->common[i] * (sqrt(0.2) * fringe + sqrt(0.8) * lasting);
    }
}

Test(area_rate, sigmas_cover_the_mean_rate_of_a_curve)
{
    enum { TRIES = 400, STRETCHES = 3 };
    static struct film f;
    const double from_s[STRETCHES] = { 0.0, 20.0, 0.0 }, to_s[STRETCHES] = { 20.0, 40.0, 1e9 };
    struct lct_random s = lct_random_start(7, 0, 0);
    double squares[STRETCHES] = { 0 };
    int covered[STRETCHES] = { 0 };
    struct lct_rate truth[STRETCHES], r;
    make_film(&f);
    for (int k = 0; k < STRETCHES; k++) {
        for (int i = 0; i < N; i++)
            f.core[i] = f.truth[i];
        cr_assert(eq(int, core_rate(&f, from_s[k], to_s[k], &truth[k]), LCT_OK));
    }
    cr_assert(epsilon_eq(dbl, truth[1].rate, -0.06 * 60.0, 1e-9)); /* the slope in the middle of the stretch */
    for (int i = 0; i < TRIES; i++) {
        draw(&f, &s);
        for (int k = 0; k < STRETCHES; k++) {
            cr_assert(eq(int, core_rate(&f, from_s[k], to_s[k], &r), LCT_OK));
            const double z = (r.rate - truth[k].rate) / r.rate_sd;
            squares[k] += z * z;
            covered[k] += fabs(z) <= 2.0;
        }
    }
    for (int k = 0; k < STRETCHES; k++) {
        const double rms = sqrt(squares[k] / TRIES), share = (double)covered[k] / TRIES;
        /* the edge is taken to move evenly, which over the whole film it does not */
        cr_assert(rms > 0.85 && rms < 1.2 && share > 0.9 && share < 0.985, "stretch %d: z %.2f rms, %.3f covered", k,
            rms, share);
    }
}

Test(area_rate, a_stretch_counts_its_ends_and_no_more_than_the_life)
{
    static struct film f;
    struct lct_rate r, whole;
    make_film(&f);
    for (int i = 0; i < N; i++)
        f.core[i] = f.truth[i];
    cr_assert(eq(int, core_rate(&f, f.time_s[10], f.time_s[30], &r), LCT_OK));
    cr_assert(eq(sz, r.n, 21));
    cr_assert(eq(dbl, r.x_first, f.time_s[10]));
    cr_assert(eq(dbl, r.x_last, f.time_s[30]));
    cr_assert(epsilon_eq(dbl, r.rate, -0.06 * 2.0 * f.time_s[20], 1e-9)); /* of a parabola: its slope in the middle */
    f.particle.first = 20;
    f.particle.last = 99;
    cr_assert(eq(int, core_rate(&f, f.time_s[20], f.time_s[99], &r), LCT_OK));
    cr_assert(eq(int, core_rate(&f, -(double)INFINITY, (double)INFINITY, &whole), LCT_OK));
    cr_assert(eq(sz, whole.n, 80));
    cr_assert(eq(dbl, whole.rate, r.rate));
    cr_assert(eq(dbl, whole.rate_sd, r.rate_sd));
    cr_assert(eq(int, core_rate(&f, f.time_s[0], f.time_s[21], &r), LCT_E_NODATA));  /* two frames of its life */
    cr_assert(eq(sz, r.n, 80));                                                      /* untouched */
    cr_assert(eq(int, core_rate(&f, f.time_s[60], f.time_s[40], &r), LCT_E_NODATA)); /* ends before it starts */
}

Test(area_rate, what_a_particle_lost_is_told_against_its_start)
{
    static struct film f;
    struct lct_area_change change;
    make_film(&f);
    for (int i = 0; i < N; i++)
        f.core[i] = 100.0 - 100.0 * i / (N - 1.0);
    cr_assert(eq(int, lct_area_change(&f.curves, 0, LCT_QUANTITY_CORE, &change, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, change.mean_nm2, 50.0, 1e-9));
    cr_assert(epsilon_eq(dbl, change.start_nm2, 100.0 - 200.0 / (N - 1.0), 1e-9)); /* five frames */
    cr_assert(epsilon_eq(dbl, change.change_nm2, -100.0 + 400.0 / (N - 1.0), 1e-9));
    cr_assert(change.change_sd_nm2 > LIGHT_SD && change.change_sd_nm2 < 2.0, "%g", change.change_sd_nm2);
    f.particle.last = N - 10; /* it dissolves before the end */
    f.particle.max_total_nm2 = 100.0;
    f.particle.last_total_nm2 = 10.0;
    cr_assert(eq(int, lct_area_change(&f.curves, 0, LCT_QUANTITY_CORE, &change, NULL), LCT_OK));
    cr_assert(eq(dbl, change.end_nm2, 0.0));
    cr_assert(eq(dbl, change.change_nm2, -change.start_nm2));
    f.particle.is_parent = true; /* others have it */
    cr_assert(eq(int, lct_area_change(&f.curves, 0, LCT_QUANTITY_CORE, &change, NULL), LCT_OK));
    cr_assert(change.end_nm2 > 1.0);
    f.particle.last = 2; /* three frames have no ends */
    cr_assert(eq(int, lct_area_change(&f.curves, 0, LCT_QUANTITY_CORE, &change, NULL), LCT_E_NODATA));
    struct lct_rate r;
    cr_assert(eq(int, core_rate(&f, 0.0, 1e9, &r), LCT_OK));
    cr_assert(eq(sz, r.n, 3));
    cr_assert(eq(int, core_rate(&f, 5.0, 9.0, &r), LCT_E_NODATA));
}

Test(area_rate, without_sigmas_the_scatter_speaks)
{
    static struct film f;
    struct lct_random s = lct_random_start(3, 0, 0);
    struct lct_rate r;
    make_film(&f);
    f.curves.has_sd = f.curves.has_common = false;
    for (int i = 0; i < N; i++)
        f.sd[i] = f.common[i] = 0.0;
    for (int i = 0; i < N; i++)
        f.core[i] = 100.0 - f.time_s[i] + 0.5 * lct_random_normal(&s);
    cr_assert(eq(int, core_rate(&f, 0.0, 1e9, &r), LCT_OK));
    const double alone = 0.5 * sqrt(12.0 / N) / (STEP_S * N);
    cr_assert(r.rate_sd > 0.7 * alone && r.rate_sd < 5.0 * alone, "%g, %g of independent frames", r.rate_sd, alone);
    cr_assert(epsilon_eq(dbl, r.rate, -1.0, 4.0 * r.rate_sd));
}

Test(area_rate, heights_have_rates_too)
{
    double time_s[N], height[N], sd[N];
    struct lct_facet_series f = { .particle = 1, .n = N, .time_s = time_s, .height_nm = height, .height_sd_nm = sd };
    struct lct_rate still, moving;
    for (int i = 0; i < N; i++) {
        time_s[i] = STEP_S * i;
        height[i] = 7.0 + 1e-4 * (i % 2);
        sd[i] = i % 10 == 3 ? (double)NAN : 0.02;
    }
    cr_assert(eq(int, lct_height_rate(&f, 10, 60, 48.0, &still, NULL), LCT_OK));
    for (int i = 0; i < N; i++)
        height[i] = 7.0 - 0.1 * time_s[i];
    cr_assert(eq(int, lct_height_rate(&f, 10, 60, 48.0, &moving, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, moving.rate, -0.1, 1e-9));
    cr_assert(moving.rate_sd > 2.0 * still.rate_sd && moving.rate_sd < 0.01, "%g, %g", moving.rate_sd, still.rate_sd);
    cr_assert(eq(int, lct_height_rate(&f, 10, 12, 48.0, &moving, NULL), LCT_E_NODATA));
}
