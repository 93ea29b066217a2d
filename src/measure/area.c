#include <lctem/area.h>

#include <math.h>

/* Where two particles meet, their pictures run together, and where one ends is a guess: films of known truth. */
static const double SHARED_BLURS = 0.85;
static const double FILM_BLURS = 8.0;   /* length over which the film's grain is the same, along an edge */
static const double CORE_FILM = 0.8;    /* of the film's grain, around a core: its mean is in the core's own level */
static const double MOST_ROUNDED = 0.5; /* of an area: what is hardly larger than the blur has no corners */

struct lct_edge_error lct_edge_error_of(const struct lct_levels *levels, enum lct_phase phase)
{
    const bool core = phase == LCT_CORE || !levels->has_shell;
    const double outside = core && levels->has_shell ? levels->shell : 1.0;
    const double step = outside - (core ? levels->core : levels->shell);
    if (!(step > 0.0))
        return (struct lct_edge_error){ 0 };
    /* an edge lies half way between two levels: it takes half of the error of each */
    const double level_sd = !levels->has_shell ? 0.5 * levels->core_sd
        : core                                 ? 0.5 * hypot(levels->shell_sd, levels->core_sd)
                                               : 0.5 * levels->shell_sd;
    const double slope = step / (levels->blur_px * sqrt(2.0 * M_PI));
    return (struct lct_edge_error){ .noise_px = levels->noise_sd / slope,
        .noise_length_px = 2.0 * sqrt(M_PI) * levels->blur_px,
        .film_px = levels->film_sd / slope,
        .film_length_px = FILM_BLURS * levels->blur_px,
        .common_px = hypot(level_sd / slope, core ? levels->core_edge_sd_px : levels->outer_edge_sd_px),
        .light_px = levels->light_sd / slope };
}

/* Sd of the area that an outline of `length_px` encloses. */
static double outline_sd(double length_px, const struct lct_edge_error *e)
{
    if (!(length_px > 0.0))
        return 0.0;
    const double random = e->noise_px * sqrt(length_px * e->noise_length_px);
    const double film = e->film_px * sqrt(length_px * e->film_length_px);
    return hypot(hypot(random, film), hypot(e->common_px, e->light_px) * length_px);
}

/* A blur rounds corners: a line whose tangent turns by 2 pi loses pi blur^2, whatever its shape [equations A2]. Where two particles
 * touch, each has half of what the line around both loses. */
static double rounded_px2(const struct lct_enclosed *e, double blur_px)
{
    const double turns = e->shared_px > blur_px ? e->turns - 0.5 : e->turns;
    const double lost = M_PI * blur_px * blur_px * turns;
    return fmax(-MOST_ROUNDED * e->area_px2, fmin(MOST_ROUNDED * e->area_px2, lost));
}

struct lct_area lct_area_measure(
    const struct lct_enclosed *core, const struct lct_enclosed *total, const struct lct_levels *levels)
{
    struct lct_area a = { .core_px2 = core->area_px2 + rounded_px2(core, levels->blur_px),
        .total_px2 = total->area_px2 + rounded_px2(total, levels->blur_px) };
    a.shell_px2 = fmax(0.0, a.total_px2 - a.core_px2);
    struct lct_edge_error inner = lct_edge_error_of(levels, LCT_CORE);
    const struct lct_edge_error outer = lct_edge_error_of(levels, LCT_SHELL);
    inner.film_px *= CORE_FILM;
    a.core_shared_sd_px2 = SHARED_BLURS * levels->blur_px * core->shared_px;
    a.total_shared_sd_px2 = SHARED_BLURS * levels->blur_px * total->shared_px;
    a.core_sd_px2 = hypot(outline_sd(core->perimeter_px, &inner), a.core_shared_sd_px2);
    a.total_sd_px2 =
        levels->has_shell ? hypot(outline_sd(total->perimeter_px, &outer), a.total_shared_sd_px2) : a.core_sd_px2;
    if (levels->has_shell)
        a.shell_sd_px2 = hypot(a.core_sd_px2, a.total_sd_px2);
    a.core_common_sd_px2 = inner.common_px * core->perimeter_px;
    a.total_common_sd_px2 = levels->has_shell ? outer.common_px * total->perimeter_px : a.core_common_sd_px2;
    a.core_light_sd_px2 = inner.light_px * core->perimeter_px;
    a.total_light_sd_px2 = levels->has_shell ? outer.light_px * total->perimeter_px : a.core_light_sd_px2;
    return a;
}
