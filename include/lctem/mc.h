/* mc.h -- the lattice model: what is to be simulated, with every choice that the printed recipe leaves open */
#ifndef LCTEM_MC_H
#define LCTEM_MC_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a site holds; the values are those of the printed recipe and of the occupancy files. */
enum lct_mc_site { LCT_MC_EMPTY = 0, LCT_MC_CORE = 1, LCT_MC_SHELL = 2 };

/** How "eps(n_i,n_j) n_i n_j" and "mu(n_i) n_i" are read [equations MC1]. */
enum lct_mc_form {
    LCT_MC_INDICATOR,   /**< n is "occupied": 0 or 1 in both products */
    LCT_MC_LITERAL,     /**< n is the number 0, 1 or 2 in both products */
    LCT_MC_LITERAL_EPS, /**< the number in the bond term only */
    LCT_MC_LITERAL_MU,  /**< the number in the chemical term only */
};

/** Parameters of the model. Energies in kT. An attempt is, with probability exchange_weight / (exchange_weight + swap_weight), an
 *  exchange with the liquid (a uniform site and a type, core with probability core_share: empty: insert; holds the type: delete; else
 *  null, or a flip), else a swap of a uniform site with a uniform neighbour; accepted with min(1, exp(-dE)). A step is one attempt
 *  per site. */
struct lct_mc_params {
    int nx, ny, nz;                          /**< sites along each axis; 80 x 80 x 4 */
    bool periodic_x, periodic_y, periodic_z; /**< all true */
    int stencil; /**< neighbours for bonds and swaps: 8 (six in plane, two along z), 6 (in plane), 12 (hcp); 8 */
    enum lct_mc_form form;                     /**< LCT_MC_INDICATOR */
    double eps_core, eps_shell, eps_interface; /**< bond energies core-core 10, shell-shell 6.7, core-shell 6.7 */
    double mu_core, mu_shell;                  /**< chemical potentials, -30 and -20 */
    double swap_weight, exchange_weight;       /**< 1 and 50; zero switches the kind of move off, not both */
    double core_share;                         /**< q1, share of core in the types drawn for exchanges, 0..1; 0.5 */
    bool shell_conserved;                      /**< exchanges that draw the type shell are null; false */
    bool flips;             /**< an exchange at a site that holds the other type turns it into the drawn type; false */
    bool core_shell_swaps;  /**< a core and a shell site may change places; true */
    int core_columns;       /**< columns of core at the start; 50 gives the printed hexagon of 200 sites */
    int shell_layers;       /**< shell at the start: in-plane distance 1 .. shell_layers; 2 */
    int cap_layers;         /**< layers at the bottom and at the top of the core's columns that are shell; 0 */
    double reservoir_core;  /**< core units that the liquid can still give; infinite by default */
    long target_core_sites; /**< "doubled" means at least that many core sites; 400 */
};

/** The printed recipe in its base reading. */
struct lct_mc_params lct_mc_defaults(void);

/** A named set of parameters. */
struct lct_mc_preset {
    const char *name;
    const char *help; /**< how it differs from the printed text, and what it gives */
    void (*apply)(struct lct_mc_params *params);
};

/** NULL-terminated (by name) table of presets. */
const struct lct_mc_preset *lct_mc_presets(void);

/** Find a preset. LCT_E_ARG: no such name; the text lists them. */
LCT_MUST_CHECK enum lct_status lct_mc_preset_find(const char *name, struct lct_mc_params *out, struct lct_err *err);

/** LCT_E_ARG with the parameter's name, its value and the reason if these parameters make no model. */
LCT_MUST_CHECK enum lct_status lct_mc_check(const struct lct_mc_params *params, struct lct_err *err);

enum { LCT_MC_MAX_STENCIL = 12, LCT_MC_KINDS = 72 };
#define LCT_MC_NO_SITE UINT32_MAX

/** The sites and who is whose neighbour. Site (x, y, z) has the index (y * nx + x) * nz + z. Direction d and direction d + half are
 *  opposite. A site that would be its own neighbour (a periodic axis of length 1) has none there; along a periodic axis of length 2
 *  a neighbour counts twice. */
struct lct_mc_lattice {
    int nx, ny, nz;
    uint32_t n_sites;
    int stencil, half;
    uint8_t *kind; /**< [n_sites] where the site lies: inside or at which borders, in which layer of hcp; owned */
    int32_t (*step)
        [LCT_MC_MAX_STENCIL];     /**< [LCT_MC_KINDS] index of the neighbour minus own; 0: an open border cuts; owned */
    uint8_t degree[LCT_MC_KINDS]; /**< neighbours that exist */
    int multiplicity
        [LCT_MC_MAX_STENCIL]; /**< per direction: how often the neighbour there occurs among all neighbours */
};

/** The neighbour of site i in direction d, or LCT_MC_NO_SITE. */
static inline uint32_t lct_mc_neighbour(const struct lct_mc_lattice *lattice, uint32_t i, int d)
{
    const int32_t step = lattice->step[lattice->kind[i]][d];
    return step ? i + (uint32_t)step : LCT_MC_NO_SITE;
}

/** Everything that replicas share; immutable once made. */
struct lct_mc_model {
    struct lct_mc_params params;
    struct lct_mc_lattice lattice;
    double bond[3][3];          /**< effective energies of a bond by what its ends hold, the form applied */
    double chemical[3];         /**< effective chemical potentials */
    struct lct_mc_rates *rates; /**< acceptances by neighbourhood, owned, private to the room */
};

/** Check the parameters and build lattice and tables. Free with lct_mc_model_finish. LCT_E_ARG, LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_mc_model_init(
    struct lct_mc_model *out, const struct lct_mc_params *params, struct lct_err *err);
/** Accepts a zeroed struct; leaves it zeroed. */
void lct_mc_model_finish(struct lct_mc_model *model);

/** The start: a hexagon of core_columns columns in the middle, with or without its shell (its caps are then empty).
 *  `occupancy`: n_sites values, the caller's. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_mc_start(
    const struct lct_mc_model *model, bool shell, uint8_t *occupancy, struct lct_err *err);

/** Energy in kT by the definition, bond by bond [equations MC1]; slow, for checks. */
double lct_mc_energy(const struct lct_mc_model *model, const uint8_t *occupancy);

/** What is counted on a configuration. Areas are in columns (z projected): core area: columns with any core site; shell area: columns
 *  with shell and no core, as the film's rim. Exposed: core sites with an empty neighbour. */
struct lct_mc_counts {
    long core_sites, shell_sites, core_area_sites, shell_area_sites, exposed_core_sites;
};
struct lct_mc_counts lct_mc_count(const struct lct_mc_model *model, const uint8_t *occupancy);

#endif
