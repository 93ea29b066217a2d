#include "preview_views.h"

#include <lctem/spectrum.h>

#include <math.h>
#include <string.h>

enum { SPECTRUM_SIDE = 512, LEAST_SIDE = 64 };

/* Is pixel i of the plane burnt in, or of a pillar box? Those are filled up with liquid as still as no liquid is. */
static bool is_filled(const struct plan *plan, const struct result *result, size_t i)
{
    const size_t x = i % (size_t)result->plane.width, y = i / (size_t)result->plane.width, bin = (size_t)plan->bin;
    return plan->ignore && plan->ignore[y * bin * (size_t)plan->grid.width + x * bin];
}

/* Scatter of the pixels of a phase about its level: that of the quietest one, for edges scatter too. */
static double scatter(const struct plan *plan, const struct result *result)
{
    const struct lct_levels *l = &plan->levels;
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_SHELL] = l->shell, [LCT_CORE] = l->core };
    double sum[3] = { 0 }, n[3] = { 0 }, least = HUGE_VAL;
    for (size_t i = 0; i < lct_image_count(&result->plane); i++) {
        const uint8_t phase = result->phase[i];
        if (phase > LCT_SHELL || !isfinite(result->plane.px[i]) || is_filled(plan, result, i))
            continue;
        sum[phase] += pow((double)result->plane.px[i] - level[phase], 2.0);
        n[phase] += 1.0;
    }
    for (int p = 0; p < 3; p++)
        least = n[p] > 0.0 ? fmin(least, sqrt(sum[p] / n[p])) : least;
    return fmax(isfinite(least) ? least : l->noise_sd, 1e-6);
}

static void count_greys(struct lct_preview_levels *out, const struct plan *plan, const struct result *result)
{
    const struct lct_image *plane = &result->plane;
    const struct lct_levels *l = &plan->levels;
    const double room = 0.3 * (1.0 - l->core) + 2.0 * l->noise_sd;
    *out = (struct lct_preview_levels){ .shell = l->shell,
        .core = l->core,
        .noise_sd = scatter(plan, result),
        .has_shell = l->has_shell,
        .low = l->core - room,
        .high = 1.0 + room };
    const double scale = LCT_PREVIEW_BINS / (out->high - out->low);
    for (size_t i = 0; i < lct_image_count(plane); i++) {
        const double at = floor(((double)plane->px[i] - out->low) * scale);
        if (at >= 0.0 && at < LCT_PREVIEW_BINS && !is_filled(plan, result, i))
            out->histogram[(int)at] += 1.0;
    }
}

static const struct area_row *largest(const struct result *result)
{
    const struct area_row *best = NULL;
    for (size_t i = 0; i < result->n_particles; i++)
        if (!best || result->rows[i].core_px2 > best->core_px2)
            best = &result->rows[i];
    return best;
}

static int clamp(double at, int room)
{
    return at < 0.0 ? 0 : at > room ? room : (int)at;
}

/* A square around the largest particle, for its lattices; around the middle if there is none. */
static enum lct_status cut_square(
    struct lct_image *out, const struct result *result, const struct lct_image *frame, int side, struct lct_err *err)
{
    const struct area_row *p = largest(result);
    const int x0 = clamp((p ? p->cx_px : 0.5 * frame->width) - 0.5 * side, frame->width - side);
    const int y0 = clamp((p ? p->cy_px : 0.5 * frame->height) - 0.5 * side, frame->height - side);
    const enum lct_status status = lct_image_init(out, side, side, err);
    for (int y = 0; status == LCT_OK && y < side; y++)
        memcpy(out->px + (size_t)y * (size_t)side, frame->px + (size_t)(y0 + y) * (size_t)frame->width + x0,
            (size_t)side * sizeof *out->px);
    return status;
}

static enum lct_status make_power(
    struct lct_image *out, const struct result *result, const struct lct_image *frame, struct lct_err *err)
{
    int side = frame->width < frame->height ? frame->width : frame->height;
    side = side < SPECTRUM_SIDE ? side : SPECTRUM_SIDE;
    if (side < LEAST_SIDE)
        return LCT_OK;
    struct lct_image square = { 0 };
    struct lct_spectrum *spectrum = NULL;
    enum lct_status status = cut_square(&square, result, frame, side, err);
    if (status == LCT_OK)
        status = lct_spectrum_create(&spectrum, side, side, err);
    if (status == LCT_OK)
        status = lct_spectrum_load(spectrum, &square, err);
    if (status == LCT_OK)
        status = lct_spectrum_image(spectrum, out, err);
    lct_spectrum_destroy(&spectrum);
    lct_image_finish(&square);
    return status == LCT_E_NODATA ? LCT_OK : status; /* a frame without contrast has no spectrum */
}

enum lct_status preview_views_make(struct preview_views *out, const struct plan *plan, const struct result *result,
    const struct lct_image *frame, struct lct_err *err)
{
    struct preview_views views = { 0 };
    if (!plan->no_particle)
        count_greys(&views.levels, plan, result);
    const enum lct_status status = make_power(&views.power, result, frame, err);
    if (status != LCT_OK) {
        preview_views_finish(&views);
        return status;
    }
    *out = views;
    return LCT_OK;
}

void preview_views_finish(struct preview_views *views)
{
    lct_image_finish(&views->power);
    *views = (struct preview_views){ 0 };
}
