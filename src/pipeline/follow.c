#include "plan.h"

#include <stdlib.h>

static const double NOISY_OFF_CENTRE = 3.0;

enum lct_status plan_track(struct lct_track **out, const struct plan *plan, const struct movie *movie,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lct_track_params params = lct_track_defaults();
    params.min_appear_px = plan->min_appear_px;
    params.min_follow_px = plan->segment.min_core_px;
    if (plan->segment.despeckle_px > 0.0)
        params.off_centre = NOISY_OFF_CENTRE;
    double *seeds_px = NULL;
    enum lct_status status = lct_recipe_seeds(recipe, &seeds_px, &params.n_seeds, err);
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; i < 2 * params.n_seeds; i++) { /* from the recorded frame to the planes */
        const int corner = i % 2 == 0 ? movie->roi.x_px : movie->roi.y_px;
        seeds_px[i] = (seeds_px[i] - corner - 0.5 * (plan->bin - 1)) / plan->bin;
    }
    params.seeds_px = seeds_px;
    status = lct_track_create(out, plan->width, plan->height, &params, err);
    free(seeds_px);
    return status;
}
