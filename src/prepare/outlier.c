#include <lctem/outlier.h>

#include <lctem/clones.h>
#include <lctem/lanes.h>

#include <math.h>
#include <stdlib.h>

enum { NOISE_ROWS = 256 };

struct lct_outlier_params lct_outlier_defaults(void)
{
    return (struct lct_outlier_params){ .threshold = 8, .spread = 2, .max_frac = 1e-3, .reach_px = 3 };
}

/* Positions and new values are collected first and written last: a repair must not feed on another repair. */
struct repairs {
    size_t *at;
    float *value;
    size_t n, room;
};

static void repairs_finish(struct repairs *r)
{
    free(r->at);
    free(r->value);
}

static enum lct_status put(struct repairs *r, size_t at, float value, struct lct_err *err)
{
    if (r->n == r->room) {
        const size_t room = r->room ? 2 * r->room : 256;
        size_t *a = realloc(r->at, room * sizeof *a);
        if (a)
            r->at = a;
        float *v = a ? realloc(r->value, room * sizeof *v) : NULL;
        if (!v)
            return lct_fail(err, LCT_E_LIMIT, "hot pixels: no memory for %zu repairs", room);
        r->value = v;
        r->room = room;
    }
    r->at[r->n] = at;
    r->value[r->n++] = value;
    return LCT_OK;
}

static void apply(const struct repairs *r, float *px)
{
    for (size_t i = 0; i < r->n; i++)
        px[r->at[i]] = r->value[i];
}

static float median(float *v, int n)
{
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && v[j - 1] > v[j]; j--) {
            const float t = v[j];
            v[j] = v[j - 1];
            v[j - 1] = t;
        }
    return n % 2 ? v[n / 2] : 0.5f * (v[n / 2 - 1] + v[n / 2]);
}

/* Median of the known pixels on the square ring(s) up to r around (x, y), its centre left out; NaN: none is known. */
static float median_near(const struct lct_image *im, int x, int y, int r)
{
    float v[7 * 7];
    int n = 0;
    for (int j = y - r; j <= y + r; j++)
        for (int i = x - r; i <= x + r; i++) {
            if (i < 0 || j < 0 || i >= im->width || j >= im->height || (i == x && j == y))
                continue;
            const float p = im->px[(size_t)j * (size_t)im->width + (size_t)i];
            if (isfinite(p))
                v[n++] = p;
        }
    return n ? median(v, n) : NAN;
}

LCT_CLONES static bool row_is_known(const float *row, int width)
{
    lct_lanes_where known, all = ~(lct_lanes_where){ 0 };
    int x = 0;
    for (; x + LCT_LANES <= width; x += LCT_LANES) {
        lct_lanes v;
        lct_lanes_load(&v, row + x);
        lct_lanes_known(&known, &v);
        all &= known;
    }
    bool rest = true;
    for (; x < width; x++)
        rest &= row[x] - row[x] == 0;
    return rest && lct_lanes_all(&all);
}

static enum lct_status fill_unknown(
    struct lct_image *im, int reach_px, struct lct_outlier_report *report, struct lct_err *err)
{
    struct repairs r = { 0 };
    enum lct_status status = LCT_OK;
    for (int y = 0; y < im->height && status == LCT_OK; y++) {
        float *row = im->px + (size_t)y * (size_t)im->width;
        const bool whole = row_is_known(row, im->width);
        for (int x = 0; !whole && x < im->width && status == LCT_OK; x++) {
            if (isfinite(row[x]))
                continue;
            float value = NAN;
            for (int d = 1; d <= reach_px && isnan(value); d++)
                value = median_near(im, x, y, d);
            report->unknown += isnan(value) != 0;
            report->filled += isnan(value) == 0;
            status = put(&r, (size_t)y * (size_t)im->width + (size_t)x, value, err);
        }
    }
    apply(&r, im->px);
    repairs_finish(&r);
    return status;
}

/* Rows enough for a thousandth of the scale. */
LCT_CLONES static double noise_scale(const struct lct_image *im)
{
    const int step = im->height / NOISE_ROWS + 1;
    double sum = 0;
    size_t n = 0;
    for (int y = 0; y < im->height; y += step) {
        const float *row = im->px + (size_t)y * (size_t)im->width;
        lct_lanes total = { 0 }, here, next;
        for (int x = 0; x + LCT_LANES < im->width; x += LCT_LANES) {
            lct_lanes_load(&here, row + x);
            lct_lanes_load(&next, row + x + 1);
            lct_lanes d = next - here;
            lct_lanes_magnitude(&d);
            const lct_lanes_where number = d == d;
            lct_lanes_keep(&d, &number);
            total += d;
        }
        sum += lct_lanes_sum(&total);
        n += im->width > LCT_LANES ? (size_t)((im->width - 1) / LCT_LANES * LCT_LANES) : 0;
    }
    return n ? sum / (double)n * sqrt(M_PI) / 2 : 0;
}

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}
static inline float smaller(float a, float b)
{
    return a < b ? a : b;
}

/* By how much row y leaves the range of its 8 neighbours (into excess[1 .. width-2]), if also by spread x that range. */
LCT_CLONES static void row_excess(const struct lct_image *im, int y, float spread, float *column, float *excess)
{
    const int w = im->width;
    const float *row = im->px + (size_t)y * (size_t)w, *up = row - w, *down = row + w;
    float *hi = column, *lo = column + w;
    for (int x = 0; x < w; x++) {
        hi[x] = larger(larger(up[x], down[x]), row[x]);
        lo[x] = smaller(smaller(up[x], down[x]), row[x]);
    }
    for (int x = 1; x < w - 1; x++) {
        const float top = larger(larger(hi[x - 1], hi[x + 1]), larger(up[x], down[x]));
        const float bottom = smaller(smaller(lo[x - 1], lo[x + 1]), smaller(up[x], down[x]));
        const float out = larger(row[x] - top, bottom - row[x]);
        excess[x] = out > spread * (top - bottom) ? out : 0;
    }
}

/* Is any step along the row larger than `limit`, or unknown? */
LCT_CLONES static bool row_jumps(const float *row, int width, float limit)
{
    lct_lanes_where within = ~(lct_lanes_where){ 0 };
    lct_lanes here, next;
    int x = 0;
    for (; x + LCT_LANES < width; x += LCT_LANES) {
        lct_lanes_load(&here, row + x);
        lct_lanes_load(&next, row + x + 1);
        lct_lanes d = next - here;
        lct_lanes_magnitude(&d);
        within &= d <= limit;
    }
    bool rest = true;
    for (; x + 1 < width; x++)
        rest &= fabsf(row[x + 1] - row[x]) <= limit;
    return !(rest && lct_lanes_all(&within));
}

/* The same test against the 24 pixels around, for the few that passed the first: where fringes are as fine as the pixels, a
 * crest may stand alone among its 8 neighbours, but not in its wider surroundings. */
static bool stands_out(const struct lct_image *im, int x0, int y0, float limit)
{
    float top = -INFINITY, bottom = INFINITY;
    for (int y = y0 - 2; y <= y0 + 2; y++)
        for (int x = x0 - 2; x <= x0 + 2; x++) {
            if (x < 0 || y < 0 || x >= im->width || y >= im->height || (x == x0 && y == y0))
                continue;
            const float v = im->px[(size_t)y * (size_t)im->width + (size_t)x];
            top = larger(v, top);
            bottom = smaller(v, bottom);
        }
    const float v = im->px[(size_t)y0 * (size_t)im->width + (size_t)x0];
    const float out = larger(v - top, bottom - v);
    return out > limit && out > top - bottom;
}

static enum lct_status find_isolated(
    const struct lct_image *im, double spread, float limit, struct repairs *r, struct lct_err *err)
{
    const size_t w = (size_t)im->width;
    float *scratch = malloc(3 * w * sizeof *scratch);
    if (!scratch)
        return lct_fail(err, LCT_E_LIMIT, "hot pixels: no memory for a row of %zu pixels", w);
    float *excess = scratch + 2 * w;
    enum lct_status status = LCT_OK;
    for (int y = 1; y < im->height - 1 && status == LCT_OK; y++) {
        if (!row_jumps(im->px + (size_t)y * w, im->width, limit)) /* most rows: no pixel stands out of its neighbours */
            continue;
        row_excess(im, y, (float)spread, scratch, excess);
        for (int x = 1; x < im->width - 1 && status == LCT_OK; x++)
            if (excess[x] > limit && stands_out(im, x, y, limit))
                status = put(r, (size_t)y * w + (size_t)x, median_near(im, x, y, 1), err);
    }
    free(scratch);
    return status;
}

enum lct_status lct_outlier_repair(struct lct_image *image, const struct lct_outlier_params *params,
    struct lct_outlier_report *report, struct lct_err *err)
{
    if (!(params->threshold > 0) || !(params->spread >= 0) || !(params->max_frac >= 0) || params->reach_px < 0
        || params->reach_px > 3)
        return lct_fail(err, LCT_E_ARG,
            "hot pixels: threshold %g (> 0), spread %g (>= 0), share %g (>= 0) or reach %d (0..3)", params->threshold,
            params->spread, params->max_frac, params->reach_px);
    struct lct_outlier_report found = { 0 };
    enum lct_status status = fill_unknown(image, params->reach_px, &found, err);
    if (status != LCT_OK)
        return status;
    found.noise = noise_scale(image);
    struct repairs r = { 0 };
    if (image->width >= 3 && image->height >= 3)
        status = find_isolated(image, params->spread, (float)(params->threshold * found.noise), &r, err);
    if (status == LCT_OK) {
        /* one fault in a small picture is still a fault */
        const double most = 1 + params->max_frac * (double)lct_image_count(image);
        found.suppressed = (double)r.n > most;
        if (!found.suppressed) {
            apply(&r, image->px);
            found.repaired = r.n;
        }
        *report = found;
    }
    repairs_finish(&r);
    return status;
}
