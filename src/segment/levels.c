#include <lctem/parallel.h>
#include <lctem/segment.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 8, MORE_ROUNDS = 2, FULL_ROUNDS = 3, BINS = 2048 };
static const double SHELL_SHARE = 0.04; /* of the core's inside: less is no shell */
static const double SHELL_STEP =
    3.0; /* noise sds between neighbouring levels: with less, a pixel's class may be chance */
static const double SPLIT_SHARE =
    0.8; /* of the noise's variance, between the two classes: a class that is one has 2 / pi */
static const double MATTER_BLURS = 2.0; /* how far inside a particle its grey is free of the liquid's */
static const double CORELESS_SHARE =
    0.25; /* of the shell: more matter of its level lying about without a core, and it is no shell */
static const double STEP_SHARE =
    0.4; /* of the step to the next level: what is farther from the middle is something else */
static const double INSIDE_BLURS = 1.6;  /* how far from an edge a pixel is free of it, in blurs */
static const double PIECE_SHARE = 0.15;  /* of the largest piece: smaller ones do not vote on the levels */
static const double HISTOGRAM_TOP = 2.0; /* normalised grey; liquid is 1 */

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

/* Mean of what lies within `reach` of the median: particles of another thickness do not pull. */
static double middle_mean(const struct histogram *h, double reach)
{
    const double median = quantile(h, 0, BINS, 0.5);
    return mean(h, bin_of((float)(median - reach)), bin_of((float)(median + reach)) + 1);
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

/* What the planes show of something: sums of whole numbers and largest values, so that it does not matter who adds up which plane. */
struct counts {
    struct histogram of[2]; /* core and shell; or all together in the first */
    double largest_core_px, coreless_px, shell_px;
};

/* All that looks at planes: each thread counts for itself. */
struct look {
    const struct lct_planes *planes;
    const struct lct_segment_params *params;
    struct lct_levels levels;   /* as they are now */
    struct lct_mask_work *work; /* threads */
    struct counts *counts;      /* threads */
};

static void look_finish(struct look *look)
{
    for (int i = 0; look->work && i < look->planes->threads; i++)
        lct_mask_work_finish(&look->work[i]);
    free(look->work);
    free(look->counts);
}

static enum lct_status look_init(struct look *look, struct lct_err *err)
{
    const struct lct_image *first = &look->planes->plane[0];
    const size_t threads = (size_t)look->planes->threads;
    look->work = calloc(threads, sizeof *look->work);
    look->counts = calloc(threads, sizeof *look->counts);
    enum lct_status status = look->work && look->counts ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "levels: no memory");
    for (size_t i = 0; status == LCT_OK && i < threads; i++)
        status = lct_mask_work_init(&look->work[i], first->width, first->height, err);
    return status;
}

/* Have `add` count planes 0 .. n-1; the sums over all of them are then in look->counts[0]. */
static enum lct_status count(struct look *look, int n, lct_parallel_fn *add, struct lct_err *err)
{
    const int threads = look->planes->threads;
    struct counts *all = look->counts;
    memset(all, 0, (size_t)threads * sizeof *all);
    const enum lct_status status = lct_parallel_for(threads, (size_t)n, add, look, err);
    for (int i = 1; i < threads; i++) {
        for (int k = 0; k < 2; k++)
            for (int b = 0; b < BINS; b++)
                all->of[k].count[b] += all[i].of[k].count[b];
        all->largest_core_px = fmax(all->largest_core_px, all[i].largest_core_px);
        all->coreless_px += all[i].coreless_px;
        all->shell_px += all[i].shell_px;
    }
    return status;
}

static void add_pixels(struct histogram *h, const struct lct_image *plane, const uint64_t *mask)
{
    const size_t words = lct_mask_words(plane->width);
    for (int y = 0; y < plane->height; y++) {
        const float *row = plane->px + (size_t)y * (size_t)plane->width;
        for (int x = 0, end; lct_mask_next_run(mask + (size_t)y * words, plane->width, &x, &end); x = end)
            for (int i = x; i < end; i++)
                h->count[bin_of(row[i])] += 1.0;
    }
}

/* What lies well inside core and shell, without particles that are small against the largest of the plane: clutter may have levels of
 * its own. And the area of the largest core. */
static enum lct_status add_insides(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    const struct look *look = context;
    struct counts *counts = &look->counts[worker];
    struct lct_mask_work *work = &look->work[worker];
    const struct lct_image *plane = &look->planes->plane[k];
    const size_t n = lct_mask_words(work->width) * (size_t)work->height;
    uint64_t *const phase[] = { work->bits[0], work->bits[1] }, *const large = work->bits[2],
                    *const core = work->bits[3];
    lct_segment_bits(plane, &look->levels, look->params, work, phase[0], phase[1]);
    for (size_t i = 0; i < n; i++)
        large[i] = phase[0][i] | phase[1][i];
    lct_mask_keep_large(work, large, PIECE_SHARE);
    for (size_t i = 0; i < n; i++)
        core[i] = phase[0][i] & large[i];
    for (int p = 0; p < 2; p++) {
        for (size_t i = 0; i < n; i++)
            phase[p][i] &= large[i];
        lct_mask_erode(work, phase[p], INSIDE_BLURS * look->levels.blur_px, phase[p]);
        add_pixels(&counts->of[p], plane, phase[p]);
    }
    counts->largest_core_px = fmax(counts->largest_core_px, lct_mask_keep_large(work, core, 0.0));
    return LCT_OK;
}

/* One round: segment the first n planes with the present levels, measure the insides. */
static enum lct_status refine(struct look *look, int n, enum lct_phases phases, struct lct_err *err)
{
    const enum lct_status status = count(look, n, add_insides, err);
    if (status != LCT_OK)
        return status;
    struct lct_levels *l = &look->levels;
    const struct histogram *h = look->counts->of;
    l->largest_core_px = look->counts->largest_core_px;
    const double step = l->has_shell ? l->shell - l->core : 1.0 - l->core,
                 reach = fmax(STEP_SHARE * step, 3.0 * l->noise_sd);
    const double n_core = total(&h[0], 0, BINS), n_shell = total(&h[1], 0, BINS);
    if (n_core > 0.0) {
        l->core = middle_mean(&h[0], reach);
        l->core_sd = l->noise_sd / sqrt(fmax(1.0, n_core / (n * 4.0 * M_PI * l->blur_px * l->blur_px)));
    }
    if (l->has_shell && n_shell > 0.0) {
        l->shell = middle_mean(&h[1], reach);
        l->shell_sd = l->noise_sd / sqrt(fmax(1.0, n_shell / (n * 4.0 * M_PI * l->blur_px * l->blur_px)));
    }
    if (phases == LCT_PHASES_AUTO && n_shell < SHELL_SHARE * n_core)
        l->has_shell = false;
    if (!l->has_shell) {
        l->shell = l->core;
        l->shell_sd = l->core_sd;
    }
    return LCT_OK;
}

static double count_set(const struct lct_mask_work *work, const uint64_t *mask)
{
    double sum = 0.0;
    for (size_t i = 0; i < lct_mask_words(work->width) * (size_t)work->height; i++)
        sum += __builtin_popcountll(mask[i]);
    return sum;
}

/* The smaller step drowns: what noise alone makes of liquid and core looks like shell here and there. */
static bool noise_reaches_shell(const struct lct_levels *l)
{
    return fmin(1.0 - l->shell, l->shell - l->core) < SHELL_STEP * l->noise_sd;
}

/* Pixels of the shell's level in pieces without any core, less those as far above the liquid where noise makes both, and pixels of shell,
 * in one plane. */
static enum lct_status add_coreless(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    const struct look *look = context;
    struct lct_mask_work *work = &look->work[worker];
    const struct lct_image *plane = &look->planes->plane[k];
    const double least_px = look->params->min_core_px;
    uint64_t *const core = work->bits[0], *const dark = work->bits[1];
    lct_segment_bits(plane, &look->levels, look->params, work, core, dark);
    look->counts[worker].shell_px += count_set(work, dark);
    const float edge = (float)lct_levels_edge(&look->levels, LCT_SHELL, LCT_LIQUID);
    lct_mask_below(work, plane, edge, dark);
    lct_mask_keep(work, dark, NULL, least_px);
    double pixels = count_set(work, dark);
    lct_mask_keep(work, dark, core, least_px);
    pixels -= count_set(work, dark);
    lct_mask_below(work, plane, 2.0f - edge, core);
    lct_mask_invert(work, core, core);
    lct_mask_keep(work, core, NULL, least_px);
    look->counts[worker].coreless_px += fmax(0.0, pixels - count_set(work, core));
    return LCT_OK;
}

/* Core and shell of the large particles of one plane, edges between the two not left out: as a cut in one class would have it. */
static enum lct_status add_matter(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    const struct look *look = context;
    struct lct_mask_work *work = &look->work[worker];
    const struct lct_image *plane = &look->planes->plane[k];
    const size_t n = lct_mask_words(work->width) * (size_t)work->height;
    uint64_t *const phase[] = { work->bits[0], work->bits[1] }, *const matter = work->bits[2];
    lct_segment_bits(plane, &look->levels, look->params, work, phase[0], phase[1]);
    for (size_t i = 0; i < n; i++)
        matter[i] = phase[0][i] | phase[1][i];
    lct_mask_keep_large(work, matter, PIECE_SHARE);
    lct_mask_erode(work, matter, MATTER_BLURS * look->levels.blur_px, matter);
    for (int p = 0; p < 2; p++) {
        for (size_t i = 0; i < n; i++)
            phase[p][i] &= matter[i];
        add_pixels(&look->counts[worker].of[p], plane, phase[p]);
    }
    return LCT_OK;
}

/* Variance of the grey inside the particles that lies between core and shell. */
static enum lct_status split_variance(struct look *look, double *variance, struct lct_err *err)
{
    const enum lct_status status = count(look, look->planes->n, add_matter, err);
    const struct histogram *h = look->counts->of;
    const double n_core = total(&h[0], 0, BINS), n_shell = total(&h[1], 0, BINS), both = n_core + n_shell;
    const double step = n_core > 0.0 && n_shell > 0.0 ? mean(&h[1], 0, BINS) - mean(&h[0], 0, BINS) : 0.0;
    *variance = both > 0.0 ? n_core / both * n_shell / both * step * step : 0.0;
    return status;
}

/* A shell goes round cores. Where particles differ in thickness, or the liquid is cloudy, there is a middle class as well, but it is
 * found without cores too; and in noise two classes are seen within any one: halves of one bell, with at most 2 / pi of its
 * variance between them. In a still there is no telling plates of many heights from that (one of 20 images of sintering ones has
 * 0.96): there the step alone decides. */
static enum lct_status judge_shell(struct look *look, bool *real, struct lct_err *err)
{
    const double noise_sd = look->levels.noise_sd;
    *real = false;
    if (noise_reaches_shell(&look->levels)) {
        double variance = 0.0;
        const enum lct_status status = look->planes->n > 1 ? split_variance(look, &variance, err) : LCT_OK;
        if (status != LCT_OK || variance < SPLIT_SHARE * noise_sd * noise_sd)
            return status;
    }
    const enum lct_status status = count(look, look->planes->n, add_coreless, err);
    *real = look->counts->coreless_px <= CORELESS_SHARE * look->counts->shell_px;
    return status;
}

static double dark_edge(const struct lct_levels *l)
{
    return 1.0 - 3.0 * l->noise_sd;
}

static enum lct_status add_dark(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    const struct look *look = context;
    struct lct_mask_work *work = &look->work[worker];
    const struct lct_image *plane = &look->planes->plane[k];
    lct_mask_below(work, plane, (float)dark_edge(&look->levels), work->bits[0]);
    lct_mask_keep_large(work, work->bits[0], PIECE_SHARE);
    add_pixels(&look->counts[worker].of[0], plane, work->bits[0]);
    return LCT_OK;
}

/* First guess: liquid against dark by the liquid's own noise, then two classes within the dark. */
static enum lct_status guess(struct look *look, struct lct_err *err)
{
    const enum lct_status status = count(look, look->planes->n, add_dark, err);
    if (status != LCT_OK)
        return status;
    struct lct_levels *l = &look->levels;
    const struct histogram *h = &look->counts->of[0];
    const int end = bin_of((float)dark_edge(l)) + 1;
    const bool found = total(h, 0, end) > 0.0;
    if (found) {
        const int split = otsu_split(h, 0, end);
        l->core = mean(h, 0, split);
        l->shell = mean(h, split, end);
    }
    return found && l->core < l->shell ? LCT_OK : lct_fail(err, LCT_E_NODATA, "no particle stands out from the liquid");
}

static enum lct_status add_all(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    const struct look *look = context;
    const struct lct_image *plane = &look->planes->plane[k];
    double *n = look->counts[worker].of[0].count;
    for (size_t i = 0; i < lct_image_count(plane); i++)
        n[bin_of(plane->px[i])] += 1.0;
    return LCT_OK;
}

static enum lct_status find_noise(struct look *look, struct lct_err *err)
{
    const enum lct_status status = count(look, look->planes->n, add_all, err);
    look->levels.noise_sd = fmax(liquid_noise(&look->counts->of[0]), 1e-4);
    return status;
}

/* A shell that turns out to be none is taken for core. */
static enum lct_status doubt_shell(struct look *look, int rounds, struct lct_err *err)
{
    bool real;
    enum lct_status status = judge_shell(look, &real, err);
    if (status != LCT_OK || real)
        return status;
    look->levels.has_shell = false;
    for (int round = 0; status == LCT_OK && round < rounds; round++)
        status = refine(look, look->planes->n, LCT_PHASES_CORE, err);
    return status;
}

/* What both calls below share: from a first guess, or from the levels given. */
static enum lct_status settle(struct look *look, bool from_scratch, enum lct_phases phases, struct lct_err *err)
{
    struct lct_levels *l = &look->levels;
    const int n = look->planes->n;
    enum lct_status status = find_noise(look, err);
    if (status == LCT_OK && from_scratch)
        status = guess(look, err);
    if (status == LCT_OK && !l->has_shell)
        l->shell = l->core;
    const int rounds = from_scratch ? ROUNDS : MORE_ROUNDS;
    const int few = (n + 2) / 3; /* while the levels still move, the planes of the movie's first third tell where to */
    for (int round = 0; status == LCT_OK && round < rounds; round++)
        status = refine(look, from_scratch && round < rounds - FULL_ROUNDS ? few : n,
            from_scratch && round < 2 ? LCT_PHASES_CORE_SHELL : phases, err);
    if (status == LCT_OK && phases == LCT_PHASES_AUTO && from_scratch && l->has_shell)
        status = doubt_shell(look, rounds, err);
    if (status == LCT_OK && l->largest_core_px <= 0.0)
        status = lct_fail(err, LCT_E_NODATA, "no particle is large enough to measure");
    return status;
}

static enum lct_status find(struct lct_levels *levels, const struct lct_planes *planes, bool from_scratch,
    enum lct_phases phases, const struct lct_segment_params *params, struct lct_err *err)
{
    struct look look = { .planes = planes, .params = params, .levels = *levels };
    enum lct_status status = look_init(&look, err);
    if (status == LCT_OK)
        status = settle(&look, from_scratch, phases, err);
    if (status == LCT_OK)
        *levels = look.levels;
    look_finish(&look);
    return status;
}

enum lct_status lct_levels_find(struct lct_levels *out, const struct lct_planes *planes, double blur_px,
    enum lct_phases phases, const struct lct_segment_params *params, struct lct_err *err)
{
    struct lct_levels l = { .blur_px = blur_px, .has_shell = phases != LCT_PHASES_CORE };
    const enum lct_status status = find(&l, planes, true, phases, params, err);
    if (status == LCT_OK)
        *out = l;
    return status;
}

enum lct_status lct_levels_refine(struct lct_levels *levels, const struct lct_planes *planes, enum lct_phases phases,
    const struct lct_segment_params *params, struct lct_err *err)
{
    return find(levels, planes, false, phases, params, err);
}
