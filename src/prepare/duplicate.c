#include <lctem/duplicate.h>

#include <lctem/clones.h>

#include <math.h>
#include <string.h>

enum { ENOUGH = 4 };
static const double SHARE = 0.1;

/* Sums over one row, in eight lanes of a fixed order. */
struct sums {
    float difference[8], n[8], rough[8], n_rough[8];
};

static inline void add_pixel(struct sums *s, int lane, float difference, float rough, bool use)
{
    const bool known = use && difference == difference, known_rough = use && rough == rough;
    s->difference[lane] += known ? difference : 0;
    s->n[lane] += known ? 1 : 0;
    s->rough[lane] += known_rough ? rough : 0;
    s->n_rough[lane] += known_rough ? 1 : 0;
}

LCT_CLONES static void add_row(struct sums *s, const float *a, const float *b, const unsigned char *ignore, int width)
{
    int x = 0;
    for (; x + 8 < width; x += 8)
        for (int k = 0; k < 8; k++)
            add_pixel(s, k, fabsf(a[x + k] - b[x + k]), fabsf(b[x + k + 1] - b[x + k]), !(ignore && ignore[x + k]));
    for (; x < width; x++)
        add_pixel(s, 0, fabsf(a[x] - b[x]), x + 1 < width ? fabsf(b[x + 1] - b[x]) : NAN, !(ignore && ignore[x]));
}

struct lct_difference lct_duplicate_compare(
    const struct lct_image *previous, const struct lct_image *frame, const unsigned char *ignore)
{
    double difference = 0, rough = 0, n = 0, n_rough = 0;
    for (int y = 0; y < frame->height; y++) {
        const size_t at = (size_t)y * (size_t)frame->width;
        struct sums s = { 0 };
        add_row(&s, previous->px + at, frame->px + at, ignore ? ignore + at : NULL, frame->width);
        for (int k = 0; k < 8; k++) {
            difference += (double)s.difference[k];
            n += (double)s.n[k];
            rough += (double)s.rough[k];
            n_rough += (double)s.n_rough[k];
        }
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
