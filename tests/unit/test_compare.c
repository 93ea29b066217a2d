/* Protects: the seconds per step of a film made from the model's own curve come back whatever its wait; a film that behaves otherwise is
 * told apart and one that does not is not; what cannot be compared is refused. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/compare.h>
#include <lctem/file.h>
#include <lctem/random.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(compare, .init = folder_make, .fini = folder_remove);

static void write_table(const char *name, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert(eq(int, lct_file_write(path, text, strlen(text), NULL), LCT_OK));
}

/* The core waits, then grows to twice its size along a straight line, `long_s` long. */
static double core_at(double t, double wait, double length)
{
    return 1 + fmin(1, fmax(0, (t - wait) / length));
}

/* 200 frames of 0.5 s; noise of 1 %. */
static void write_film(double wait_s, double length_s, uint32_t seed)
{
    enum { FRAMES = 200 };
    char *text = malloc(FRAMES * 120 + 400);
    struct lct_random r = lct_random_start(seed, 1, 0);
    size_t used = (size_t)sprintf(
        text, "frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,core_area_px,shell_area_px\n");
    for (int i = 0; i < FRAMES; i++) {
        const double core = 30 * core_at(i * 0.5, wait_s, length_s) + 0.3 * lct_random_normal(&r);
        used += (size_t)sprintf(text + used, "%d,%g,1,20,0.3,10,2000,1000\n%d,%g,2,%g,0.3,20,%g,2000\n", i, i * 0.5, i,
            i * 0.5, core, 100 * core);
    }
    write_table("areas.csv", text);
    free(text);
}

/* Twelve replicas: waits of 1e4 to 4e4 steps, growth over 1e5 steps give or take 5 %. */
static void write_model(void)
{
    enum { REPLICAS = 12, ROWS = 200 };
    char *text = malloc(REPLICAS * ROWS * 60 + 200);
    size_t used = (size_t)sprintf(
        text, "replica,step,core_sites,shell_sites,core_area_sites,shell_area_sites,exposed_core_sites\n");
    for (int k = 0; k < REPLICAS; k++)
        for (int i = 0; i < ROWS; i++) {
            const double core = core_at(i * 1000.0, 1e4 + 3e3 * k, 1e5 * (1 + 0.1 * (k - 5.5) / 11));
            used += (size_t)sprintf(
                text + used, "%d,%d,%ld,100,%ld,60,%d\n", k, i * 1000, lrint(400 * core), lrint(100 * core), i % 3);
        }
    write_table("growth.csv", text);
    free(text);
}

static enum lct_status compare_with(
    struct lct_comparison *out, const struct lct_trace_features *passages, size_t n_passages)
{
    struct lct_trace film, *model = NULL;
    struct lct_trace_features f, m[64];
    size_t n = 0;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_trace_film(&film, folder, 0, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_traces_model(&model, &n, folder, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, n, 12));
    enum lct_status s = lct_compare_levels(out->level, &film, 1, model, n, &err);
    if (s == LCT_OK) {
        cr_assert(eq(int, lct_trace_measure(&f, &film, out->level, NULL), LCT_OK));
        for (size_t i = 0; i < n; i++)
            cr_assert(eq(int, lct_trace_measure(&m[i], &model[i], out->level, NULL), LCT_OK));
        for (size_t i = 0; i < n_passages; i++)
            m[n + i] = passages[i];
        s = lct_compare_run(out, &f, 1, m, n + n_passages, &err);
    }
    for (size_t i = 0; i < n; i++)
        lct_trace_finish(&model[i]);
    free(model);
    lct_trace_finish(&film);
    return s;
}

static enum lct_status compare(struct lct_comparison *out)
{
    return compare_with(out, NULL, 0);
}

/* A film is one draw, as a replica is: one that grows as slowly as the slowest replica of twelve (5 %) is still held by the interval. */
Test(compare, the_interval_knows_that_films_differ_as_replicas_do)
{
    struct lct_comparison c = { 0 };
    write_model();
    for (int side = -1; side <= 1; side += 2) {
        write_film(12, 40 * (1 + 0.05 * side), 9);
        cr_assert(eq(int, compare(&c), LCT_OK));
        const struct lct_compare_interval s = c.seconds_per_step;
        cr_assert(s.low_95 < 4e-4 && s.high_95 > 4e-4, "%g (%g .. %g)", s.value, s.low_95, s.high_95);
    }
}

/* 40 s for 1e5 steps: 4e-4 s a step; the noise of 1 % of 30 nm2 on a line over 80 frames leaves 1 %, the replicas' median 1 %. */
Test(compare, seconds_per_step_come_back)
{
    struct lct_comparison c = { 0 };
    write_model();
    for (int k = 0; k < 3; k++) {
        write_film(8 + 4 * k, 40, (uint32_t)k);
        cr_assert(eq(int, compare(&c), LCT_OK));
        const struct lct_compare_interval s = c.seconds_per_step;
        cr_assert(lt(dbl, fabs(s.value - 4e-4), 4e-5 * 0.4), "%g", s.value);
        cr_assert(s.low_95 < 4e-4 && s.high_95 > 4e-4, "%g .. %g", s.low_95, s.high_95);
        cr_assert(gt(dbl, c.tests[0].p, 0.1), "wait %d: p %g", 8 + 4 * k, c.tests[0].p);
    }
}

/* No growth at 75 s is longer than any replica's wait of at most 17 s: the least p that thirteen can give is 1/13 and a little. */
Test(compare, a_wait_beyond_all_replicas_is_told_apart)
{
    struct lct_comparison c = { 0 };
    write_model();
    write_film(55, 40, 1);
    cr_assert(eq(int, compare(&c), LCT_OK));
    cr_assert(lt(dbl, c.tests[0].p, 0.11), "p %g", c.tests[0].p);
    cr_assert(lt(dbl, c.tests[0].statistic, 0)); /* fewer events than expected: it waits longer */
}

/* Forty more waits, of 1e4 to 4e4 steps: the film's 55 s, 137 500 steps, is beyond all of them, and p can now fall to 1/53. The growth's scale
 * does not change, since passages have no curves. A doubling later than all others says so too; a censored one is no event. */
Test(compare, waits_of_an_ensemble_count)
{
    enum { N = 40 };
    char text[N * 40 + 200];
    size_t used = (size_t)sprintf(text, "replica,shell,doubling_steps,censored,onset_steps\n0,no,700,no,20\n"), n = 0;
    for (int i = 0; i < N; i++)
        used +=
            (size_t)sprintf(text + used, "%d,yes,%d,%s,%d\n", i, 100000 + 1000 * i, i ? "no" : "yes", 10000 + 750 * i);
    write_table("doubling.csv", text);
    write_model();
    write_film(55, 40, 1);
    struct lct_comparison alone = { 0 }, c = { 0 };
    struct lct_trace_features *f = NULL;
    cr_assert(eq(int, lct_passages_model(&f, &n, folder, NULL), LCT_OK));
    cr_assert(eq(sz, n, N)); /* bare ones do not count */
    cr_assert(isnan(f[0].doubled) && f[1].doubled == 101000 && f[1].onset == 10750);
    cr_assert(eq(int, compare(&alone), LCT_OK));
    cr_assert(eq(int, compare_with(&c, f, n), LCT_OK));
    cr_assert(eq(dbl, c.seconds_per_step.value, alone.seconds_per_step.value));
    cr_assert(eq(sz, c.tests[0].n_model, N + 12));
    cr_assert(lt(dbl, c.tests[0].p, 0.05), "p %g", c.tests[0].p);
    cr_assert(lt(dbl, c.tests[0].p, alone.tests[0].p));
    cr_assert(lt(dbl, c.tests[1].statistic, 0)); /* it doubles later than expected */
    free(f);
    write_table("doubling.csv", "replica,shell,doubling_steps,censored,onset_steps\n0,no,700,no,20\n");
    cr_assert(eq(int, lct_passages_model(&f, &n, folder, NULL), LCT_E_NODATA));
}

Test(compare, refuses_what_does_not_grow_and_what_is_not_there)
{
    struct lct_comparison c = { 0 };
    struct lct_trace t;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_trace_film(&t, folder, 0, &err), LCT_E_INPUT));
    write_model();
    write_film(200, 40, 1);
    cr_assert(eq(int, compare(&c), LCT_E_NODATA));
    cr_assert(eq(int, lct_trace_film(&t, folder, 7, &err), LCT_E_NODATA));
    write_table("growth.csv", "replica,step\n0,0\n");
    struct lct_trace *m = NULL;
    size_t n = 0;
    cr_assert(eq(int, lct_traces_model(&m, &n, folder, &err), LCT_E_INPUT));
    cr_assert(m == NULL);
}
