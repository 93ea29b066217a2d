#include "moire_region.h"

#include <lctem/parallel.h>

#include <math.h>

void moire_region_finish(struct moire_region *region)
{
    lct_spectrum_destroy(&region->whole);
    lattices_work_destroy(&region->work);
    view_finish(&region->view);
    region->spectrum = NULL;
}

/* Waves of the strongest star, at most `most`. */
static size_t strongest_star(struct lct_spectrum *spectrum, struct lct_wave *star, int most)
{
    const struct lct_spectrum_params params = lct_spectrum_defaults();
    const struct lct_metric metric = lct_metric_pixels(1.0, 1.0);
    struct lct_wave waves[LCT_SPECTRUM_WAVES];
    struct lct_vector g[LCT_SPECTRUM_WAVES];
    struct lct_lattice family[LCT_SPECTRUM_WAVES];
    double snr[LCT_SPECTRUM_WAVES], x, y;
    const size_t n = lct_spectrum_find(spectrum, &params, waves);
    for (size_t i = 0; i < n; i++) {
        snr[i] = waves[i].snr;
        g[i] = lct_metric_apply(&metric, &waves[i]);
    }
    lct_spectrum_resolution(spectrum, &x, &y);
    const struct lct_lattice_params loose = { .distortion_frac = 0.03, .slack_per_nm = 0.5 * fmax(x, y) };
    if (n == 0 || lct_lattice_group(g, snr, n, &loose, family) == 0)
        return 0;
    const int members = family[0].n_members < most ? family[0].n_members : most;
    for (int i = 0; i < members; i++)
        star[i] = waves[family[0].member[i]];
    return (size_t)members;
}

/* A lattice that fills a part of the picture is measured there: elsewhere there is only noise, or another crystal. */
static enum lct_status narrow(struct moire_region *r, const struct lct_image *picture, struct lct_err *err)
{
    struct lct_wave star[3];
    struct lct_spectrum_domain d = { 0 };
    const size_t n = strongest_star(r->whole, star, 3);
    if (n == 0)
        return LCT_OK;
    enum lct_status status = lct_spectrum_domain(r->whole, star, n, &d, err);
    if (status == LCT_OK && d.weights) {
        const struct lct_spectrum_region region = { d.x0, d.y0, d.width, d.height, d.weights };
        status = lct_spectrum_load_region(r->whole, picture, &region, err);
        r->part = (struct lct_rect){ d.x0, d.y0, d.width, d.height };
        if (status == LCT_E_NODATA) { /* too small a part after all */
            r->part = (struct lct_rect){ 0 };
            status = lct_spectrum_load_without(r->whole, picture, r->ignore, err);
        }
    }
    lct_spectrum_domain_finish(&d);
    return status;
}

static enum lct_status load_whole(struct moire_region *r, const struct lct_image *picture, struct lct_err *err)
{
    enum lct_status status = lct_spectrum_create(&r->whole, picture->width, picture->height, err);
    if (status == LCT_OK)
        status = lct_spectrum_load_without(r->whole, picture, r->ignore, err);
    r->spectrum = r->whole;
    r->halo_px = status == LCT_OK ? lct_spectrum_halo(r->whole) : (double)NAN;
    return status == LCT_OK ? narrow(r, picture, err) : status;
}

static enum lct_status load_core(struct moire_region *r, const struct lct_image *picture, int particle,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lattices_plan plan;
    const struct result *found = &r->view.result;
    size_t i = 0;
    while (i < found->n_particles && found->particles[i].id != particle)
        i++;
    if (i == found->n_particles)
        return lct_fail(err, LCT_E_ARG,
            "--particle %d: %zu %s in this frame, numbered from left to right; `lctem preview` shows them", particle,
            found->n_particles, found->n_particles == 1 ? "is" : "are");
    enum lct_status status = lattices_plan_make(&plan, &r->view.plan, r->view.movie.scale, recipe, err);
    if (status == LCT_OK && plan.side_px == 0)
        return lct_fail(err, LCT_E_NODATA, "--particle %d: too small to be measured", particle);
    if (status == LCT_OK)
        status = lattices_work_create(&r->work, &plan, err);
    const struct lattices_core core = { particle, found->page, &found->outlines[2 * i] };
    if (status == LCT_OK)
        status = lattices_load(&plan, r->work, picture, &core, err);
    if (status == LCT_OK)
        r->spectrum = lattices_spectrum(r->work);
    return status;
}

enum lct_status moire_region_load(struct moire_region *out, const struct lct_image *picture, const char *path,
    long frame, const struct lct_recipe *recipe, struct lct_err *err)
{
    out->halo_px = (double)NAN;
    if (recipe->particle == 0)
        return load_whole(out, picture, err);
    out->view = (struct view){
        .recipe = recipe, .frame = frame, .threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores()
    };
    const enum lct_status status = view_make(&out->view, path, NULL, err);
    if (status != LCT_OK)
        return status;
    if (!isfinite(out->view.movie.scale.nm_per_px))
        return lct_fail(err, LCT_E_ARG, "%s: --particle needs the pixel size; give it with --pixel-size NM", path);
    return load_core(out, picture, (int)recipe->particle, recipe, err);
}
