#include <lctem/segment.h>

#include "bare_edge_find.h"
#include "segment_by_level.h"

#include <lctem/clones.h>
#include <lctem/stats.h>

#include <math.h>
#include <string.h>

static const double SEAM_NOISE =
    0.07; /* of the core's depth: with more noise, seams between specks would be seen everywhere */
static const double CORE_HOLE_SHARE = 0.03; /* of the largest core: larger holes are no spots */
static const double SPECK_SHARE = 0.03;     /* of the largest core in the same particle: less is grain in its shell */
static const double GAP_BLURS =
    4.0; /* a channel between two cores that is narrower, in blurs, never reaches the liquid's level */

double lct_levels_edge(const struct lct_levels *levels, enum lct_phase a, enum lct_phase b)
{
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    const enum lct_edge_kind kind = a != LCT_CORE && b != LCT_CORE ? LCT_EDGE_SHELL_LIQUID
        : a != LCT_LIQUID && b != LCT_LIQUID                       ? LCT_EDGE_CORE_SHELL
                                                                   : LCT_EDGE_CORE_LIQUID;
    return 0.5 * (level[a] + level[b]) + levels->edge_shift[kind];
}

double lct_levels_false_rim_px(const struct lct_levels *levels)
{
    if (!levels->has_shell)
        return 0.0;
    const double span = 1.0 - levels->core;
    const double inner = (lct_levels_edge(levels, LCT_CORE, LCT_SHELL) - levels->core) / span;
    const double outer = (lct_levels_edge(levels, LCT_SHELL, LCT_LIQUID) - levels->core) / span;
    return levels->blur_px * (lct_stats_normal_quantile(outer) - lct_stats_normal_quantile(inner));
}

static size_t words_of(const struct lct_mask_work *work)
{
    return lct_mask_words(work->width) * (size_t)work->height;
}

/* A hole in a core is a cavity where it reaches the liquid; paler spots inside are film, fringes and noise. */
static void fill_core(
    const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *dark, uint64_t *core, uint64_t *filled)
{
    const size_t n = words_of(work);
    memcpy(filled, core, n * sizeof *core);
    lct_mask_fill_holes(work, filled, CORE_HOLE_SHARE * levels->largest_core_px);
    for (size_t i = 0; i < n; i++)
        core[i] |= filled[i] & dark[i];
}

/* Shell that is none becomes core where it is dark enough for that, and liquid elsewhere. */
static void give_up(size_t n, const uint64_t *dark, uint64_t *core, uint64_t *shell, const uint64_t *none)
{
    for (size_t i = 0; i < n; i++) {
        core[i] |= shell[i] & none[i] & dark[i];
        shell[i] &= ~none[i];
    }
}

/* A rim beside a core that is narrow in the mean [S2] is a blurred bare edge. */
static void settle_false_rim(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *dark,
    uint64_t *core, uint64_t *shell, uint64_t *none)
{
    bare_edge_find(levels, work, core, shell, none);
    give_up(words_of(work), dark, core, shell, none);
}

/* The grey in a narrow gap between two cores passes through the shell's level as well. */
static void settle_false_seam(const struct lct_levels *levels, struct lct_mask_work *work, const uint64_t *dark,
    uint64_t *core, uint64_t *shell, uint64_t *none)
{
    const size_t n = words_of(work);
    lct_mask_close(work, core, 0.5 * GAP_BLURS * levels->blur_px, none);
    give_up(n, dark, core, shell, none);
}

int segment_by_level(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint64_t *core, uint64_t *shell)
{
    const size_t n = words_of(work);
    uint64_t *const dark = work->bits[LCT_MASK_BITS - 3], *const spare = work->bits[LCT_MASK_BITS - 2];
    lct_mask_below(work, plane, (float)lct_levels_edge(levels, LCT_CORE, LCT_LIQUID), dark);
    lct_mask_below(
        work, plane, (float)lct_levels_edge(levels, LCT_CORE, levels->has_shell ? LCT_SHELL : LCT_LIQUID), core);
    if (params->despeckle_px > 0.0)
        lct_mask_open(work, core, params->despeckle_px, core);
    const int cores = lct_mask_keep(work, core, NULL, params->min_core_px);
    lct_mask_fill_holes(work, core, params->hole_px);
    fill_core(levels, work, dark, core, spare);
    memset(shell, 0, n * sizeof *shell);
    if (!levels->has_shell)
        return cores;
    lct_mask_below(work, plane, (float)lct_levels_edge(levels, LCT_SHELL, LCT_LIQUID), shell);
    if (params->despeckle_px > 0.0)
        lct_mask_open(work, shell, params->despeckle_px, shell);
    for (size_t i = 0; i < n; i++)
        shell[i] |= core[i];
    lct_mask_keep(work, shell, core, params->min_core_px);
    lct_mask_fill_holes(work, shell, params->hole_px);
    lct_mask_drop_specks(work, core, shell, SPECK_SHARE);
    for (size_t i = 0; i < n; i++)
        shell[i] &= ~core[i];
    return cores;
}

int lct_segment_bits(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint64_t *core, uint64_t *shell)
{
    uint64_t *const dark = work->bits[LCT_MASK_BITS - 3], *const spare = work->bits[LCT_MASK_BITS - 2];
    const int cores = segment_by_level(plane, levels, params, work, core, shell);
    if (!levels->has_shell)
        return cores;
    settle_false_rim(levels, work, dark, core, shell, spare);
    if (levels->noise_sd < SEAM_NOISE * (1.0 - levels->core))
        settle_false_seam(levels, work, dark, core, shell, spare);
    return cores;
}

void lct_segment_shrink(double far_px, struct lct_mask_work *work, uint64_t *inside[LCT_SHELL + 1])
{
    uint64_t *const core = work->bits[LCT_CORE], *const shell = work->bits[LCT_SHELL],
                    *const either = work->bits[LCT_LIQUID];
    for (size_t i = 0; i < words_of(work); i++)
        either[i] = core[i] | shell[i];
    lct_mask_dilate(work, either, far_px, either);
    lct_mask_invert(work, either, either);
    lct_mask_erode(work, core, far_px, core);
    lct_mask_erode(work, shell, far_px, shell);
    for (int p = LCT_LIQUID; p <= LCT_SHELL; p++)
        inside[p] = work->bits[p];
}

void lct_segment_insides(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, double far_px, struct lct_mask_work *work, uint64_t *inside[LCT_SHELL + 1])
{
    lct_segment_bits(plane, levels, params, work, work->bits[LCT_CORE], work->bits[LCT_SHELL]);
    lct_segment_shrink(far_px, work, inside);
}

LCT_CLONES int lct_segment_frame(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, uint8_t *phase)
{
    const size_t n = lct_image_count(plane);
    uint64_t *const core = work->bits[0], *const shell = work->bits[1];
    const int cores = lct_segment_bits(plane, levels, params, work, core, shell);
    lct_mask_unpack(work, core, phase);
    lct_mask_unpack(work, shell, work->plane);
    for (size_t i = 0; i < n; i++)
        phase[i] = (uint8_t)(phase[i] * LCT_CORE + work->plane[i] * LCT_SHELL);
    return cores;
}
