#include "lattices.h"

#include <lctem/fft.h>
#include <lctem/mask.h>
#include <lctem/moire_run.h>
#include <lctem/outline.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SIDE = 32 };
static const double EDGE_NM = 0.4;  /* the soft edge of a core, kept out */
static const double FADE_NM = 1.2;  /* over which the weights rise: two Moire periods, so that the outline makes no waves */
static const double LEAST_CORE = 4.0; /* widths of the fading in the diameter of a core that can be measured */

struct lattices_work {
    struct lct_spectrum *spectrum;
    struct lct_mask_work mask;
    uint8_t *outside; /* side * side */
    float *weights;
};

enum lct_status lattices_plan_make(struct lattices_plan *out, const struct plan *plan, struct lct_scale scale,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lattices_plan p = { 0 };
    const enum lct_status status = lct_moire_params_make(&p.params, recipe, err);
    if (status != LCT_OK)
        return status;
    p.params.peaks.max_waves = 24;
    p.params.peaks.min_cycles = 4.0; /* what is coarser is the core's own shading */
    if (isfinite(scale.nm_per_px) && !plan->no_particle) {
        p.metric = lct_metric_pixels(scale.nm_per_px, scale.nm_per_px_y);
        /* a hexagon of that area, corner to corner, and room to grow */
        const double across = 1.25 * 1.2 * sqrt(plan->levels.largest_core_px) * plan->bin;
        const int least = plan->grid.width < plan->grid.height ? plan->grid.width : plan->grid.height;
        p.side_px = across < least ? lct_fft_good_size((int)across) : least;
        p.side_px = p.side_px > least ? least : p.side_px;
        p.side_px = p.side_px < LEAST_SIDE ? 0 : p.side_px;
    }
    *out = p;
    return LCT_OK;
}

void lattices_work_destroy(struct lattices_work **work)
{
    if (!*work)
        return;
    lct_spectrum_destroy(&(*work)->spectrum);
    lct_mask_work_finish(&(*work)->mask);
    free((*work)->outside);
    free((*work)->weights);
    free(*work);
    *work = NULL;
}

enum lct_status lattices_work_create(struct lattices_work **out, const struct lattices_plan *plan, struct lct_err *err)
{
    *out = NULL;
    if (plan->side_px == 0)
        return LCT_OK;
    const size_t n = (size_t)plan->side_px * (size_t)plan->side_px;
    struct lattices_work *w = calloc(1, sizeof *w);
    if (!w)
        return lct_fail(err, LCT_E_LIMIT, "lattices: no memory");
    w->outside = malloc(n);
    w->weights = malloc(n * sizeof *w->weights);
    enum lct_status status = w->outside && w->weights ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "lattices: no memory");
    if (status == LCT_OK)
        status = lct_mask_work_init(&w->mask, plan->side_px, plan->side_px, err);
    if (status == LCT_OK)
        status = lct_spectrum_create(&w->spectrum, plan->side_px, plan->side_px, err);
    if (status != LCT_OK)
        lattices_work_destroy(&w);
    *out = w;
    return status;
}

/* Pixels of the core: their number and the middle of their bounding box. */
static long find_core(const struct lct_image *frame, const uint16_t *page, uint16_t label, int middle[2])
{
    int x0 = frame->width, x1 = -1, y0 = frame->height, y1 = -1;
    long n = 0;
    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++)
            if (page[(size_t)y * (size_t)frame->width + (size_t)x] == label) {
                x0 = x < x0 ? x : x0;
                x1 = x > x1 ? x : x1;
                y0 = y < y0 ? y : y0;
                y1 = y;
                n++;
            }
    middle[0] = (x0 + x1) / 2;
    middle[1] = (y0 + y1) / 2;
    return n;
}

static int corner(int middle, int side, int most)
{
    const int low = middle - side / 2;
    return low < 0 ? 0 : low > most - side ? most - side : low;
}

/* Zero up to the soft edge, then a cosine rise to one. The border of the cut counts as an edge. */
static void make_weights(struct lattices_work *w, int side, double nm_per_px)
{
    const double unit_nm = nm_per_px / LCT_CHAMFER_PX;
    lct_mask_distance(&w->mask, w->outside);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const size_t i = (size_t)y * (size_t)side + (size_t)x;
            const int border = (x < y ? x : y) < side - 1 - (x > y ? x : y) ? (x < y ? x : y) : side - 1 - (x > y ? x : y);
            const double depth_nm = fmin((double)w->mask.distance[i] * unit_nm - EDGE_NM, (border + 0.5) * nm_per_px);
            const double t = depth_nm / FADE_NM;
            w->weights[i] = t <= 0 ? 0.0F : t >= 1 ? 1.0F : (float)(0.5 - 0.5 * cos(M_PI * t));
        }
}

enum lct_status lattices_measure(const struct lattices_plan *plan, struct lattices_work *work, const struct lct_image *frame,
    const uint16_t *page, int particle, struct lct_moire *out, struct lct_err *err)
{
    const uint16_t label = (uint16_t)(2 * particle - 1);
    const double nm_per_px = 1.0 / hypot(plan->metric.m[0], plan->metric.m[2]);
    const int side = plan->side_px;
    int middle[2];
    const long n = find_core(frame, page, label, middle);
    memset(out, 0, sizeof *out);
    lct_moire_conclude(out, NULL, &plan->params);
    if (2.0 * sqrt((double)n / M_PI) * nm_per_px < LEAST_CORE * FADE_NM)
        return LCT_OK;
    const struct lct_spectrum_region region = { .x0 = corner(middle[0], side, frame->width),
        .y0 = corner(middle[1], side, frame->height), .width = side, .height = side, .weights = work->weights };
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            work->outside[(size_t)y * (size_t)side + (size_t)x]
                = page[(size_t)(y + region.y0) * (size_t)frame->width + (size_t)(x + region.x0)] != label;
    make_weights(work, side, nm_per_px);
    struct lct_err why = { 0 };
    const enum lct_status status = lct_spectrum_load_region(work->spectrum, frame, &region, &why);
    if (status == LCT_E_NODATA)
        return LCT_OK;
    if (status != LCT_OK)
        return lct_fail(err, status, "%s", why.text);
    lct_moire_measure(work->spectrum, &plan->metric, &plan->params, out);
    return LCT_OK;
}
