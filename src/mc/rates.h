/* rates.h -- acceptance probabilities by neighbourhood; private to the room */
#ifndef LCT_MC_RATES_H
#define LCT_MC_RATES_H

#include "ring.h"

/** The class of a site is what it holds and how many core and shell neighbours it has:
 *  (holds * width + core neighbours) * width + shell neighbours. Everything an exchange depends on is in it. A swap depends only on
 *  the kind of the pair and on the difference of the two neighbourhoods, since its energy is linear in them. */
struct lct_mc_rates {
    int width;               /**< stencil + 1 */
    unsigned n_site_classes; /**< 3 * width * width */
    double p_type[2];        /**< probability that an attempt is an exchange that draws core, shell */
    double p_swap;           /**< probability that an attempt is a swap */
    double (*accept)[2];     /**< [class][type drawn - 1]: acceptance of the exchange, 0 where it is null */
    double (*dry)[2];        /**< the same when the reservoir has no core left */
    uint8_t *filled; /**< [class] of core: neighbours that are not empty; of others UINT8_MAX, more than there are */
    int *key;        /**< [class] core neighbours * span + shell neighbours */
    int span;        /**< 2 * stencil + 1 */
    unsigned n_swap_classes;                      /**< multiplicities * 3 * span * span */
    double *swap_accept;                          /**< [swap class], and 0 for the null one */
    uint32_t direction_class[LCT_MC_MAX_STENCIL]; /**< first swap class of the direction's multiplicity */
    int32_t
        pair_class[3]
                  [3]; /**< [first holds][second holds] class of the pair's kind in like neighbourhoods, from there */
    int32_t pair_sign
        [3][3]; /**< which way the class moves with first's key minus second's: a pair is looked up in one order */

    /* Many classes have the same rates: all swaps that cost nothing, for instance. The rejection-free engine keeps one list for
     * each rate, so that fewer lists change and fewer sums are made. List 0 is for class 0, empty among empties. */
    uint16_t *site_list;            /**< [class] LCT_MC_UNLISTED: no exchange is ever accepted there */
    uint16_t *swap_list;            /**< [swap class], and LCT_MC_UNLISTED for the null one */
    unsigned n_site_lists, n_lists; /**< the lists of swaps come behind those of sites */
    double (*list_rate)[2];         /**< [list] rate per attempt at the site or bond; with a dry reservoir */
    double (*list_type)[2][2];      /**< [list of sites][dry][type drawn - 1] the two rates whose sum that is */
    uint8_t *list_holds;            /**< [list of sites] what its sites hold */
    struct lct_mc_ring ring[2][LCT_MC_MAX_STENCIL / 2
        + 1]; /**< [parity of the first end][direction of a swap, or half: an exchange] */
};

#define LCT_MC_UNLISTED UINT16_MAX

LCT_MUST_CHECK enum lct_status lct_mc_rates_create(
    struct lct_mc_rates **out, const struct lct_mc_model *model, struct lct_err *err);
void lct_mc_rates_destroy(struct lct_mc_rates **rates);

/** Class of the swap between sites of classes a and b that hold na and nb, along `direction`; n_swap_classes if they hold the same:
 *  that is null, and the tables end with a row for it. */
static inline uint32_t lct_mc_swap_class(
    const struct lct_mc_rates *r, int direction, unsigned na, unsigned nb, unsigned a, unsigned b)
{
    if (na == nb)
        return r->n_swap_classes;
    const int32_t class = r->pair_class[na][nb] + r->pair_sign[na][nb] * (r->key[a] - r->key[b]);
    return r->direction_class[direction] + (uint32_t) class;
}

LCT_MUST_CHECK enum lct_status lct_mc_lattice_init(
    struct lct_mc_lattice *out, const struct lct_mc_params *params, struct lct_err *err);
void lct_mc_lattice_finish(struct lct_mc_lattice *lattice);

/** The hexagon lo <= X + Y <= hi, 0 <= X <= a, 0 <= Y <= b that holds `columns` or, if there is none, a few more. */
struct lct_mc_hexagon {
    int a, b, lo, hi;
    long count;
};
struct lct_mc_hexagon lct_mc_hexagon_of(long columns);

#endif
