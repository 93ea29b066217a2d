#include <lctem/duplicate.h>

#include <lctem/clones.h>
#include <lctem/lanes.h>

#include <math.h>
#include <string.h>

enum { ENOUGH = 4 };
static const double SHARE = 0.1;

/* Sums over one row. */
struct sums {
    lct_lanes difference, rough;
    lct_lanes_where n, n_rough;
};

__attribute__((always_inline)) static inline void add_known(
    lct_lanes *sum, lct_lanes_where *n, const lct_lanes *a, const lct_lanes *b, const unsigned char *ignore)
{
    lct_lanes d = *a - *b;
    lct_lanes_magnitude(&d);
    lct_lanes_where known = d == d;
    lct_lanes_unless(&known, ignore);
    lct_lanes_keep(&d, &known);
    *sum += d;
    *n -= known; /* a mask of all bits is -1 */
}

LCT_CLONES static void add_row(struct sums *s, const float *a, const float *b, const unsigned char *ignore, int width)
{
    int x = 0;
    for (; x + LCT_LANES < width; x += LCT_LANES) {
        lct_lanes before, here, right;
        lct_lanes_load(&before, a + x);
        lct_lanes_load(&here, b + x);
        lct_lanes_load(&right, b + x + 1);
        add_known(&s->difference, &s->n, &before, &here, ignore ? ignore + x : NULL);
        add_known(&s->rough, &s->n_rough, &right, &here, ignore ? ignore + x : NULL);
    }
    for (; x < width; x++) {
        const float difference = fabsf(a[x] - b[x]), rough = x + 1 < width ? fabsf(b[x + 1] - b[x]) : NAN;
        const bool use = !(ignore && ignore[x]);
        s->difference[0] += use && difference == difference ? difference : 0;
        s->n[0] += use && difference == difference;
        s->rough[0] += use && rough == rough ? rough : 0;
        s->n_rough[0] += use && rough == rough;
    }
}

struct lct_difference lct_duplicate_compare(
    const struct lct_image *previous, const struct lct_image *frame, const unsigned char *ignore)
{
    double difference = 0, rough = 0, n = 0, n_rough = 0;
    for (int y = 0; y < frame->height; y++) {
        const size_t at = (size_t)y * (size_t)frame->width;
        struct sums s = { 0 };
        add_row(&s, previous->px + at, frame->px + at, ignore ? ignore + at : NULL, frame->width);
        difference += lct_lanes_sum(&s.difference);
        n += lct_lanes_count(&s.n);
        rough += lct_lanes_sum(&s.rough);
        n_rough += lct_lanes_count(&s.n_rough);
    }
    return (struct lct_difference){ .mean_abs = n > 0 ? difference / n : NAN,
        .roughness = n_rough > 0 ? rough / n_rough : NAN };
}

static double median(const double *values, int n)
{
    double v[LCT_DUPLICATE_MEMORY];
    memcpy(v, values, (size_t)n * sizeof *v);
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && v[j - 1] > v[j]; j--) {
            const double t = v[j];
            v[j] = v[j - 1];
            v[j - 1] = t;
        }
    return v[n / 2];
}

bool lct_duplicate_judge(struct lct_duplicate_state *state, struct lct_difference difference)
{
    if (isnan(difference.mean_abs))
        return false;
    const double usual = state->n >= ENOUGH ? median(state->differences, state->n) : difference.roughness;
    if (difference.mean_abs == 0 || difference.mean_abs < SHARE * usual)
        return true;
    state->differences[state->next] = difference.mean_abs;
    state->next = (state->next + 1) % LCT_DUPLICATE_MEMORY;
    if (state->n < LCT_DUPLICATE_MEMORY)
        state->n++;
    return false;
}
