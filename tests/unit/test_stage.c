/* Protects: change points are found where curves bend together, with sigmas that cover, and the paper's stages get their names. */
#include "../support/truth_areas.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/random.h>
#include <lctem/stage.h>
#include <math.h>

enum { N = 250 };
static const double STEP_S = 0.2;

static double ramp(double t, double from, double to)
{
    return t < from ? 0.0 : t < to ? t - from : to - from;
}

/* Two curves that bend at 15 and 32 s. */
static void bent(double *x, double *a, double *b, double noise, uint32_t stream)
{
    struct lct_random r = lct_random_start(9, stream, 0);
    for (int i = 0; i < N; i++) {
        x[i] = STEP_S * i;
        a[i] = 100.0 + 4.0 * ramp(x[i], 15.0, 1e9) - 7.0 * ramp(x[i], 32.0, 1e9) + noise * lct_random_normal(&r);
        b[i] = 200.0 - 2.0 * ramp(x[i], 0.0, 15.0) - 5.0 * ramp(x[i], 32.0, 1e9) + noise * lct_random_normal(&r);
    }
}

Test(change_point, bends_are_found_and_covered)
{
    static const double truth[2] = { 15.0, 32.0 };
    static const double noises[] = { 0.0, 0.5, 2.0 };
    enum { TRIES = 20 };
    for (size_t k = 0; k < 3; k++) {
        int covered = 0;
        for (uint32_t i = 0; i < TRIES; i++) {
            double x[N], a[N], b[N];
            bent(x, a, b, noises[k], i + 100 * (uint32_t)k);
            const double *const rows[] = { a, b }, sd[] = { noises[k], noises[k] };
            const struct lct_curve_bundle bundle = { N, 2, x, rows, sd };
            const struct lct_change_params params = lct_change_defaults();
            struct lct_change *found = NULL;
            size_t n = 0;
            cr_assert(eq(int, lct_change_find(&found, &n, &bundle, &params, NULL), LCT_OK));
            cr_assert(eq(sz, n, 2), "noise %g: %zu", noises[k], n);
            for (int c = 0; c < 2; c++) {
                const double tolerance_s =
                    noises[k] < 1.0 ? 0.5 : 2.0; /* four sigma of 4 sd / (bend sqrt n), n frames in the window */
                cr_assert(fabs(found[c].time_s - truth[c]) < tolerance_s, "noise %g: %g", noises[k], found[c].time_s);
                covered += fabs(found[c].time_s - truth[c]) < 2.0 * found[c].sd_s;
                cr_assert(found[c].sd_s < tolerance_s, "noise %g: %g +- %g (%d)", noises[k], found[c].time_s,
                    found[c].sd_s, found[c].n_curves);
            }
            free(found);
        }
        /* 95 % of 40 are 38; 34 are three sigma below */
        cr_assert(covered >= 34, "noise %g: %d of %d", noises[k], covered, 2 * TRIES);
    }
}

Test(change_point, noise_alone_does_not_change)
{
    int total = 0;
    for (uint32_t i = 0; i < 20; i++) {
        struct lct_random r = lct_random_start(4, i, 0);
        double x[N], a[N], b[N];
        for (int t = 0; t < N; t++) {
            x[t] = STEP_S * t;
            a[t] = 100.0 + 1.0 * x[t] + 2.0 * lct_random_normal(&r);
            b[t] = 50.0 + 2.0 * lct_random_normal(&r);
        }
        const double *const rows[] = { a, b }, sd[] = { 2.0, 2.0 };
        const struct lct_curve_bundle bundle = { N, 2, x, rows, sd };
        const struct lct_change_params params = lct_change_defaults();
        struct lct_change *found = NULL;
        size_t n = 0;
        cr_assert(eq(int, lct_change_find(&found, &n, &bundle, &params, NULL), LCT_OK));
        total += (int)n;
        free(found);
    }
    cr_assert(total <= 1, "%d", total);
}

Test(change_point, a_jump_is_a_change)
{
    double x[N], a[N];
    for (int t = 0; t < N; t++) {
        x[t] = STEP_S * t;
        a[t] = t < 137 ? 80.0 : 0.0;
    }
    const double *const rows[] = { a }, sd[] = { 0.5 };
    const struct lct_curve_bundle bundle = { N, 1, x, rows, sd };
    const struct lct_change_params params = lct_change_defaults();
    struct lct_change *found = NULL;
    size_t n = 0;
    cr_assert(eq(int, lct_change_find(&found, &n, &bundle, &params, NULL), LCT_OK));
    cr_assert(eq(sz, n, 1));
    cr_assert(epsilon_eq(dbl, found[0].time_s, STEP_S * 136.5, 1e-9));
    cr_assert(found[0].sd_s < 0.1);
    free(found);
}

Test(change_point, refuses_what_it_cannot_do)
{
    double x[N], a[N];
    for (int t = 0; t < N; t++)
        x[t] = a[t] = t;
    const double *const rows[] = { a }, sd[] = { 0.5 };
    const struct lct_curve_bundle few = { 9, 1, x, rows, sd }, none = { N, 0, x, rows, sd },
                                  good = { N, 1, x, rows, sd };
    struct lct_change_params params = lct_change_defaults();
    struct lct_change *found = NULL;
    size_t n = 7;
    cr_assert(eq(int, lct_change_find(&found, &n, &few, &params, NULL), LCT_E_NODATA));
    cr_assert(eq(int, lct_change_find(&found, &n, &none, &params, NULL), LCT_E_NODATA));
    params.max_changes = 0;
    cr_assert(eq(int, lct_change_find(&found, &n, &good, &params, NULL), LCT_E_ARG));
    cr_assert(found == NULL && n == 7);
}

static char path[] = "/tmp/lctem-stage-XXXXXX";

static void make_file(void)
{
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
}

static void remove_file(void)
{
    unlink(path);
}

TestSuite(stage, .init = make_file, .fini = remove_file);

/* The film of the paper, with its particles in either order. */
static void write_film(bool swapped, double noise)
{
    struct lct_random r = lct_random_start(21, swapped, 0);
    FILE *file = fopen(path, "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
    for (int k = 0; k < N; k++) {
        const double t = STEP_S * k;
        const double core[2] = { 160.0 + 8.0 * ramp(t, 25.0, 45.0),
            201.0 - 3.3 * ramp(t, 0.0, 16.0) - 9.88 * ramp(t, 25.0, 40.0) };
        const double shell[2] = { 130.0 + 3.0 * ramp(t, 16.0, 25.0) + 2.0 * ramp(t, 25.0, 47.0),
            120.0 - 1.0 * ramp(t, 0.0, 16.0) - 3.5 * ramp(t, 16.0, 25.0) - 4.83 * ramp(t, 25.0, 40.0) };
        for (int p = 0; p < 2; p++) {
            const int who = swapped ? 1 - p : p;
            if (core[who] > 2.0)
                fprintf(file, "%d,%.9g,%d,%.9g,%.9g\n", k, t, p + 1, core[who] + noise * lct_random_normal(&r),
                    fmax(0.0, shell[who] + noise * lct_random_normal(&r)));
        }
    }
    fclose(file);
}

static void check_film(double tolerance_s, int grower)
{
    static const double truth[] = { 0.0, 16.0, 25.0, 40.0 };
    struct lct_curves c = { 0 };
    struct lct_stages s = { 0 };
    struct lct_err err = { 0 };
    const struct lct_change_params params = lct_change_defaults();
    cr_assert(eq(int, lct_curves_read(&c, path, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_stages_find(&s, &c, &params, &err), LCT_OK), "%s", err.text);
    cr_assert(s.named);
    cr_assert(eq(sz, s.n, 4));
    cr_assert(eq(int, s.grower, grower));
    cr_assert(eq(int, s.loser, 3 - grower));
    for (int i = 0; i < 4; i++) {
        cr_assert(eq(int, s.stages[i].label, LCT_STAGE_I + i));
        cr_assert(fabs(s.stages[i].start_s - truth[i]) <= tolerance_s, "stage %d at %g", i + 1, s.stages[i].start_s);
        cr_assert(fabs(s.stages[i].start_s - truth[i]) <= 2.0 * s.stages[i].start_sd_s, "stage %d at %g +- %g", i + 1,
            s.stages[i].start_s, s.stages[i].start_sd_s);
        cr_assert(s.stages[i].description[0] != '\0');
        if (i)
            cr_assert(eq(dbl, s.stages[i].start_s, s.stages[i - 1].end_s));
    }
    cr_assert(eq(dbl, s.shell_onset_s, s.stages[1].start_s));
    lct_stages_finish(&s);
    lct_curves_finish(&c);
}

Test(stage, the_papers_film_gets_its_names)
{
    static const double noises[] = { 0.0, 0.3, 1.0 };
    for (size_t i = 0; i < 3; i++)
        for (int swapped = 0; swapped < 2; swapped++) {
            write_film(swapped, noises[i]);
            check_film(0.6, swapped ? 2 : 1);
        }
}

/* Core 2 is lost from sight at 4 nm2, after which it goes on by whatever power law it followed: its end is held by its sigma, and that is
 * no wider than the time out of sight. Core 1 takes what core 2 loses. */
Test(stage, the_end_of_a_core_is_found_beyond_its_last_frame)
{
    static const double powers[] = { 1.0, 1.5, 2.0 };
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        struct lct_random r = lct_random_start(7, i, 0);
        struct lct_curves c = { 0 };
        struct lct_stages s = { 0 };
        struct lct_err err = { 0 };
        const struct lct_change_params params = lct_change_defaults();
        double last_s = 0.0;
        FILE *file = fopen(path, "w");
        fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
        for (int k = 0; k < N; k++) {
            const double t = STEP_S * k, left = fmax(0.0, (40.0 - t) / 40.0);
            const double core = 150.0 * pow(left, powers[i]), noise = 0.2 * lct_random_normal(&r);
            fprintf(file, "%d,%.9g,1,%.9g,100\n", k, t, 310.0 - core + noise);
            if (core > 4.0)
                fprintf(file, "%d,%.9g,2,%.9g,%.9g\n", k, last_s = t, core - noise, 90.0 * left);
        }
        fclose(file);
        cr_assert(eq(int, lct_curves_read(&c, path, NULL, &err), LCT_OK), "%s", err.text);
        cr_assert(eq(int, lct_stages_find(&s, &c, &params, NULL), LCT_OK));
        const struct lct_stage *end = &s.stages[s.n - 1];
        cr_assert(s.named && end->label == LCT_STAGE_IV);
        cr_assert(fabs(end->start_s - 40.0) <= 2.0 * end->start_sd_s, "power %g: %g +- %g", powers[i], end->start_s,
            end->start_sd_s);
        cr_assert(end->start_sd_s < fmax(0.2, 40.0 - last_s), "power %g: +- %g", powers[i], end->start_sd_s);
        lct_stages_finish(&s);
        lct_curves_finish(&c);
    }
}

Test(stage, other_films_get_plain_stretches_with_their_slopes)
{
    struct lct_curves c = { 0 };
    struct lct_stages s = { 0 };
    const struct lct_change_params params = lct_change_defaults();
    FILE *file = fopen(path, "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
    for (int k = 0; k < N; k++) /* one particle: waits, etches, etches faster; its shell grows from 20 s on */
        fprintf(file, "%d,%.9g,1,%.9g,%.9g\n", k, STEP_S * k,
            120.0 - 1.0 * ramp(STEP_S * k, 20.0, 1e9) - 3.0 * ramp(STEP_S * k, 35.0, 1e9),
            50.0 + 0.5 * ramp(STEP_S * k, 20.0, 1e9));
    fclose(file);
    cr_assert(eq(int, lct_curves_read(&c, path, NULL, NULL), LCT_OK));
    cr_assert(eq(int, lct_stages_find(&s, &c, &params, NULL), LCT_OK));
    cr_assert(s.n == 3 && !s.named);
    cr_assert(epsilon_eq(dbl, s.stages[1].start_s, 20.0, 0.3));
    cr_assert(epsilon_eq(dbl, s.stages[2].start_s, 35.0, 0.3));
    cr_assert(eq(int, s.stages[1].label, LCT_STAGE_PLAIN));
    cr_assert(eq(str, s.stages[0].description, "nothing changes"));
    cr_assert(strstr(s.stages[1].description, "core 1 shrinks (-1.00 ")
            && strstr(s.stages[1].description, "shell 1 grows (0.50 "),
        "%s", s.stages[1].description);
    cr_assert(epsilon_eq(dbl, s.shell_onset_s, 20.0, 0.3));
    lct_stages_finish(&s);
    lct_curves_finish(&c);
}

/* Whether the words for one stretch come out as told: 0 nothing, 1 perhaps, 2 sure. */
static int how_sure(double slope)
{
    struct lct_curves c = { 0 };
    struct lct_stages s = { 0 };
    const struct lct_change_params params = lct_change_defaults();
    FILE *file = fopen(path, "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
    for (int k = 0; k < N; k++)
        fprintf(file, "%d,%.9g,1,%.9g,50\n", k, STEP_S * k,
            120.0 - slope * STEP_S * k
                + 8.0 * sin(2.4 * k) * cos(0.9 * k * k)); /* so much that what counts is its sigmas */
    fclose(file);
    cr_assert(eq(int, lct_curves_read(&c, path, NULL, NULL), LCT_OK));
    cr_assert(eq(int, lct_stages_find(&s, &c, &params, NULL), LCT_OK));
    cr_assert(eq(sz, s.n, 1));
    const char *said = s.stages[0].description;
    const int sure = strcmp(said, "nothing changes") == 0     ? 0
        : strncmp(said, "perhaps core 1 shrinks (-", 25) == 0 ? 1
        : strncmp(said, "core 1 shrinks (-", 17) == 0         ? 2
                                                              : -1;
    cr_assert(sure >= 0, "%s", said);
    lct_stages_finish(&s);
    lct_curves_finish(&c);
    return sure;
}

/* Between 3 and 4 sigma it would be wrong to say that nothing changes, and too much to say that it does. */
Test(stage, what_is_likely_is_no_standstill)
{
    int count[3] = { 0 }, last = 0;
    for (double slope = 0.0; last < 2; slope += 0.001) {
        const int sure = how_sure(slope);
        cr_assert(sure >= last && slope < 1.0, "%g: %d after %d", slope, sure, last);
        count[sure]++;
        last = sure;
    }
    cr_assert(count[0] > 0 && count[1] > 0);
    /* the slope's own error shifts all three alike: from 3 to 4 sigma is a third of the way from 0 to 3, within that shift of a sigma */
    cr_assert(count[1] > count[0] / 5 && count[1] < count[0], "%d, %d", count[0], count[1]);
}

Test(stage, a_film_in_which_nothing_happens_has_one)
{
    struct lct_curves c = { 0 };
    struct lct_stages s = { 0 };
    const struct lct_change_params params = lct_change_defaults();
    FILE *file = fopen(path, "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
    for (int k = 0; k < 50; k++)
        fprintf(file, "%d,%d,1,100,50\n", k, k);
    fclose(file);
    cr_assert(eq(int, lct_curves_read(&c, path, NULL, NULL), LCT_OK));
    cr_assert(eq(int, lct_stages_find(&s, &c, &params, NULL), LCT_OK));
    cr_assert(s.n == 1 && !s.named && isnan(s.shell_onset_s));
    lct_stages_finish(&s);
    lct_curves_finish(&c);
}

Test(stage, truth_areas_give_the_truths_instants)
{
    static const char *const movies[] = { "easy_101", "typical_102", "hard_103" };
    for (size_t i = 0; i < 3; i++) {
        char from[512];
        if (!truth_path(from, sizeof from, movies[i]))
            cr_skip_test("no sample data");
        cr_assert(truth_convert(from, path));
        check_film(1.0, 1);
    }
}
