#include <lctem/preview.h>

#include "result.h"

#include <lctem/parallel.h>
#include <lctem/picture.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const size_t KEPT_BYTES = 256u << 20; /* larger stretches are read again when they are needed */
enum {
    HALF_STRETCH = 12,   /* frames on either side: more than a time mean ever takes, few enough to wait for */
    STRETCH_KEYS = 3,    /* of 8 frames each: as quiet as the key planes of a whole run */
    MAX_LINES = 10,
    LINE_TEXT = 200,
};

/* One frame on its way from the movie to the picture. */
struct view {
    const struct lct_recipe *recipe;
    struct movie movie;     /* narrowed to the stretch */
    struct plan plan;
    struct window *window;
    struct lct_track *track;
    struct lct_mask_work work;
    struct result result;
    long k;                 /* the frame within the stretch */
    int threads;
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

static void view_finish(struct view *v)
{
    result_finish(&v->result);
    lct_mask_work_finish(&v->work);
    lct_track_destroy(&v->track);
    window_destroy(&v->window);
    plan_finish(&v->plan);
    movie_close(&v->movie);
}

static enum lct_status find_frame(const struct movie *movie, long frame, long *k, struct lct_err *err)
{
    const long last = movie_frame(movie, movie->n - 1);
    if (frame < movie->first || frame > last || (frame - movie->first) % movie->step)
        return lct_fail(err, LCT_E_ARG, "%s: --frame %ld: the frames to use are %ld to %ld%s", movie->info->path, frame,
            movie->first, last, movie->step > 1 ? " in the steps of --frames" : "");
    *k = (frame - movie->first) / movie->step;
    return LCT_OK;
}

/* The background needs the whole movie, everything else the few frames around the one that is shown: from then on these are the
 * movie. */
static enum lct_status plan_around(struct view *v, long k, const struct lct_progress *progress, struct lct_err *err)
{
    struct movie *m = &v->movie;
    const long from = k > HALF_STRETCH ? k - HALF_STRETCH : 0;
    const long count = (k + HALF_STRETCH + 1 < m->n ? k + HALF_STRETCH + 1 : m->n) - from;
    const size_t bytes = sizeof(float) * (size_t)count * (size_t)m->roi.width_px * (size_t)m->roi.height_px;
    enum lct_status status = bytes <= KEPT_BYTES ? movie_keep(m, from, count, err) : LCT_OK;
    if (status == LCT_OK)
        status = plan_begin(&v->plan, m, v->recipe, progress, err);
    if (status != LCT_OK)
        return status;
    m->first = movie_frame(m, from);
    m->n = m->n - from < count ? m->n - from : count;
    v->k = k - from;
    v->plan.n = m->n;
    v->plan.n_keys = STRETCH_KEYS;
    if (v->k < m->n)
        status = plan_complete(&v->plan, m, v->recipe, v->threads, progress, err);
    if (status == LCT_OK && v->k >= v->plan.n)
        return lct_fail(err, LCT_E_INPUT, "%s: the movie ends before frame %ld", m->info->path, v->recipe->frame);
    return status;
}

static enum lct_status plan_view(struct view *v, const char *path, const struct lct_progress *progress, struct lct_err *err)
{
    long k = 0;
    enum lct_status status = movie_open(&v->movie, path, v->recipe, err);
    if (status == LCT_OK)
        status = find_frame(&v->movie, v->recipe->frame, &k, err);
    return status == LCT_OK ? plan_around(v, k, progress, err) : status;
}

static enum lct_status segment_view(struct view *v, struct lct_err *err)
{
    const struct plan *plan = &v->plan;
    enum lct_status status = window_create(&v->window, plan, &v->movie, 1, v->threads, err);
    if (status == LCT_OK)
        status = lct_mask_work_init(&v->work, plan->width, plan->height, err);
    if (status == LCT_OK)
        status = result_init(&v->result, plan, NULL, err);
    v->result.k = v->k;
    if (status == LCT_OK)
        status = plan_track(&v->track, plan, &v->movie, v->recipe, err);
    if (status == LCT_OK)
        status = window_advance(v->window, v->k, 1, err);
    if (status == LCT_OK)
        status = result_segment(&v->result, plan, v->window, &v->work, err);
    if (status != LCT_OK)
        return status;
    const struct plane_shift shift = plan_shift(plan, v->k);
    const struct lct_track_input in = { v->result.phase, v->result.weak, &v->result.plane, shift.x, shift.y };
    status = lct_track_frame(v->track, v->k, &in, &plan->levels, v->result.labels, err);
    if (status != LCT_OK)
        return status;
    size_t n;
    const struct lct_track_particle *particles = lct_track_particles(v->track, &n);
    status = result_take_particles(&v->result, particles, n, err);
    return status == LCT_OK ? result_measure(&v->result, plan, err) : status;
}

static enum lct_status tell(const struct view *v, struct lct_preview_found *out, struct lct_err *err)
{
    const struct plan *p = &v->plan;
    const long side = v->k < p->n - 1 - v->k ? v->k : p->n - 1 - v->k;
    struct lct_preview_found f = { .frame = movie_frame(&v->movie, v->k), .time_s = p->frames[v->k].time_s,
        .first = v->movie.first, .last = movie_frame(&v->movie, p->n - 1), .nm_per_px = v->movie.scale.nm_per_px,
        .nm_per_px_y = v->movie.scale.nm_per_px_y, .contrast = p->background.contrast, .levels = p->levels,
        .no_particle = p->no_particle, .no_liquid = p->frames[v->k].no_liquid, .smoothing_px = p->sigma_px * p->bin,
        .mean_frames = 2 * (int)(side < p->reach ? side : p->reach) + 1,
        .min_area_px2 = p->min_appear_px * p->bin * p->bin, .n_particles = v->result.n_particles };
    f.particles = calloc(f.n_particles + 1, sizeof *f.particles);
    if (!f.particles)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %zu particles", f.n_particles);
    for (size_t i = 0; i < f.n_particles; i++) {
        const struct area_row *r = &v->result.rows[i];
        f.particles[i] = (struct lct_preview_particle){ .number = r->particle, .x_px = r->cx_px + v->movie.roi.x_px,
            .y_px = r->cy_px + v->movie.roi.y_px, .core_px2 = r->core_px2, .core_sd_px2 = r->core_sd_px2,
            .shell_px2 = r->shell_px2, .shell_sd_px2 = r->shell_sd_px2, .border = r->border, .contact = r->contact };
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
        say(words, "particle %d: core %.5g ± %.2g %s, shell %.5g ± %.2g %s%s%s", p->number, p->core_px2 * unit,
            p->core_sd_px2 * unit, name, p->shell_px2 * unit, p->shell_sd_px2 * unit, name,
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
    enum lct_status status = LCT_OK;
    if (!words || !labels)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the picture");
    if (status == LCT_OK) {
        compose_words(words, f);
        for (size_t i = 0; i < r->n_particles; i++)
            labels[i] = (struct lct_overlay_label){ r->rows[i].particle, r->rows[i].cx_px, r->rows[i].cy_px };
        const struct lct_preview preview = { .pixel_size_nm = f->nm_per_px, .title = v->movie.info->path,
            .lines = words->line, .n_lines = words->n,
            .frame = { .image = window_frame(v->window, v->k), .lo = v->plan.display_lo, .hi = v->plan.display_hi,
                .outlines = r->outlines, .n_outlines = 2 * r->n_particles, .labels = labels,
                .n_labels = r->n_particles, .frame = f->frame, .time_s = f->time_s } };
        status = lct_preview_compose(&picture, &preview, err);
    }
    if (status == LCT_OK)
        status = lct_picture_write(&picture, v->recipe->output, err);
    lct_picture_finish(&picture);
    free(labels);
    free(words);
    return status;
}

enum lct_status lct_preview_make(struct lct_preview_found *out, const char *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err)
{
    if (!recipe->output)
        return lct_fail(err, LCT_E_ARG, "preview: where to? give a picture with -o PNG");
    if (!recipe->force && access(recipe->output, F_OK) == 0)
        return lct_fail(err, LCT_E_OUTPUT, "%s: exists; give --force to overwrite it", recipe->output);
    struct view v = { .recipe = recipe, .threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores() };
    struct lct_preview_found found = { 0 };
    enum lct_status status = plan_view(&v, movie, progress, err);
    if (status == LCT_OK)
        status = segment_view(&v, err);
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
