#include <lctem/area.h>

#include <math.h>

static const double FILM_BLURS = 8.0; /* length over which the film's grain is the same, along an edge */

/* Sd of the area that an outline of `length_px` between two levels encloses. */
static double outline_sd(double length_px, double step, double level_sd, double edge_sd_px, const struct lct_levels *l)
{
    if (!(length_px > 0.0) || !(step > 0.0))
        return 0.0;
    const double slope = step / (l->blur_px * sqrt(2.0 * M_PI));
    const double correlation_px = 2.0 * sqrt(M_PI) * l->blur_px;
    const double random = l->noise_sd / slope * sqrt(length_px * correlation_px);
    const double film = l->film_sd / slope * sqrt(length_px * FILM_BLURS * l->blur_px);
    const double common = hypot(level_sd / slope, edge_sd_px) * length_px;
    return hypot(hypot(random, film), common);
}

struct lct_area lct_area_measure(
    const struct lct_enclosed *core, const struct lct_enclosed *total, const struct lct_levels *levels)
{
    struct lct_area a = { .core_px2 = core->area_px2, .total_px2 = total->area_px2 };
    a.shell_px2 = fmax(0.0, a.total_px2 - a.core_px2);
    /* an edge lies half way between two levels: it takes half of the error of each */
    const double shell_sd = levels->shell_sd, core_sd = levels->core_sd;
    if (levels->has_shell) {
        a.core_sd_px2 = outline_sd(core->perimeter_px, levels->shell - levels->core, 0.5 * hypot(shell_sd, core_sd),
            levels->core_edge_sd_px, levels);
        a.total_sd_px2 = outline_sd(total->perimeter_px, 1.0 - levels->shell, 0.5 * shell_sd, levels->outer_edge_sd_px, levels);
        a.shell_sd_px2 = hypot(a.core_sd_px2, a.total_sd_px2);
    } else {
        a.core_sd_px2 = outline_sd(core->perimeter_px, 1.0 - levels->core, 0.5 * core_sd, levels->core_edge_sd_px, levels);
        a.total_sd_px2 = a.core_sd_px2;
    }
    return a;
}
