/* light.h -- slow blotches of illumination that come and go: how a time mean departs from the levels of its phases, over the field */
#ifndef LCTEM_LIGHT_H
#define LCTEM_LIGHT_H

#include <lctem/own_level.h>
#include <lctem/segment.h>

enum { LCT_LIGHT_CELLS = 16 };

/** Departure of the light from 1 at the middles of 16 x 16 equal cells of a plane, row-major; straight lines between them. */
struct lct_light_map {
    float off[LCT_LIGHT_CELLS * LCT_LIGHT_CELLS];
};

/** Mean over each cell of grey / level of its phase - 1, away from edges and leaving out what is far from the level; smoothed over the
 *  neighbouring cells, and drawn towards 0 where little is seen [equations B3]. `own`: the plane's cores with their own levels; NULL: all
 *  have the common one. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_light_estimate(struct lct_light_map *out, const struct lct_image *plane,
    const struct lct_levels *levels, const struct lct_segment_params *params, const struct lct_own_view *own,
    struct lct_err *err);

/** What of a plane lies well inside one phase: per pixel 0 for what does not, else 1 + phase. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_light_places(uint8_t *out, const struct lct_image *plane,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_err *err);

/** A plane, and what lct_light_places says of it; NULL: not known yet. Borrowed. */
struct lct_light_view {
    const struct lct_image *plane;
    const uint8_t *place;
};

/** By what share the light grows from one plane to another in the same position, wherever nothing else changes: what stands still
 *  cancels, so that no level need be known [equations B5]. Where places are given, only what is well inside the same phase in both
 *  counts: edges that move are no light. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_light_growth(struct lct_light_map *out, const struct lct_light_view *before,
    const struct lct_light_view *after, struct lct_err *err);

/** Departure along a row of `width` pixels, `y` of `height`, into `off`. */
void lct_light_row(const struct lct_light_map *map, int width, int height, int y, float *off);

/** Sd of the light that is left once `n` maps, equally far apart in time and straight between, are taken out: 1/sqrt 2 of the rms by which
 *  a cell misses the line through the maps before and after it [equations B4]. With fewer than three maps nothing tells, and as much is
 *  taken to be left as was found; 0 for none. Pure. */
double lct_light_left(const struct lct_light_map *maps, int n);

#endif
