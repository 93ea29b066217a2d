#include <lctem/file.h>
#include <lctem/preview.h>

#include "preview_views.h"
#include "view.h"

#include <lctem/parallel.h>
#include <lctem/picture.h>
#include <lctem/number.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_LINES = 10,
    LINE_TEXT = 200,
};

/* The words below the pictures. */
struct words {
    char text[MAX_LINES][LINE_TEXT];
    const char *line[MAX_LINES];
    size_t n;
};

void lct_preview_found_finish(struct lct_preview_found *found)
{
    free(found->particles);
    *found = (struct lct_preview_found){ 0 };
}

static enum lct_status tell(const struct view *v, struct lct_preview_found *out, struct lct_err *err)
{
    const struct plan *p = &v->plan;
    const long side = v->k < p->n - 1 - v->k ? v->k : p->n - 1 - v->k;
    struct lct_preview_found f = { .frame = movie_frame(&v->movie, v->k),
        .time_s = p->frames[v->k].time_s,
        .first = v->movie.first,
        .last = movie_frame(&v->movie, p->n - 1),
        .nm_per_px = v->movie.scale.nm_per_px,
        .nm_per_px_y = v->movie.scale.nm_per_px_y,
        .contrast = p->background.contrast,
        .levels = p->levels,
        .no_particle = p->no_particle,
        .no_liquid = p->frames[v->k].no_liquid,
        .smoothing_px = p->sigma_px * p->bin,
        .mean_frames = 2 * (int)(side < p->reach ? side : p->reach) + 1,
        .min_area_px2 = p->min_appear_px * p->bin * p->bin,
        .n_particles = v->result.n_particles };
    f.levels.edge_soft_px *= p->bin; /* for people, who look at the frame as recorded */
    f.particles = calloc(f.n_particles + 1, sizeof *f.particles);
    if (!f.particles)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %zu particles", f.n_particles);
    for (size_t i = 0; i < f.n_particles; i++) {
        const struct area_row *r = &v->result.rows[i];
        f.particles[i] = (struct lct_preview_particle){ .number = r->particle,
            .x_px = r->cx_px + v->movie.roi.x_px,
            .y_px = r->cy_px + v->movie.roi.y_px,
            .core_px2 = r->core_px2,
            .core_sd_px2 = r->core_sd_px2,
            .shell_px2 = r->shell_px2,
            .shell_sd_px2 = r->shell_sd_px2,
            .border = r->border,
            .contact = r->contact };
    }
    *out = f;
    return LCT_OK;
}

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *fmt, ...)
{
    if (words->n == MAX_LINES)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words->text[words->n], LINE_TEXT, fmt, ap);
    va_end(ap);
    words->line[words->n] = words->text[words->n];
    words->n++;
}

static void say_particles(struct words *words, const struct lct_preview_found *f)
{
    const bool in_nm = isfinite(f->nm_per_px);
    const double unit = in_nm ? f->nm_per_px * f->nm_per_px_y : 1.0;
    const char *name = in_nm ? "nm²" : "px²";
    for (size_t i = 0; i < f->n_particles; i++) {
        const struct lct_preview_particle *p = &f->particles[i];
        if (words->n == MAX_LINES - 1 && i + 1 < f->n_particles) {
            say(words, "... and %zu more", f->n_particles - i);
            return;
        }
        char core[LCT_NUMBER_PAIR], shell[LCT_NUMBER_PAIR];
        say(words, "particle %d: core %s %s, shell %s %s%s%s", p->number,
            lct_number_pair(core, p->core_px2 * unit, p->core_sd_px2 * unit, " ± "), name,
            lct_number_pair(shell, p->shell_px2 * unit, p->shell_sd_px2 * unit, " ± "), name,
            p->contact ? ", touches another" : "", p->border ? ", cut by the border" : "");
    }
}

static void compose_words(struct words *words, const struct lct_preview_found *f)
{
    const struct lct_levels *l = &f->levels;
    const bool in_nm = isfinite(f->nm_per_px);
    const char *contrast = f->contrast == LCT_CONTRAST_BRIGHT ? "bright" : "dark";
    if (f->no_particle)
        say(words, "no particle found; try --contrast, --smoothing, or another --frame");
    else if (l->has_shell)
        say(words, "levels: liquid 1, shell %.3f, core %.3f, noise %.2g", l->shell, l->core, l->noise_sd);
    else
        say(words, "levels: liquid 1, core %.3f, noise %.2g (no shell)", l->core, l->noise_sd);
    char smoothing[48];
    if (in_nm)
        snprintf(smoothing, sizeof smoothing, "%.3g nm (%.3g px)", f->smoothing_px * f->nm_per_px, f->smoothing_px);
    else
        snprintf(smoothing, sizeof smoothing, "%.3g px", f->smoothing_px);
    say(words, "contrast %s; smoothing %s; mean of %d frame%s; found on frames %ld to %ld", contrast, smoothing,
        f->mean_frames, f->mean_frames > 1 ? "s" : "", f->first, f->last);
    if (!in_nm)
        say(words, "the pixel size is not known: give it with --pixel-size NM");
    if (f->no_liquid)
        say(words, "no liquid seen in this frame: the background of its neighbours is used");
    say_particles(words, f);
    if (f->n_particles == 0 && !f->no_particle)
        say(words, "no particle in this frame (core of at least %.4g %s)",
            in_nm ? f->min_area_px2 * f->nm_per_px * f->nm_per_px_y : f->min_area_px2, in_nm ? "nm²" : "px²");
}

static enum lct_status draw(const struct view *v, const struct lct_preview_found *f, struct lct_err *err)
{
    const struct result *r = &v->result;
    struct words *words = calloc(1, sizeof *words);
    struct lct_overlay_label *labels = calloc(r->n_particles + 1, sizeof *labels);
    struct lct_picture picture = { 0 };
    struct preview_views views = { 0 };
    enum lct_status status = preview_views_make(&views, &v->plan, r, window_frame(v->window, v->k), err);
    if (status == LCT_OK && (!words || !labels))
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the picture");
    if (status == LCT_OK) {
        compose_words(words, f);
        for (size_t i = 0; i < r->n_particles; i++)
            labels[i] = (struct lct_overlay_label){ r->rows[i].particle, r->rows[i].cx_px, r->rows[i].cy_px };
        const struct lct_preview preview = { .pixel_size_nm = f->nm_per_px,
            .title = v->movie.info->path,
            .lines = words->line,
            .n_lines = words->n,
            .plane = &r->plane,
            .power = views.power.px ? &views.power : NULL,
            .levels = v->plan.no_particle ? NULL : &views.levels,
            .frame = { .image = window_frame(v->window, v->k),
                .lo = v->plan.display_lo,
                .hi = v->plan.display_hi,
                .outlines = r->outlines,
                .n_outlines = 2 * r->n_particles,
                .labels = labels,
                .n_labels = r->n_particles,
                .frame = f->frame,
                .time_s = f->time_s } };
        status = lct_preview_compose(&picture, &preview, err);
    }
    if (status == LCT_OK)
        status = lct_picture_write(&picture, v->recipe->output, err);
    lct_picture_finish(&picture);
    preview_views_finish(&views);
    free(labels);
    free(words);
    return status;
}

enum lct_status lct_preview_make(struct lct_preview_found *out, const char *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err)
{
    if (!recipe->output)
        return lct_fail(err, LCT_E_ARG, "preview: where to? give a picture with -o PNG");
    if (lct_file_check_output(recipe->output, recipe->force, err) != LCT_OK)
        return LCT_E_OUTPUT;
    struct view v = { .recipe = recipe,
        .frame = recipe->frame,
        .threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores() };
    struct lct_preview_found found = { 0 };
    enum lct_status status = view_make(&v, movie, progress, err);
    if (status == LCT_OK)
        status = tell(&v, &found, err);
    if (status == LCT_OK)
        status = draw(&v, &found, err);
    view_finish(&v);
    if (status != LCT_OK)
        lct_preview_found_finish(&found);
    else
        *out = found;
    return status;
}
