/* film.h -- the grain of the support film, which stays in the sample while particles grow and dissolve over it */
#ifndef LCTEM_FILM_H
#define LCTEM_FILM_H

#include <lctem/segment.h>

/** Estimate the film's transmission from the planes of a movie: what a plane shows away from the edges over the level of
 *  its phase there, averaged over the planes; places that are never free of an edge take their surroundings [equations S4]. `film` has the size of the planes, mean 1 in the liquid.
 *  `coarse_px` > 0: means over a Gaussian of that sd instead. Where grain reaches from one level to the next, a place taken for the wrong phase
 *  in all planes would be made right by its own film; its surroundings know better. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_film_estimate(struct lct_image *film, const struct lct_planes *planes,
    const struct lct_levels *levels, const struct lct_segment_params *params, double coarse_px, struct lct_err *err);

#endif
