/* phantom.h -- synthetic movies of core/shell particles in liquid, with their exact truth */
#ifndef LCTEM_PHANTOM_H
#define LCTEM_PHANTOM_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A scene that was read and checked (docs/scene.md); immutable, so that any number of threads may render from it. */
struct lct_phantom;

struct lct_phantom_info {
    long frames;
    int width, height; /**< px */
    double pixel_size_nm, fps;
    double dose_e_per_px;    /**< incident electrons per pixel and frame */
    double counted_e_per_px; /**< dose x DQE: the electrons whose Poisson noise is in the frames */
    double level;            /**< grey value of the mean background, 8-bit scale */
    int bits;                /**< of a sample in the movie: 8 or 16 */
    double crf;              /**< quality asked of H.264 */
    double moire_nm;         /**< 1/|g1 - g2| of the scene's {11-20} pair with its twist */
    size_t n_particles;
    const char *title; /**< borrowed from the phantom */
};

/** Read a scene file; `path` NULL: a 256 px field of nothing but liquid, 0.05 nm per px. LCT_E_INPUT: unreadable. LCT_E_ARG: a fault in it; the message names file, line and remedy. */
LCT_MUST_CHECK enum lct_status lct_phantom_create(struct lct_phantom **out, const char *path, struct lct_err *err);

/** Accepts NULL inside; writes NULL. */
void lct_phantom_destroy(struct lct_phantom **phantom);

struct lct_phantom_info lct_phantom_info(const struct lct_phantom *phantom);

/** Replace the scene's seed: the same scene with other noise, drift and grain. Not while frames are being rendered. */
void lct_phantom_reseed(struct lct_phantom *phantom, uint64_t seed);

/** A crystal of columns on a hexagonal lattice, as the lattice model grows it. */
struct lct_phantom_lattice {
    int nx, ny, nz;     /**< columns along the axes (60 degrees apart), layers in each */
    double nm_per_site; /**< between neighbouring columns */
    const uint8_t *core,
        *shell; /**< [n_states][ny][nx] layers that hold core, shell; borrowed until the phantom is destroyed */
    long n_states;
    const long *shown; /**< [frames] the state that each frame shows, borrowed likewise */
    long frames;
    double fps;
};

/** Show this crystal, in the middle of the field, instead of the scene's particles, frames and fps. A full column of core is as thick as
 *  a scene's core with its covers, a full one of shell as its rim; fewer layers weigh in proportion. The truth is that of the cells:
 *  core area, columns with any core; shell area, with shell and no core. Not while frames are being rendered.
 *  LCT_E_ARG: nothing to show, a lattice that is none, a state that is not there. LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_phantom_show_lattice(
    struct lct_phantom *phantom, const struct lct_phantom_lattice *lattice, struct lct_err *err);

/** Other pixels or another dose than the scene's; NaN or 0: as it is. LCT_E_ARG, LCT_E_LIMIT. */
LCT_MUST_CHECK enum lct_status lct_phantom_expose(
    struct lct_phantom *phantom, double nm_per_px, double dose_e_per_nm2_s, int size_px, struct lct_err *err);

/** Work space for one thread. */
struct lct_phantom_scratch;
LCT_MUST_CHECK enum lct_status lct_phantom_scratch_create(
    struct lct_phantom_scratch **out, const struct lct_phantom *phantom, struct lct_err *err);
void lct_phantom_scratch_destroy(struct lct_phantom_scratch **scratch);

/** Render frame `index` into `out` (initialised with the scene's size): grey values before they are cut and rounded to the
 *  camera's samples, the scene's `level` where the background has its mean. A pure function of scene, seed and index.
 *  `noise` false: the expectation, after the MTF and before the shot noise. LCT_E_ARG: no such frame, wrong size. */
LCT_MUST_CHECK enum lct_status lct_phantom_render(const struct lct_phantom *phantom, long index, bool noise,
    struct lct_phantom_scratch *scratch, struct lct_image *out, struct lct_err *err);

/** Labels at the pixel centres: 0 liquid, 2p-1 core of the p-th particle of the scene (from 1), 2p its shell.
 *  `out`: width * height values, row-major. LCT_E_ARG: no such frame. */
LCT_MUST_CHECK enum lct_status lct_phantom_labels(const struct lct_phantom *phantom, long index,
    struct lct_phantom_scratch *scratch, uint16_t *out, struct lct_err *err);

/** What is true of a particle in a frame. */
struct lct_phantom_truth {
    const char *particle; /**< its name in the scene, borrowed */
    double core_area_nm2, shell_area_nm2;
    double x_px,
        y_px; /**< centroid of the core (of the shell where there is no core) in the frame as recorded; NaN: absent */
};

/** Exact areas by geometry (polygons clipped, united and subtracted) of particle `i` (from 0) in frame `index`.
 *  LCT_E_ARG: no such frame or particle. */
LCT_MUST_CHECK enum lct_status lct_phantom_truth_at(const struct lct_phantom *phantom, long index, size_t i,
    struct lct_phantom_scratch *scratch, struct lct_phantom_truth *out, struct lct_err *err);

/** Displacement of the scene in frame `index` from frame 0, right and down, px. */
void lct_phantom_drift(const struct lct_phantom *phantom, long index, double *dx_px, double *dy_px);

/** Write truth_particles, truth_facets, truth_cracks, truth_frames (.csv and .json) and scene.json into the folder `dir`.
 *  LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_phantom_write_truth(
    const struct lct_phantom *phantom, const char *dir, struct lct_err *err);

/** Render the whole movie to `path` on `threads` threads: .mp4 .mkv .mov (H.264), .tif .tiff (16 bit, multi-page), or a
 *  printf pattern ending in .png; the bytes do not depend on the number of threads. `progress` (may be NULL) is called from
 *  the calling thread with the number of finished frames; when it returns false the movie is given up with LCT_E_CANCELLED
 *  and no unfinished file is left.
 *  LCT_E_ARG: a name with another ending. LCT_E_OUTPUT: cannot be written. LCT_E_FORMAT: no such encoder here. */
LCT_MUST_CHECK enum lct_status lct_phantom_film(const struct lct_phantom *phantom, const char *path, int threads,
    bool (*progress)(void *context, long done, long total), void *context, struct lct_err *err);

#endif
