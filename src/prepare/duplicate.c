#include <lctem/duplicate.h>

#include <math.h>
#include <string.h>

enum { ENOUGH = 4 };
static const double SHARE = 0.1;

struct lct_difference lct_duplicate_compare(
    const struct lct_image *previous, const struct lct_image *frame, const unsigned char *ignore)
{
    double difference = 0, rough = 0, n = 0, n_rough = 0;
    for (int y = 0; y < frame->height; y++) {
        const size_t at = (size_t)y * (size_t)frame->width;
        const float *a = previous->px + at, *b = frame->px + at;
        float d_lane[8] = { 0 }, n_lane[8] = { 0 }, r_lane[8] = { 0 }, m_lane[8] = { 0 };
        for (int x = 0; x < frame->width; x++) {
            const float d = fabsf(a[x] - b[x]);
            const float r = x + 1 < frame->width ? fabsf(b[x + 1] - b[x]) : NAN;
            const bool use = !(ignore && ignore[at + (size_t)x]);
            d_lane[x % 8] += use && d == d ? d : 0;
            n_lane[x % 8] += use && d == d;
            r_lane[x % 8] += use && r == r ? r : 0;
            m_lane[x % 8] += use && r == r;
        }
        for (int k = 0; k < 8; k++) {
            difference += d_lane[k];
            n += n_lane[k];
            rough += r_lane[k];
            n_rough += m_lane[k];
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
