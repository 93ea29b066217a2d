/* live_plan.h -- a plan that grows with its movie */
#ifndef LCTEM_PIPELINE_LIVE_PLAN_H
#define LCTEM_PIPELINE_LIVE_PLAN_H

#include "plan.h"

struct live_plan; /* what the first pass would remember; opaque */

/* Stand behind the last frame of `plan`, which was made from the whole of `movie`. */
LCT_MUST_CHECK enum lct_status live_plan_create(
    struct live_plan **out, const struct plan *plan, struct movie *movie, struct lct_err *err);
void live_plan_destroy(struct live_plan **live);

/* The movie has grown: add its new frames to plan->frames. What was learnt from the old ones (levels, background, film) stays. */
LCT_MUST_CHECK enum lct_status live_plan_extend(
    struct live_plan *live, struct plan *plan, struct movie *movie, struct lct_err *err);

#endif
