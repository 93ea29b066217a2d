#include <lctem/own_level.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double INSIDE_BLURS = 1.6; /* how far from an edge a pixel is free of it, in blurs */
static const double LEVEL_SHARE = 0.2;  /* of the core's depth: what is farther from the level is something else */
static const double PRIOR_CELLS = 4.0;  /* of the blur, that have the common level */
static const double MOST_SHARE = 0.25;  /* of the step to the next level: farther off, it is another phase */
enum { NAMES = LCT_OWN_CORES + 1, STRIDE = 2 };

struct sums {
    double grey[NAMES], n[NAMES];
};

static double cell_px(double blur_px)
{
    return 4.0 * M_PI * blur_px * blur_px;
}

/* What a particle is looked at with. */
struct look {
    const struct lct_image *plane;
    const uint16_t *labels;
    struct lct_extent box;
    double blur_px;
};

/* The name that most of a piece had in the plane before; else a new one. */
static uint8_t name_of(struct lct_own_levels *own, const struct lct_mask_work *work, const struct lct_piece *piece,
    int label, const uint8_t *before)
{
    long votes[NAMES] = { 0 };
    for (int y = piece->y0; before && y <= piece->y1; y++)
        for (int x = piece->x0; x <= piece->x1; x++) {
            const size_t i = (size_t)y * (size_t)work->width + (size_t)x;
            votes[before[i]] += work->label[i] == label;
        }
    uint8_t best = 0;
    for (uint8_t k = 1; k < NAMES; k++)
        if (votes[k] > votes[best] || (best == 0 && votes[k] > 0))
            best = k;
    if (best == 0 && own->n < LCT_OWN_CORES)
        best = (uint8_t)++own->n;
    return best;
}

/* Name the cores of plane k and add what lies well inside them. */
static void add_plane(struct lct_own_levels *own, struct sums *sums, const struct lct_image *plane, int k,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_mask_work *work)
{
    uint64_t *const core = work->bits[0], *const shell = work->bits[1];
    struct lct_piece pieces[LCT_OWN_CORES];
    uint8_t names[NAMES] = { 0 };
    uint8_t *name = own->name + own->pixels * (size_t)k;
    lct_segment_bits(plane, levels, params, work, core, shell);
    const int n = lct_mask_label(work, core, pieces, LCT_OWN_CORES);
    for (int j = 0; j < n; j++)
        names[j + 1] = name_of(own, work, &pieces[j], j + 1, k > 0 ? name - own->pixels : NULL);
    for (size_t i = 0; i < own->pixels; i++)
        name[i] = names[work->label[i]];
    lct_mask_erode(work, core, INSIDE_BLURS * levels->blur_px, core);
    const double reach = LEVEL_SHARE * (1.0 - levels->core);
    for (int y = 0; y < plane->height; y++)
        for (int x = 0, end; lct_mask_next_run(core + (size_t)y * lct_mask_words(plane->width), plane->width, &x, &end);
             x = end)
            for (size_t i = (size_t)y * (size_t)plane->width + (size_t)x, to = i + (size_t)(end - x); i < to; i++) {
                const double off = (double)plane->px[i] - levels->core;
                if (fabs(off) > reach)
                    continue;
                sums->grey[name[i]] += off;
                sums->n[name[i]] += 1.0;
            }
}

enum lct_status lct_own_levels_find(struct lct_own_levels *out, const struct lct_planes *planes,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_err *err)
{
    const struct lct_image *first = &planes->plane[0];
    const int n = planes->n;
    struct lct_own_levels own = { .pixels = lct_image_count(first) };
    struct lct_mask_work work = { 0 };
    struct sums sums = { { 0 }, { 0 } };
    enum lct_status status = lct_mask_work_init(&work, first->width, first->height, err);
    own.name = calloc((size_t)n, own.pixels);
    if (status == LCT_OK && !own.name)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the cores of %d planes", n);
    for (int k = 0; status == LCT_OK && k < n; k++)
        add_plane(&own, &sums, &planes->plane[k], k, levels, params, &work);
    lct_mask_work_finish(&work);
    if (status != LCT_OK) {
        lct_own_levels_finish(&own);
        return status;
    }
    own.share[0] = 1.0;
    for (int k = 1; k <= own.n; k++)
        own.share[k] = 1.0 + sums.grey[k] / (sums.n[k] + n * PRIOR_CELLS * cell_px(levels->blur_px)) / levels->core;
    *out = own;
    return LCT_OK;
}

void lct_own_levels_finish(struct lct_own_levels *own)
{
    free(own->name);
    *own = (struct lct_own_levels){ 0 };
}

/* Mean of what lies well inside one label over the level of its phase; drawn towards 0 where little is seen. */
static double mean_off(const struct look *at, uint16_t label, double level)
{
    const int w = at->plane->width, far = (int)ceil(INSIDE_BLURS * at->blur_px);
    const ptrdiff_t rows = (ptrdiff_t)far * w;
    double sum = 0.0, n = 0.0;
    for (int y = at->box.y0 + far; y <= at->box.y1 - far; y += STRIDE)
        for (int x = at->box.x0 + far; x <= at->box.x1 - far; x += STRIDE) {
            const uint16_t *l = at->labels + (size_t)y * (size_t)w + (size_t)x;
            if (l[0] != label || l[far] != label || l[-far] != label || l[rows] != label || l[-rows] != label)
                continue;
            sum += (double)at->plane->px[(size_t)y * (size_t)w + (size_t)x] - level;
            n += 1.0;
        }
    return sum / (n + PRIOR_CELLS * cell_px(at->blur_px) / (STRIDE * STRIDE));
}

struct lct_levels lct_levels_of_particle(const struct lct_levels *levels, const struct lct_image *plane,
    const uint16_t *labels, int particle, struct lct_extent box)
{
    const struct look at = { plane, labels, box, levels->blur_px };
    const double most = MOST_SHARE * ((levels->has_shell ? levels->shell : 1.0) - levels->core);
    struct lct_levels own = *levels;
    own.core += fmax(-most, fmin(most, mean_off(&at, (uint16_t)(2 * particle - 1), levels->core)));
    own.shell = own.core;
    if (levels->has_shell)
        own.shell = levels->shell + fmax(-most, fmin(most, mean_off(&at, (uint16_t)(2 * particle), levels->shell)));
    return own;
}
