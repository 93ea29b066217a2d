#include "masks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_FRAMES = 24, MOST_LABEL = 65535 };

void masks_close(struct masks *masks)
{
    movie_close(&masks->movie);
    lct_image_finish(&masks->page);
    *masks = (struct masks){ 0 };
}

enum lct_phase masks_phase(const struct masks *masks, float value)
{
    const long label = (long)value;
    if (label == 0)
        return LCT_LIQUID;
    if (masks->core_label || masks->shell_label)
        return label == masks->core_label ? LCT_CORE : label == masks->shell_label ? LCT_SHELL : LCT_LIQUID;
    return masks->one_class || label % 2 ? LCT_CORE : LCT_SHELL;
}

static enum lct_status read_page(struct masks *m, long k, struct lct_err *err)
{
    double time_s;
    const enum lct_status status = movie_read(&m->movie, k, &m->page, &time_s, err);
    if (status == LCT_END)
        return lct_fail(
            err, LCT_E_INPUT, "%s: frame %ld cannot be read", m->movie.info->path, movie_frame(&m->movie, k));
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; i < lct_image_count(&m->page); i++)
        if (!(m->page.px[i] >= 0.0F && m->page.px[i] <= (float)MOST_LABEL) || m->page.px[i] != floorf(m->page.px[i]))
            return lct_fail(err, LCT_E_INPUT,
                "%s: frame %ld holds %g, which is no label: whole numbers from 0 (liquid) to %d are",
                m->movie.info->path, movie_frame(&m->movie, k), (double)m->page.px[i], MOST_LABEL);
    return LCT_OK;
}

/* Which values there are, in frames spread over the stack. One value alone is a class of its own, whatever its number
 * (255 in Fiji). */
static enum lct_status look(struct masks *m, struct lct_err *err)
{
    bool *seen = calloc(MOST_LABEL + 1, sizeof *seen);
    size_t steps = 0, pairs = 0;
    if (!seen)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", m->movie.info->path);
    const long n = m->movie.n < LOOK_FRAMES ? m->movie.n : LOOK_FRAMES;
    enum lct_status status = LCT_OK;
    for (long i = 0; status == LCT_OK && i < n; i++) {
        status = read_page(m, n > 1 ? i * (m->movie.n - 1) / (n - 1) : 0, err);
        for (size_t k = 0; status == LCT_OK && k < lct_image_count(&m->page); k++) {
            seen[(int)m->page.px[k]] = true;
            steps += k > 0 && (int)m->page.px[k] != (int)m->page.px[k - 1];
            pairs++;
        }
    }
    if (status == LCT_OK && 2 * steps > pairs) {
        free(seen);
        return lct_fail(err, LCT_E_INPUT,
            "%s: looks like a film, not like labels: its values change from px to px; give the masks here and the "
            "film with --movie",
            m->movie.info->path);
    }
    int values = 0;
    bool core = false;
    for (int v = 1; v <= MOST_LABEL; v++)
        values += seen[v];
    m->one_class = values == 1;
    for (int v = 1; status == LCT_OK && v <= MOST_LABEL; v++) {
        const enum lct_phase phase = seen[v] ? masks_phase(m, (float)v) : LCT_LIQUID;
        core |= phase == LCT_CORE;
        m->has_shell |= phase == LCT_SHELL;
    }
    free(seen);
    if (status == LCT_OK && !core)
        return lct_fail(err, LCT_E_NODATA, "%s: no label of a core in the %ld frames that were looked at; %s",
            m->movie.info->path, n,
            m->core_label || m->shell_label
                ? "see --core-label and --shell-label"
                : "labels are 0 liquid, 1, 3, 5 ... cores, 2, 4, 6 ... their shells, or name them with --core-label");
    return status;
}

enum lct_status masks_open(struct masks *out, const struct lct_recipe *recipe, struct lct_err *err)
{
    struct masks m = { .core_label = recipe->core_label, .shell_label = recipe->shell_label };
    if (m.core_label && m.core_label == m.shell_label)
        return lct_fail(err, LCT_E_ARG, "core_label and shell_label are both %ld; give each its own", m.core_label);
    enum lct_status status = movie_open(&m.movie, recipe->labels, recipe, err);
    if (status == LCT_OK)
        status = lct_image_init(&m.page, m.movie.roi.width_px, m.movie.roi.height_px, err);
    if (status == LCT_OK)
        status = look(&m, err);
    if (status != LCT_OK) {
        masks_close(&m);
        return status;
    }
    *out = m;
    return LCT_OK;
}

enum lct_status masks_check(const struct masks *masks, const struct movie *movie, struct lct_err *err)
{
    const struct lct_source_info *a = masks->movie.info, *b = movie->info;
    if (a->width != b->width || a->height != b->height)
        return lct_fail(err, LCT_E_INPUT,
            "%s: labels of %d x %d px do not fit on the frames of %s, %d x %d px; give the movie they were made from",
            a->path, a->width, a->height, b->path, b->width, b->height);
    if (masks->movie.n != movie->n)
        return lct_fail(err, LCT_E_INPUT,
            "%s: labels of %ld frames, but %s has %ld; choose the labelled ones with --frames A:B:STEP", a->path,
            masks->movie.n, b->path, movie->n);
    return LCT_OK;
}

void masks_lend_scale(const struct masks *masks, struct movie *movie)
{
    const struct lct_scale *lent = &masks->movie.scale;
    struct lct_scale *own = &movie->scale;
    movie->lent_pixel_size = !isfinite(own->nm_per_px) && isfinite(lent->nm_per_px);
    if (movie->lent_pixel_size) {
        own->nm_per_px = lent->nm_per_px;
        own->nm_per_px_y = lent->nm_per_px_y;
    }
    movie->lent_frame_time = !isfinite(own->s_per_frame) && isfinite(lent->s_per_frame);
    if (movie->lent_frame_time)
        own->s_per_frame = lent->s_per_frame;
}

enum lct_status masks_read(struct masks *masks, long k, uint8_t *phase, struct lct_err *err)
{
    const enum lct_status status = read_page(masks, k, err);
    for (size_t i = 0; status == LCT_OK && i < lct_image_count(&masks->page); i++)
        phase[i] = (uint8_t)masks_phase(masks, masks->page.px[i]);
    return status;
}
