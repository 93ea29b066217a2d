/* Protects: layers that come and go are counted once each, at the time of their half, noise makes none, and where nothing
 * was measured nothing is said to have happened. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/layer.h>
#include <math.h>

enum { FRAMES = 300 };

static int follow(double (*layers)(double time_s), double *times, int *signs)
{
    struct lct_layer_follower f = { 0 };
    struct lct_layer_step step;
    int n = 0;
    for (int k = 0; k < FRAMES; k++)
        while (lct_layer_follow(&f, 0.1 * k, layers(0.1 * k), &step)) {
            times[n] = step.time_s;
            signs[n++] = step.sign;
        }
    return n;
}

static double growing(double t)
{
    return 0.2 * t;
} /* 5.98 layers in 29.9 s */
static double etched(double t)
{
    return -0.2 * t;
}
static double noisy(double t)
{
    return 0.5 + 0.2 * sin(17.0 * t);
} /* never three quarters of a layer */
static double jump(double t)
{
    return t < 10.0 ? 0.0 : 3.0;
}
static double gone(double t)
{
    return t < 5.0 ? 0.0 : t < 20.0 ? (double)NAN : 1.0;
}
/* Falls by 0.2 layers a second, unseen from the middle of the fourth one to the middle of the seventh. */
static double hidden(double t)
{
    return t > 17.0 && t < 33.0 ? (double)NAN : -0.2 * t;
}
static double there_and_back(double t)
{
    return t < 10.0 ? 0.1 * t : 2.0 - 0.1 * t;
}

Test(layer, steps_come_at_their_half)
{
    double times[32];
    int signs[32];
    cr_assert(eq(int, follow(growing, times, signs), 6));
    for (int k = 0; k < 6; k++)
        cr_assert(fabs(times[k] - 2.5 - 5.0 * k) < 1e-6 && signs[k] == 1, "%d: %g", k, times[k]);
    cr_assert(eq(int, follow(etched, times, signs), 6));
    for (int k = 0; k < 6; k++)
        cr_assert(fabs(times[k] - 2.5 - 5.0 * k) < 1e-6 && signs[k] == -1);
}

Test(layer, noise_makes_none_and_a_jump_makes_all)
{
    double times[32];
    int signs[32];
    cr_assert(eq(int, follow(noisy, times, signs), 0));
    cr_assert(eq(int, follow(jump, times, signs), 3));
    for (int k = 0; k < 3; k++)
        cr_assert(times[k] >= 9.9 && times[k] <= 10.0, "%g", times[k]);
}

Test(layer, nothing_is_told_of_what_nobody_saw)
{
    struct lct_layer_follower f = { 0 };
    struct lct_layer_step step;
    int n = 0;
    for (int k = 0; k < 500; k++)
        while (lct_layer_follow(&f, 0.1 * k, hidden(0.1 * k), &step)) {
            cr_assert(step.time_s < 17.0 || step.time_s > 33.0, "%g", step.time_s);
            cr_assert(isnan(step.duration_s) || fabs(step.duration_s - 5.0) < 1e-6);
            n++;
        }
    cr_assert(eq(int, n, 6));         /* halves at 2.5, 7.5, 12.5, then 37.5, 42.5, 47.5 s; 17.5 to 32.5 s are hidden */
    cr_assert(eq(int, f.level, -10)); /* but counted */
}

Test(layer, gaps_are_passed_over_and_ways_back_counted)
{
    double times[32];
    int signs[32];
    cr_assert(eq(int, follow(gone, times, signs), 0));
    cr_assert(eq(int, follow(there_and_back, times, signs), 3)); /* up 1, down 1, down 1 more: -1 at the end */
    cr_assert(signs[0] == 1 && signs[1] == -1 && signs[2] == -1);
    cr_assert(epsilon_eq(dbl, times[1], 15.0, 1e-6));
}
