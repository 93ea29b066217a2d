#include <lctem/background.h>
#include <lctem/clones.h>
#include <lctem/lanes.h>
#include <lctem/robust.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 14, MODE_SAMPLES = 2000, MAX_COLUMNS = 64, MIN_BLOCK_PX = 8 };
static const double LIQUID_BELOW = 2.0, LIQUID_ABOVE = 3.0; /* of the clean side's sd about the mode */
static const double TILT_CORNER_SHARE =
    0.04; /* of all blocks: so much liquid in each quarter of the field, or no tilt is fitted */
static const double FLAT_LOG = -20.0; /* log of a grey value that is as good as black */

struct lct_background_params lct_background_defaults(void)
{
    return (struct lct_background_params){ .order = 3, .contrast = LCT_CONTRAST_AUTO };
}

static int term_count(int order)
{
    return (order + 1) * (order + 2) / 2;
}

/* Values of the x^i y^j at one place, in the order of the coefficients: by degree, so that a lower order is a prefix. */
static void terms_at(double x, double y, int order, double *t)
{
    const double xs[4] = { 1.0, x, x * x, x * x * x }, ys[4] = { 1.0, y, y * y, y * y * y };
    int k = 0;
    for (int degree = 0; degree <= order; degree++)
        for (int j = 0; j <= degree; j++)
            t[k++] = xs[degree - j] * ys[j];
}

static double poly_at(const struct lct_background *b, double x, double y)
{
    double t[LCT_BACKGROUND_MAX_TERMS], sum = 0.0;
    terms_at(x, y, b->order, t);
    for (int k = 0; k < term_count(b->order); k++)
        sum += b->coef[k] * t[k];
    return sum;
}

void lct_blocks_plan(struct lct_blocks *blocks, int width, int height)
{
    const int longer = width > height ? width : height;
    int block_px = (longer + MAX_COLUMNS - 1) / MAX_COLUMNS;
    if (block_px < MIN_BLOCK_PX)
        block_px = MIN_BLOCK_PX;
    blocks->width = width;
    blocks->height = height;
    blocks->block_px = block_px;
    blocks->columns = (width + block_px - 1) / block_px;
    blocks->rows = (height + block_px - 1) / block_px;
}

/* Sum and number of the pixels that count in w columns and h rows. A lane adds some hundred of them at most, which floats do to
 * 1e-5 of the noise. */
LCT_CLONES static void add_block(
    const float *px, const unsigned char *ignore, size_t stride, int w, int h, double *sum, double *n)
{
    lct_lanes total = { 0 }, v;
    lct_lanes_where count = { 0 }, counts;
    double rest = 0.0, n_rest = 0.0;
    for (int y = 0; y < h; y++) {
        const float *row = px + (size_t)y * stride;
        const unsigned char *leave = ignore ? ignore + (size_t)y * stride : NULL;
        int x = 0;
        for (; x + LCT_LANES <= w; x += LCT_LANES) {
            lct_lanes_load(&v, row + x);
            lct_lanes_known(&counts, &v);
            lct_lanes_unless(&counts, leave ? leave + x : NULL);
            lct_lanes_keep(&v, &counts);
            total += v;
            count -= counts; /* a mask of all bits is -1 */
        }
        for (; x < w; x++)
            if (isfinite(row[x]) && !(leave && leave[x])) {
                rest += (double)row[x];
                n_rest += 1.0;
            }
    }
    *sum = rest + lct_lanes_sum(&total);
    *n = n_rest + lct_lanes_count(&count);
}

void lct_blocks_measure(
    const struct lct_blocks *blocks, const struct lct_image *frame, const unsigned char *ignore, float *mean)
{
    const int b = blocks->block_px, w = frame->width;
    /* a frame narrower than a block fills none of them */
    const int full = (b < w ? b : w) * (b < frame->height ? b : frame->height);
    for (int row = 0; row < blocks->rows; row++) {
        const int y = row * b, height = y + b < frame->height ? b : frame->height - y;
        for (int column = 0; column < blocks->columns; column++) {
            const int x = column * b, width = x + b < w ? b : w - x;
            const size_t at = (size_t)y * (size_t)w + (size_t)x;
            double sum, n;
            add_block(frame->px + at, ignore ? ignore + at : NULL, (size_t)w, width, height, &sum, &n);
            mean[row * blocks->columns + column] = n > 0 && 2 * n >= full / 2 ? (float)(sum / n) : NAN;
        }
    }
}

/* A block of the field, the same in all bins. */
struct place {
    double x, y;
    double poly;   /* of the present fit */
    double n, sum; /* liquid blocks of the bins, and their values without the bins' offsets */
};

/* The working set of a fit: one value per valid block, with its place and its bin. */
struct cloud {
    struct place *places;
    int n_places;
    size_t n;
    double *value, *residual;
    int *place, *bin;
    unsigned char *liquid;
    double *offset; /* per bin */
    int n_bins;
    double *scratch;
};

static void cloud_finish(struct cloud *c)
{
    free(c->places);
    free(c->place);
    free(c->value);
    free(c->residual);
    free(c->bin);
    free(c->liquid);
    free(c->offset);
    free(c->scratch);
}

static bool cloud_alloc(struct cloud *c, size_t n, const struct lct_blocks *blocks)
{
    *c = (struct cloud){ .n_bins = blocks->n_bins, .n_places = blocks->rows * blocks->columns };
    c->places = calloc((size_t)c->n_places + 1, sizeof *c->places);
    c->place = malloc(n * sizeof *c->place);
    c->value = malloc(n * sizeof *c->value);
    c->residual = malloc(n * sizeof *c->residual);
    c->bin = malloc(n * sizeof *c->bin);
    c->liquid = malloc(n);
    c->scratch = malloc(n * sizeof *c->scratch);
    c->offset = calloc((size_t)c->n_bins, sizeof *c->offset);
    return c->places && c->place && c->value && c->residual && c->bin && c->liquid && c->scratch && c->offset;
}

/* Grey values that stay well above zero are divided by their background; others are subtracted from. */
static bool ratio_is_safe(const struct lct_blocks *blocks, double *scratch)
{
    const size_t n_all = (size_t)blocks->n_bins * (size_t)blocks->rows * (size_t)blocks->columns;
    size_t n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (isfinite(blocks->mean[i]))
            scratch[n++] = (double)blocks->mean[i];
    return n > 0 && lct_stats_quantile(scratch, n, 0.002) > 0.15 * lct_stats_quantile(scratch, n, 0.5);
}

static void cloud_fill(struct cloud *c, const struct lct_blocks *blocks, bool ratio)
{
    size_t k = 0;
    const float *mean = blocks->mean;
    for (int row = 0; row < blocks->rows; row++)
        for (int column = 0; column < blocks->columns; column++) {
            struct place *p = &c->places[row * blocks->columns + column];
            p->x = 2.0 * (column + 0.5) * blocks->block_px / blocks->width - 1.0;
            p->y = 2.0 * (row + 0.5) * blocks->block_px / blocks->height - 1.0;
        }
    for (int bin = 0; bin < blocks->n_bins; bin++)
        for (int row = 0; row < blocks->rows; row++)
            for (int column = 0; column < blocks->columns; column++, mean++) {
                if (!isfinite(*mean))
                    continue;
                c->place[k] = row * blocks->columns + column;
                c->value[k] = ratio ? (*mean > 0.0f ? log((double)*mean) : FLAT_LOG) : (double)*mean;
                c->bin[k] = bin;
                c->liquid[k] = 1;
                k++;
            }
    c->n = k;
}

/* All bins have a block at each place: what they need of the terms there is the same. */
static void gather_liquid(struct cloud *c)
{
    for (int i = 0; i < c->n_places; i++)
        c->places[i].n = c->places[i].sum = 0.0;
    for (size_t i = 0; i < c->n; i++) {
        struct place *p = &c->places[c->place[i]];
        p->n += c->liquid[i];
        p->sum += c->liquid[i] ? c->value[i] - c->offset[c->bin[i]] : 0.0;
    }
}

/* Sum over the liquid blocks of term * term and term * value, solved for the coefficients of one order; the offset of a bin
 * is the median residual of its liquid blocks, taken out in turn. */
static bool fit_poly(struct cloud *c, struct lct_background *b)
{
    const int m = term_count(b->order);
    double a[LCT_BACKGROUND_MAX_TERMS * LCT_BACKGROUND_MAX_TERMS] = { 0 }, rhs[LCT_BACKGROUND_MAX_TERMS] = { 0 };
    gather_liquid(c);
    for (int i = 0; i < c->n_places; i++) {
        const struct place *p = &c->places[i];
        double t[LCT_BACKGROUND_MAX_TERMS];
        terms_at(p->x, p->y, b->order, t);
        for (int k = 0; k < m; k++) {
            rhs[k] += t[k] * p->sum;
            for (int l = 0; l < m; l++)
                a[k * m + l] += p->n * t[k] * t[l];
        }
    }
    if (!lct_linear_solve(a, rhs, m))
        return false;
    memset(b->coef, 0, sizeof b->coef);
    memcpy(b->coef, rhs, (size_t)m * sizeof *rhs);
    for (int i = 0; i < c->n_places; i++)
        c->places[i].poly = poly_at(b, c->places[i].x, c->places[i].y);
    return true;
}

static void fit_offsets(struct cloud *c)
{
    size_t first = 0;
    for (int bin = 0; bin < c->n_bins; bin++) {
        size_t n = 0, i = first;
        for (; i < c->n && c->bin[i] == bin; i++)
            if (c->liquid[i])
                c->scratch[n++] = c->value[i] - c->places[c->place[i]].poly;
        if (n > 0)
            c->offset[bin] = lct_stats_median(c->scratch, n);
        first = i;
    }
}

/* Every stride-th residual on one side of the mode, as distances from it. */
static size_t distances(const double *residual, size_t n, size_t stride, double mode, double side, double *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i += stride)
        if (side * (residual[i] - mode) > 0.0)
            out[kept++] = side * (residual[i] - mode);
    return kept;
}

/* Mode and the spread of the clean side (away from the particles; both, while the side is not known) of the residuals. Some
 * thousands of them tell it as well as all would. */
static void clean_side(
    const double *residual, size_t n, enum lct_contrast contrast, double *scratch, double *mode, double *sd)
{
    const size_t stride = n / MODE_SAMPLES + 1;
    size_t taken = 0;
    for (size_t i = 0; i < n; i += stride)
        scratch[taken++] = residual[i];
    *mode = lct_robust_mode(scratch, taken);
    const size_t above = distances(residual, n, stride, *mode, 1.0, scratch);
    const double up = above ? 1.4826 * lct_stats_median(scratch, above) : 0.0;
    const size_t below = distances(residual, n, stride, *mode, -1.0, scratch);
    const double down = below ? 1.4826 * lct_stats_median(scratch, below) : 0.0;
    *sd = contrast == LCT_CONTRAST_DARK ? up : contrast == LCT_CONTRAST_BRIGHT ? down : fmin(up, down);
}

static void mark_liquid(struct cloud *c, const struct lct_background *b)
{
    for (size_t i = 0; i < c->n; i++)
        c->residual[i] = c->value[i] - c->places[c->place[i]].poly - c->offset[c->bin[i]];
    double mode, sd;
    clean_side(c->residual, c->n, b->contrast, c->scratch, &mode, &sd);
    const double up = b->contrast == LCT_CONTRAST_BRIGHT ? LIQUID_BELOW : LIQUID_ABOVE;
    const double down =
        b->contrast == LCT_CONTRAST_DARK || b->contrast == LCT_CONTRAST_AUTO ? LIQUID_BELOW : LIQUID_ABOVE;
    for (size_t i = 0; i < c->n; i++)
        c->liquid[i] = c->residual[i] <= mode + up * sd && c->residual[i] >= mode - down * sd;
}

/* Particles make the longer tail. */
static enum lct_contrast find_contrast(const struct cloud *c)
{
    double mode, sd, dark = 0.0, bright = 0.0;
    clean_side(c->residual, c->n, LCT_CONTRAST_AUTO, c->scratch, &mode, &sd);
    for (size_t i = 0; i < c->n; i++) {
        const double d = c->residual[i] - mode;
        if (d < -3.0 * sd)
            dark -= d;
        else if (d > 3.0 * sd)
            bright += d;
    }
    return bright > 1.5 * dark ? LCT_CONTRAST_BRIGHT : LCT_CONTRAST_DARK;
}

/* Grow the order from 0 while the mask of liquid settles: a cubic through everything at once would follow the particles. */
static bool fit_rounds(struct cloud *c, struct lct_background *b, const struct lct_background_params *params)
{
    const enum lct_contrast asked = params->contrast;
    b->contrast = asked;
    memset(c->liquid, 1, c->n);
    memset(c->offset, 0, (size_t)c->n_bins * sizeof *c->offset);
    for (int round = 0; round < ROUNDS; round++) {
        const int grown = round / 3;
        b->order = grown < params->order ? grown : params->order;
        if (!fit_poly(c, b))
            return false;
        fit_offsets(c);
        if (asked == LCT_CONTRAST_AUTO && round < ROUNDS / 2) {
            b->contrast = LCT_CONTRAST_AUTO;
            mark_liquid(c, b);
            b->contrast = find_contrast(c);
        }
        mark_liquid(c, b);
    }
    return true;
}

/* A field of one row of blocks has no slope across it: the order goes down until the fit has one solution. */
static bool fit_what_it_holds(struct cloud *c, struct lct_background *b, struct lct_background_params *params)
{
    while (!fit_rounds(c, b, params))
        if (params->order-- == 0)
            return false;
    return true;
}

/* The unit in which an additive frame is scaled: from the liquid to the strong end of the particles. */
static void set_range(const struct cloud *c, struct lct_background *b)
{
    double mode, sd;
    clean_side(c->residual, c->n, b->contrast, c->scratch, &mode, &sd);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        const double depth = b->contrast == LCT_CONTRAST_BRIGHT ? c->residual[i] - mode : mode - c->residual[i];
        if (depth > 4.0 * sd)
            c->scratch[n++] = depth;
    }
    b->range = n > 0 ? 3.0 * lct_stats_quantile(c->scratch, n, 0.8) : 10.0 * sd;
    if (!(b->range > 0.0))
        b->range = 1.0;
    b->noise = b->ratio ? sd : sd / b->range;
    size_t liquid = 0;
    for (size_t i = 0; i < c->n; i++)
        liquid += c->liquid[i];
    b->liquid_frac = (double)liquid / (double)c->n;
}

static bool all_black(const struct cloud *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->value[i] != 0.0)
            return false;
    return true;
}

enum lct_status lct_background_fit(struct lct_background *out, const struct lct_blocks *blocks,
    const struct lct_background_params *params, struct lct_err *err)
{
    if (params->order < 0 || params->order > 3)
        return lct_fail(err, LCT_E_ARG, "background: order %d is not 0 to 3", params->order);
    const size_t n = (size_t)blocks->n_bins * (size_t)blocks->rows * (size_t)blocks->columns;
    struct cloud cloud;
    enum lct_status status = LCT_OK;
    if (!cloud_alloc(&cloud, n ? n : 1, blocks)) {
        status = lct_fail(err, LCT_E_LIMIT, "background: no memory for %zu blocks", n);
        goto done;
    }
    struct lct_background b = { .width = blocks->width, .height = blocks->height };
    b.ratio = ratio_is_safe(blocks, cloud.scratch);
    cloud_fill(&cloud, blocks, b.ratio);
    struct lct_background_params p = *params;
    while (p.order > 0 && cloud.n < (size_t)(8 * term_count(p.order)))
        p.order--; /* a tiny field cannot hold a cubic */
    if (cloud.n == 0 || (!b.ratio && all_black(&cloud)) || !fit_what_it_holds(&cloud, &b, &p)) {
        status = lct_fail(err, LCT_E_NODATA, "background: the frames hold no valid grey values");
        goto done;
    }
    if (b.ratio
        && b.contrast == LCT_CONTRAST_BRIGHT) { /* bright particles have no multiplicative meaning: start over */
        b.ratio = false;
        cloud_fill(&cloud, blocks, false);
        p.contrast = LCT_CONTRAST_BRIGHT;
        if (!fit_what_it_holds(&cloud, &b, &p)) {
            status = lct_fail(err, LCT_E_NODATA, "background: the frames hold no valid grey values");
            goto done;
        }
    }
    set_range(&cloud, &b);
    *out = b;
done:
    cloud_finish(&cloud);
    return status;
}

enum { MAX_BLOCKS = MAX_COLUMNS * MAX_COLUMNS, TILT_ROUNDS = 2 };

/* The blocks of one frame: places and what the movie's background leaves. */
struct frame_blocks {
    size_t n;
    double x[MAX_BLOCKS], y[MAX_BLOCKS], value[MAX_BLOCKS], rest[MAX_BLOCKS], scratch[MAX_BLOCKS];
};

static void gather_blocks(
    struct frame_blocks *f, const struct lct_background *b, const struct lct_blocks *grid, const float *mean)
{
    f->n = 0;
    for (int row = 0; row < grid->rows; row++)
        for (int column = 0; column < grid->columns && f->n < MAX_BLOCKS; column++) {
            const float m = mean[row * grid->columns + column];
            if (!isfinite(m) || (b->ratio && m <= 0.0f))
                continue;
            f->x[f->n] = 2.0 * (column + 0.5) * grid->block_px / grid->width - 1.0;
            f->y[f->n] = 2.0 * (row + 0.5) * grid->block_px / grid->height - 1.0;
            const double value = b->ratio ? log((double)m) : (double)m;
            f->value[f->n] = value - poly_at(b, f->x[f->n], f->y[f->n]);
            f->n++;
        }
}

/* Level and tilt of the blocks within the clean side's spread about the present light; false: too few, or all on one side. */
static bool tilt_round(struct frame_blocks *f, enum lct_contrast contrast, struct lct_background_light *light)
{
    for (size_t i = 0; i < f->n; i++)
        f->rest[i] = f->value[i] - light->offset - light->x_slope * f->x[i] - light->y_slope * f->y[i];
    double mode, sd, a[9] = { 0 }, rhs[3] = { 0 }, corner[4] = { 0 };
    clean_side(f->rest, f->n, contrast, f->scratch, &mode, &sd);
    size_t kept = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (fabs(f->rest[i] - mode) > LIQUID_BELOW * sd)
            continue;
        const double t[3] = { 1.0, f->x[i], f->y[i] };
        for (int k = 0; k < 3; k++) {
            rhs[k] += t[k] * f->value[i];
            for (int l = 0; l < 3; l++)
                a[3 * k + l] += t[k] * t[l];
        }
        corner[(f->x[i] > 0.0) + 2 * (f->y[i] > 0.0)] += 1.0;
        kept++;
    }
    for (int c = 0; c < 4; c++)
        if (corner[c] < TILT_CORNER_SHARE * (double)f->n || kept < 64)
            return false;
    if (!lct_linear_solve(a, rhs, 3))
        return false;
    *light = (struct lct_background_light){ rhs[0], rhs[1], rhs[2] };
    return true;
}

struct lct_background_light lct_background_light_of(
    const struct lct_background *background, const struct lct_blocks *grid, const float *mean)
{
    struct frame_blocks *f = malloc(sizeof *f);
    struct lct_background_light light = { .offset = NAN };
    if (!f)
        return light;
    gather_blocks(f, background, grid, mean);
    if (f->n > 0) {
        double mode, sd;
        clean_side(f->value, f->n, background->contrast, f->rest, &mode, &sd);
        size_t kept = 0;
        for (size_t i = 0; i < f->n; i++)
            if (fabs(f->value[i] - mode) <= LIQUID_BELOW * sd)
                f->scratch[kept++] = f->value[i];
        light.offset = kept ? lct_stats_median(f->scratch, kept) : mode;
        struct lct_background_light tilted = light;
        bool ok = true;
        for (int round = 0; ok && round < TILT_ROUNDS; round++)
            ok = tilt_round(f, background->contrast, &tilted);
        if (ok)
            light = tilted;
    }
    free(f);
    return light;
}
