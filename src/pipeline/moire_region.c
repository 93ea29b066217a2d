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

static enum lct_status load_whole(struct moire_region *r, const struct lct_image *picture, struct lct_err *err)
{
    enum lct_status status = lct_spectrum_create(&r->whole, picture->width, picture->height, err);
    if (status == LCT_OK)
        status = lct_spectrum_load(r->whole, picture, err);
    r->spectrum = r->whole;
    return status;
}

static enum lct_status load_core(
    struct moire_region *r, const struct lct_image *picture, int particle, const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lattices_plan plan;
    const struct result *found = &r->view.result;
    size_t i = 0;
    while (i < found->n_particles && found->particles[i].id != particle)
        i++;
    if (i == found->n_particles)
        return lct_fail(err, LCT_E_ARG, "--particle %d: %zu %s in this frame, numbered from left to right; `lctem preview` shows them",
            particle, found->n_particles, found->n_particles == 1 ? "is" : "are");
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

enum lct_status moire_region_load(struct moire_region *out, const struct lct_image *picture, const char *path, long frame,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    if (recipe->particle == 0)
        return load_whole(out, picture, err);
    out->view = (struct view){ .recipe = recipe, .frame = frame,
        .threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores() };
    const enum lct_status status = view_make(&out->view, path, NULL, err);
    if (status != LCT_OK)
        return status;
    if (!isfinite(out->view.movie.scale.nm_per_px))
        return lct_fail(err, LCT_E_ARG, "%s: --particle needs the pixel size; give it with --pixel-size NM", path);
    return load_core(out, picture, (int)recipe->particle, recipe, err);
}
