#include "shapes.h"

#include <lctem/gap.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

static const double PROFILE_STEP_NM = 0.25, PROFILE_STEP_PX = 2.0;
static const double MIDDLE = 0.5;           /* of a profile: where the rim's usual thickness is that of */
static const double LEAST_RIM_BLURS = 1.0;  /* a rim that is thinner is none */
static const double LEAST_VOID_BLURS = 0.5; /* rims are rough: less is no void */
enum { LEAST_RIM_COLUMNS = 3, LINES = 3 };

/* Width of a profile's columns: a whole number of quarters of a nanometre, one pixel at least. */
double shapes_profile_step_px(const struct shapes *shapes)
{
    const double nm = shapes->movie->scale.nm_per_px;
    return isfinite(nm) ? PROFILE_STEP_NM * ceil(nm / PROFILE_STEP_NM - 1e-9) / nm : PROFILE_STEP_PX;
}

/* Columns whose rim reaches farther out than that of the facet's middle stand over a void, which the outline of the core
 * does not know. A thin void below the whole facet is not told from a thicker rim. */
static void look_below_rim(
    double *core, const double *whole, double *rim, const struct shapes *s, const struct lct_facet_columns *columns)
{
    const double blur = s->params.blur_px, half = 0.5 * MIDDLE * (double)columns->n * columns->step_px;
    const double middle = columns->from_px + 0.5 * (double)columns->n * columns->step_px;
    size_t n = 0;
    for (size_t i = 0; i < columns->n; i++) {
        const double t = columns->from_px + ((double)i + 0.5) * columns->step_px, thick = whole[i] - core[i];
        if (fabs(t - middle) < half && thick > LEAST_RIM_BLURS * blur)
            rim[n++] = thick;
    }
    if (n < LEAST_RIM_COLUMNS)
        return;
    const double usual = lct_stats_median(rim, n);
    for (size_t i = 0; i < columns->n; i++)
        if (whole[i] - usual - core[i] > LEAST_VOID_BLURS * blur)
            core[i] = lct_void_core_edge_px(&s->plan->levels, blur, whole[i] - usual, core[i]);
}

/* Room for `n` heights behind those that are there, and as much again twice for scratch. */
static bool room_for_heights(struct shapes_seen *seen, size_t n)
{
    const size_t wanted = seen->n_heights + LINES * n;
    if (wanted <= seen->capacity)
        return true;
    double *more = realloc(seen->heights_px, 2 * wanted * sizeof *more);
    if (!more)
        return false;
    seen->heights_px = more;
    seen->capacity = 2 * wanted;
    return true;
}

/* The outline's shape at the height that the picture across the edge gives (`raised_px` above the outline's own).
 * Columns are centred on multiples of the step, so that their places are the same in all frames; none reaches into a
 * corner. */
static enum lct_status see_profile(
    const struct shapes *s, const struct shapes_view *view, int facet, double raised_px, struct lct_err *err)
{
    struct shapes_seen *seen = view->product;
    const struct lct_facet_edge *edge = &seen->edges[facet];
    const double step = shapes_profile_step_px(s), corner = s->params.blur_px;
    const double first = ceil((edge->start_px + corner) / step + 0.5),
                 last = floor((edge->end_px - corner) / step - 0.5);
    if (!(last >= first))
        return LCT_OK;
    const size_t n = (size_t)(last - first) + 1;
    if (!room_for_heights(seen, n))
        return lct_fail(err, LCT_E_LIMIT, "no memory for a profile of %zu columns", n);
    const struct lct_facet_set *set = &view->particle->set;
    const struct lct_facet_columns columns = {
        .from_px = (first - 0.5) * step, .step_px = step, .n = n, .floor_px = lct_facet_floor(set, facet, view->core)
    };
    double *core = seen->heights_px + seen->n_heights, *covered = core + n, *whole = covered + n;
    lct_facet_profile(set, facet, view->whole, &columns, covered, whole);
    lct_facet_profile(set, facet, view->core, &columns, covered, core);
    if (s->plan->levels.has_shell)
        look_below_rim(core, whole, covered, s, &columns);
    for (size_t i = 0; i < n; i++)
        core[i] += raised_px;
    seen->profiles[facet] = (struct shapes_profile){ .first = (long)first, .n = n, .at = seen->n_heights };
    seen->n_heights += n;
    return LCT_OK;
}

enum lct_status shapes_see(const struct shapes *shapes, const struct shapes_view *view, struct lct_err *err)
{
    struct shapes_seen *seen = view->product;
    const struct lct_facet_set *set = &view->particle->set;
    const struct lct_edge_error error = shapes_edge_error(shapes, view->k, LCT_CORE);
    double outline_px[LCT_FACET_MAX];
    *seen = (struct shapes_seen){ .heights_px = seen->heights_px, .capacity = seen->capacity };
    lct_facet_measure(set, view->core, &shapes->params, &error, seen->edges);
    for (int i = 0; i < set->n; i++)
        outline_px[i] = seen->edges[i].height_px;
    shapes_refine(shapes, view, seen->edges);
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < set->n; i++)
        if (seen->edges[i].present)
            status = see_profile(shapes, view, i, seen->edges[i].height_px - outline_px[i], err);
    return status;
}

void shapes_seen_finish(void *seen)
{
    struct shapes_seen *s = seen;
    free(s->heights_px);
    *s = (struct shapes_seen){ 0 };
}
