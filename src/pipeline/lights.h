/* lights.h -- the light of the key planes: blotches that come and go, apart from film and particles */
#ifndef LCTEM_PIPELINE_LIGHTS_H
#define LCTEM_PIPELINE_LIGHTS_H

#include "plan.h"

/* Light by what changes from one key plane to the next, onto plan->light, and out of the key planes: first wherever that is no more than
 * noise allows; once plan->levels are known, again where nothing has moved [equations B5]. */
LCT_MUST_CHECK enum lct_status lights_follow(
    struct plan *plan, struct keys *keys, bool levels_known, struct lct_err *err);

/* What of the light is left once the film is out of the key planes, by the levels of the phases [equations B3]; then the levels again,
 * and how much light nobody knows (plan->levels.light_sd). */
LCT_MUST_CHECK enum lct_status lights_find(
    struct plan *plan, enum lct_phases phases, struct keys *keys, struct lct_err *err);

#endif
