#include <lctem/segment.h>

#include <lctem/clones.h>

#include <math.h>
#include <string.h>

static const double RIM_MARGIN = 1.45; /* of the false rim's width: what still counts as one */
static const double SEAM_NOISE = 0.07; /* of the core's depth: with more noise, seams between specks would be seen everywhere */
static const double CORE_HOLE_SHARE = 0.03; /* of the largest core: larger holes are no spots */
static const double SPECK_SHARE = 0.03;     /* of the largest core in the same particle: less is grain in its shell */
static const double GAP_BLURS = 4.0;   /* a channel between two cores that is narrower, in blurs, never reaches the liquid's level */

double lct_levels_edge(const struct lct_levels *levels, enum lct_phase a, enum lct_phase b)
{
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    const enum lct_edge_kind kind = a != LCT_CORE && b != LCT_CORE ? LCT_EDGE_SHELL_LIQUID
        : a != LCT_LIQUID && b != LCT_LIQUID                       ? LCT_EDGE_CORE_SHELL
                                                                    : LCT_EDGE_CORE_LIQUID;
    return 0.5 * (level[a] + level[b]) + levels->edge_shift[kind];
}

/* Inverse of the normal distribution function by bisection: exactness is cheap here, it is called once per movie. */
static double normal_quantile(double p)
{
    double lo = -8.0, hi = 8.0;
    for (int i = 0; i < 60; i++) {
        const double mid = 0.5 * (lo + hi);
        if (0.5 * erfc(-mid / sqrt(2.0)) < p)
            lo = mid;
        else
            hi = mid;
    }
    return 0.5 * (lo + hi);
}

double lct_levels_false_rim_px(const struct lct_levels *levels)
{
    if (!levels->has_shell)
        return 0.0;
    const double span = 1.0 - levels->core;
    const double inner = (lct_levels_edge(levels, LCT_CORE, LCT_SHELL) - levels->core) / span;
    const double outer = (lct_levels_edge(levels, LCT_SHELL, LCT_LIQUID) - levels->core) / span;
    return levels->blur_px * (normal_quantile(outer) - normal_quantile(inner));
}

LCT_CLONES static void below(const struct lct_image *plane, double level, uint8_t *mask)
{
    const size_t n = lct_image_count(plane);
    const float edge = (float)level;
    for (size_t i = 0; i < n; i++)
        mask[i] = plane->px[i] < edge;
}

/* A hole in a core is a cavity where it reaches the liquid; paler spots inside are film, fringes and noise. */
LCT_CLONES static void fill_core(const struct lct_image *plane, const struct lct_levels *levels, struct lct_mask_work *work, uint8_t *core,
    uint8_t *filled)
{
    const size_t n = lct_image_count(plane);
    const float cavity = (float)lct_levels_edge(levels, LCT_CORE, LCT_LIQUID);
    memcpy(filled, core, n);
    lct_mask_fill_holes(work, filled, CORE_HOLE_SHARE * levels->largest_core_px);
    for (size_t i = 0; i < n; i++)
        core[i] |= filled[i] && plane->px[i] < cavity;
}

/* A rim beside a core that an opening by half the false rim's width removes is a blurred bare edge. */
LCT_CLONES static void settle_false_rim(const struct lct_image *plane, const struct lct_levels *levels, struct lct_mask_work *work,
    uint8_t *phase, uint8_t *rim)
{
    const size_t n = lct_image_count(plane);
    const double width = RIM_MARGIN * lct_levels_false_rim_px(levels);
    const float bare = (float)lct_levels_edge(levels, LCT_CORE, LCT_LIQUID);
    for (size_t i = 0; i < n; i++)
        rim[i] = phase[i] == LCT_SHELL;
    lct_mask_open(work, rim, 0.5 * width, rim);
    for (size_t i = 0; i < n; i++)
        work->plane[i] = phase[i] == LCT_CORE;
    lct_mask_dilate(work, work->plane, width + 1.0, work->plane);
    for (size_t i = 0; i < n; i++)
        if (phase[i] == LCT_SHELL && !rim[i] && work->plane[i])
            phase[i] = plane->px[i] < bare ? LCT_CORE : LCT_LIQUID;
}

/* The grey in a narrow gap between two cores passes through the shell's level as well. */
LCT_CLONES static void settle_false_seam(const struct lct_image *plane, const struct lct_levels *levels, struct lct_mask_work *work,
    uint8_t *phase, uint8_t *open)
{
    const size_t n = lct_image_count(plane);
    const float bare = (float)lct_levels_edge(levels, LCT_CORE, LCT_LIQUID);
    for (size_t i = 0; i < n; i++)
        open[i] = phase[i] != LCT_CORE;
    lct_mask_open(work, open, 0.5 * GAP_BLURS * levels->blur_px, open);
    for (size_t i = 0; i < n; i++)
        if (phase[i] == LCT_SHELL && !open[i])
            phase[i] = plane->px[i] < bare ? LCT_CORE : LCT_LIQUID;
}

LCT_CLONES int lct_segment_frame(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint8_t *phase)
{
    const size_t n = lct_image_count(plane);
    uint8_t *core = phase, *particle = work->spare; /* the phases are written last */
    below(plane, lct_levels_edge(levels, LCT_CORE, levels->has_shell ? LCT_SHELL : LCT_LIQUID), core);
    if (params->despeckle_px > 0.0)
        lct_mask_open(work, core, params->despeckle_px, core);
    const int cores = lct_mask_keep(work, core, NULL, params->min_core_px);
    lct_mask_fill_holes(work, core, params->hole_px);
    fill_core(plane, levels, work, core, particle);
    if (levels->has_shell) {
        below(plane, lct_levels_edge(levels, LCT_SHELL, LCT_LIQUID), particle);
        if (params->despeckle_px > 0.0)
            lct_mask_open(work, particle, params->despeckle_px, particle);
        for (size_t i = 0; i < n; i++)
            particle[i] |= core[i];
        lct_mask_keep(work, particle, core, params->min_core_px);
        lct_mask_fill_holes(work, particle, params->hole_px);
        lct_mask_drop_specks(work, core, particle, SPECK_SHARE);
    } else {
        memcpy(particle, core, n);
    }
    for (size_t i = 0; i < n; i++)
        phase[i] = core[i] ? LCT_CORE : particle[i] ? LCT_SHELL : LCT_LIQUID;
    if (levels->has_shell) {
        settle_false_rim(plane, levels, work, phase, particle);
        if (levels->noise_sd < SEAM_NOISE * (1.0 - levels->core))
            settle_false_seam(plane, levels, work, phase, particle);
    }
    return cores;
}
