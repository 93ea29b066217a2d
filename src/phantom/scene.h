/* scene.h -- what a scene file says, in the units of docs/scene.md */
#ifndef PHANTOM_SCENE_H
#define PHANTOM_SCENE_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A quantity over time: straight between its points, constant before the first and after the last. */
struct track {
    double *time_s, *value; /**< n each, owned, times ascending */
    size_t n;
};

struct crack {
    double facet; /**< index into the particle's facets */
    struct track position_nm, width_nm;
};

struct facet {
    double angle_rad; /**< outward normal, counter-clockwise as seen on the screen */
    struct track height_nm, shell_nm;
};

struct particle {
    char name[32], parent[32], role[32];
    struct track x_nm, y_nm;  /**< centre, from the centre of the top-left pixel, right and down */
    double start_s, end_s;    /**< it exists for start_s <= t < end_s */
    struct track scale;       /**< factor on heights and shell, for uniform dissolution */
    double layer_nm;          /**< 0: smooth; else heights move in steps of this */
    double lattice_deg;       /**< direction of a {10-10} normal; NaN: the first facet's */
    double core_nm, plate_nm; /**< projected thickness: core, and plate including covers */
    double fringes;           /**< factor on the lattice contrast */
    struct facet *facets;     /**< n_facets, owned */
    size_t n_facets;
    struct crack *cracks; /**< n_cracks, owned */
    size_t n_cracks;
};

struct imaging {
    char mode[32]; /**< bright or dark */
    double dose_e_per_nm2_s, dqe;
    double mass_thickness;              /**< g/cm3 nm over which the transmitted intensity falls to 1/e */
    double dark_floor;                  /**< dark mode: background over a full scatterer */
    double mtf_nyquist, spread_nyquist; /**< before and after the shot noise */
    double edge_soft_nm;
    double fresnel, defocus_nm;
    double gain, read, hot, flicker; /**< fractions of the mean */
    double level, bits, crf;
};

struct background {
    double film, film_grain_nm;
    bool film_drifts;
    double liquid, liquid_grain_nm, liquid_time_s;
    double slow, slow_time_s;
    double gradient, gradient_deg;
};

struct motion {
    double wander_px, wander_time_s, jitter_px;
    struct track x_px, y_px; /**< given drift, added */
};

struct lattice {
    double core_10, core_11, shell_11, rim_03; /**< amplitudes */
    double d_core_10_nm, d_core_11_nm, d_shell_11_nm, d_rim_03_nm;
    double twist_deg, limit_per_nm, disorder;
};

struct material {
    double core_g_per_cm3, shell_g_per_cm3, liquid_g_per_cm3;
};

struct cells;

struct scene {
    char title[128];
    double seed, frames, fps, width_px, height_px, nm_per_px;
    struct track stage;
    const struct cells *cells; /**< instead of particles with facets; NULL: none; borrowed */
    struct imaging imaging;
    struct background background;
    struct motion drift;
    struct lattice lattice;
    struct material material;
    struct particle *particles; /**< n_particles, owned; an earlier one owns what two cover */
    size_t n_particles;
};

/** Nothing but liquid: one frame of 256 px, 0.05 nm each. */
struct scene scene_of_liquid(void);

/** One particle without facets in place of all others, for a lattice's cells. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status scene_take_lattice(struct scene *scene, struct lct_err *err);

/** Read and check a scene. LCT_E_INPUT: unreadable. LCT_E_ARG: the message names file, line, key and remedy. */
LCT_MUST_CHECK enum lct_status scene_read(struct scene *out, const char *path, struct lct_err *err);
void scene_finish(struct scene *scene);

/** NaN for a track without points. */
double track_at(const struct track *track, double time_s);

#endif
