#include <lctem/segment.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 8, BINS = 2048, MAX_PIECES = 4096 };
static const double SHELL_SHARE = 0.04;   /* of the core's inside: less is no shell */
static const double INSIDE_BLURS = 1.6;   /* how far from an edge a pixel is free of it, in blurs */
static const double PIECE_SHARE = 0.15;   /* of the largest piece: smaller ones do not vote on the levels */
static const double HISTOGRAM_TOP = 2.0;  /* normalised grey; liquid is 1 */

/* A histogram over 0 .. HISTOGRAM_TOP of all planes. */
struct histogram {
    double count[BINS];
};

static int bin_of(float value)
{
    const double u = (double)value / HISTOGRAM_TOP * BINS;
    return u < 0.0 ? 0 : u >= BINS ? BINS - 1 : (int)u;
}

static double value_of(int bin)
{
    return (bin + 0.5) * HISTOGRAM_TOP / BINS;
}

static void clear(struct histogram *h)
{
    for (int b = 0; b < BINS; b++)
        h->count[b] = 0.0;
}

static double total(const struct histogram *h, int from, int to)
{
    double sum = 0.0;
    for (int b = from; b < to; b++)
        sum += h->count[b];
    return sum;
}

static double quantile(const struct histogram *h, int from, int to, double q)
{
    const double target = q * total(h, from, to);
    double sum = 0.0;
    for (int b = from; b < to; b++) {
        if (sum + h->count[b] >= target && h->count[b] > 0.0)
            return value_of(b) + ((target - sum) / h->count[b] - 0.5) * HISTOGRAM_TOP / BINS;
        sum += h->count[b];
    }
    return NAN;
}

static double mean(const struct histogram *h, int from, int to)
{
    double sum = 0.0, n = 0.0;
    for (int b = from; b < to; b++) {
        n += h->count[b];
        sum += h->count[b] * value_of(b);
    }
    return n > 0.0 ? sum / n : NAN;
}

/* The split of a histogram into two classes of least within-class variance (Otsu 1979), as a bin. */
static int otsu_split(const struct histogram *h, int from, int to)
{
    double n = 0.0, sum = 0.0, n_low = 0.0, sum_low = 0.0, best = -1.0;
    int split = from;
    for (int b = from; b < to; b++) {
        n += h->count[b];
        sum += h->count[b] * value_of(b);
    }
    for (int b = from; b < to - 1; b++) {
        n_low += h->count[b];
        sum_low += h->count[b] * value_of(b);
        if (n_low <= 0.0 || n_low >= n)
            continue;
        const double d = sum_low / n_low - (sum - sum_low) / (n - n_low);
        const double between = n_low * (n - n_low) * d * d;
        if (between > best) {
            best = between;
            split = b + 1;
        }
    }
    return split;
}

/* Spread of the liquid from the bright side of its peak, which no particle reaches. */
static double liquid_noise(const struct histogram *h)
{
    const int one = bin_of(1.0f);
    return (quantile(h, one, BINS, 0.6827) - 1.0);
}

/* Add the pixels of the large dark pieces of a plane. */
static void add_dark(struct histogram *h, const struct lct_image *plane, double edge, struct lct_mask_work *work, uint8_t *mask)
{
    static const int max = MAX_PIECES;
    const size_t n = lct_image_count(plane);
    struct lct_piece *pieces = malloc((size_t)max * sizeof *pieces);
    if (!pieces)
        return;
    for (size_t i = 0; i < n; i++)
        mask[i] = (double)plane->px[i] < edge;
    const int count = lct_mask_label(work, mask, pieces, max);
    int largest = 0;
    for (int k = 0; k < count; k++)
        if (pieces[k].area_px > largest)
            largest = pieces[k].area_px;
    for (size_t i = 0; i < n; i++)
        if (work->label[i] && pieces[work->label[i] - 1].area_px >= PIECE_SHARE * largest)
            h->count[bin_of(plane->px[i])] += 1.0;
    free(pieces);
}

/* Keep the core pieces that are large against the largest of the movie, and add what lies well inside core and shell. */
static void add_insides(struct histogram h[2], const struct lct_image *plane, const struct lct_levels *l,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint8_t *phase)
{
    const size_t n = lct_image_count(plane);
    lct_segment_frame(plane, l, params, work, phase);
    const double inside = INSIDE_BLURS * l->blur_px * LCT_CHAMFER_PX;
    for (int k = 0; k < 2; k++) {
        const uint8_t wanted = k == 0 ? LCT_CORE : LCT_SHELL;
        for (size_t i = 0; i < n; i++)
            work->plane[i] = phase[i] != wanted;
        lct_mask_distance(work, work->plane);
        for (size_t i = 0; i < n; i++)
            if (work->distance[i] > inside)
                h[k].count[bin_of(plane->px[i])] += 1.0;
    }
}

static double largest_core(const uint8_t *phase, struct lct_mask_work *work, struct lct_piece *pieces)
{
    const size_t n = (size_t)work->width * (size_t)work->height;
    for (size_t i = 0; i < n; i++)
        work->plane[i] = phase[i] == LCT_CORE;
    const int count = lct_mask_label(work, work->plane, pieces, MAX_PIECES);
    int largest = 0;
    for (int k = 0; k < count; k++)
        if (pieces[k].area_px > largest)
            largest = pieces[k].area_px;
    return largest;
}

/* One round: segment with the present levels, measure the insides. */
static void refine(struct lct_levels *l, const struct lct_image *planes, int n, enum lct_phases phases,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint8_t *phase, struct lct_piece *pieces)
{
    struct histogram *h = calloc(2, sizeof *h);
    if (!h)
        return;
    l->largest_core_px = 0.0;
    for (int k = 0; k < n; k++) {
        add_insides(h, &planes[k], l, params, work, phase);
        l->largest_core_px = fmax(l->largest_core_px, largest_core(phase, work, pieces));
    }
    const double n_core = total(&h[0], 0, BINS), n_shell = total(&h[1], 0, BINS);
    if (n_core > 0.0) {
        l->core = mean(&h[0], 0, BINS);
        l->core_sd = l->noise_sd / sqrt(fmax(1.0, n_core / (n * 4.0 * M_PI * l->blur_px * l->blur_px)));
    }
    if (l->has_shell && n_shell > 0.0) {
        l->shell = mean(&h[1], 0, BINS);
        l->shell_sd = l->noise_sd / sqrt(fmax(1.0, n_shell / (n * 4.0 * M_PI * l->blur_px * l->blur_px)));
    }
    if (phases == LCT_PHASES_AUTO && n_shell < SHELL_SHARE * n_core)
        l->has_shell = false;
    if (!l->has_shell) {
        l->shell = l->core;
        l->shell_sd = l->core_sd;
    }
    free(h);
}

/* First guess: liquid against dark by the liquid's own noise, then two classes within the dark. */
static bool guess(struct lct_levels *l, const struct lct_image *planes, int n, struct lct_mask_work *work, uint8_t *mask)
{
    struct histogram *h = calloc(1, sizeof *h);
    if (!h)
        return false;
    for (int k = 0; k < n; k++)
        for (size_t i = 0; i < lct_image_count(&planes[k]); i++)
            h->count[bin_of(planes[k].px[i])] += 1.0;
    l->noise_sd = fmax(liquid_noise(h), 1e-4);
    const double dark_edge = 1.0 - 3.0 * l->noise_sd;
    clear(h);
    for (int k = 0; k < n; k++)
        add_dark(h, &planes[k], dark_edge, work, mask);
    const int end = bin_of((float)dark_edge) + 1;
    const bool found = total(h, 0, end) > 0.0;
    if (found) {
        const int split = otsu_split(h, 0, end);
        l->core = mean(h, 0, split);
        l->shell = mean(h, split, end);
    }
    free(h);
    return found && l->core < l->shell;
}

enum lct_status lct_levels_find(struct lct_levels *out, const struct lct_image *planes, int n, double blur_px,
    enum lct_phases phases, const struct lct_segment_params *params, struct lct_err *err)
{
    struct lct_mask_work work = { 0 };
    struct lct_levels l = { .blur_px = blur_px, .has_shell = phases != LCT_PHASES_CORE };
    uint8_t *phase = malloc(lct_image_count(&planes[0]));
    struct lct_piece *pieces = malloc(MAX_PIECES * sizeof *pieces);
    enum lct_status status = lct_mask_work_init(&work, planes[0].width, planes[0].height, err);
    if (status != LCT_OK)
        goto done;
    if (!phase || !pieces) {
        status = lct_fail(err, LCT_E_LIMIT, "levels: no memory");
        goto done;
    }
    if (!guess(&l, planes, n, &work, phase)) {
        status = lct_fail(err, LCT_E_NODATA, "no particle stands out from the liquid");
        goto done;
    }
    if (!l.has_shell)
        l.shell = l.core;
    for (int round = 0; round < ROUNDS; round++)
        refine(&l, planes, n, round < 2 ? LCT_PHASES_CORE_SHELL : phases, params, &work, phase, pieces);
    if (l.largest_core_px <= 0.0)
        status = lct_fail(err, LCT_E_NODATA, "no particle is large enough to measure");
    else
        *out = l;
done:
    free(phase);
    free(pieces);
    lct_mask_work_finish(&work);
    return status;
}
