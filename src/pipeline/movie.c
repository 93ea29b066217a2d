#include "movie.h"

#include "masks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t STORE_FILE_BYTES = (size_t)8 << 30; /* 8000 frames of 1024 x 1024 px */

static enum lct_status choose_frames(struct movie *m, const struct lct_recipe *recipe, struct lct_err *err)
{
    const long total = m->info->n_frames;
    const long end = recipe->frames.end < 0 || recipe->frames.end > total ? total : recipe->frames.end;
    m->first = recipe->frames.first;
    m->step = recipe->frames.step > 0 ? recipe->frames.step : 1;
    if (m->first < 0 || m->first >= end)
        return lct_fail(err, LCT_E_ARG, "%s: --frames: the movie has the frames 0 to %ld; none of them is asked for",
            m->info->path, total - 1);
    m->n = (end - m->first + m->step - 1) / m->step;
    return LCT_OK;
}

static enum lct_status choose_region(struct movie *m, const struct lct_recipe *recipe, struct lct_err *err)
{
    const int w = m->info->width, h = m->info->height;
    const struct lct_rect r = recipe->roi;
    m->roi = (struct lct_rect){ 0, 0, w, h };
    if (r.width_px == 0)
        return LCT_OK;
    if (r.x_px < 0 || r.y_px < 0 || r.width_px < 1 || r.height_px < 1 || r.x_px > w - r.width_px
        || r.y_px > h - r.height_px)
        return lct_fail(err, LCT_E_ARG,
            "%s: --roi %d,%d,%d,%d does not lie inside the %d x %d px of the frames; X + W may be %d at most, Y + H %d",
            m->info->path, r.x_px, r.y_px, r.width_px, r.height_px, w, h, w, h);
    m->roi = r;
    return lct_image_init(&m->whole, w, h, err);
}

/* Before an hour of work: can the points that were given be inside a particle? */
static enum lct_status check_seeds(const struct movie *m, const struct lct_recipe *recipe, struct lct_err *err)
{
    double *xy = NULL;
    size_t n = 0;
    enum lct_status status = lct_recipe_seeds(recipe, &xy, &n, err);
    const struct lct_rect r = m->roi;
    for (size_t i = 0; status == LCT_OK && i < n; i++) {
        const double x = xy[2 * i] - r.x_px, y = xy[2 * i + 1] - r.y_px;
        if (!(x >= -0.5 && y >= -0.5 && x < r.width_px - 0.5 && y < r.height_px - 0.5))
            status = lct_fail(err, LCT_E_ARG,
                "%s: first_seed: %.6g,%.6g does not lie inside the %d x %d px that are used; give a point "
                "inside each particle of the first frame",
                m->info->path, xy[2 * i], xy[2 * i + 1], r.width_px, r.height_px);
    }
    free(xy);
    return status;
}

enum lct_status movie_open(struct movie *out, const char *path, const struct lct_recipe *recipe, struct lct_err *err)
{
    struct movie m = { 0 };
    const struct lct_source_params params = {
        .dataset = recipe->dataset, .raw = recipe->raw, .threads = recipe->threads > 0 ? (int)recipe->threads : 0
    };
    enum lct_status status = lct_source_open(&m.source, path, &params, err);
    if (status != LCT_OK)
        return status;
    m.info = lct_source_info(m.source);
    const bool given = isfinite(recipe->pixel_size_nm);
    m.scale.nm_per_px = given ? recipe->pixel_size_nm : m.info->pixel_size_nm;
    m.scale.nm_per_px_y = given || !isfinite(m.info->pixel_size_y_nm) ? m.scale.nm_per_px : m.info->pixel_size_y_nm;
    m.time_from_user = isfinite(recipe->frame_time_s);
    const double dose_rate = recipe->chemistry.dose_rate_e_per_nm2_s;
    m.dose_e_per_nm2_s = isfinite(dose_rate) ? dose_rate : m.info->dose_e_per_nm2_s;
    m.scale.s_per_frame = m.time_from_user ? recipe->frame_time_s : m.info->frame_time_s;
    status = choose_frames(&m, recipe, err);
    if (status == LCT_OK)
        status = choose_region(&m, recipe, err);
    if (status == LCT_OK)
        status = check_seeds(&m, recipe, err);
    if (status != LCT_OK) {
        movie_close(&m);
        return status;
    }
    *out = m;
    return LCT_OK;
}

void movie_forget(struct movie *movie)
{
    for (long i = 0; i < movie->n_kept; i++)
        lct_image_finish(&movie->kept[i]);
    free(movie->kept);
    free(movie->kept_s);
    frame_store_destroy(movie->store);
    movie->kept = NULL;
    movie->kept_s = NULL;
    movie->n_kept = 0;
    movie->store = NULL;
}

void movie_close(struct movie *movie)
{
    movie_forget(movie);
    lct_source_close(&movie->source);
    lct_image_finish(&movie->whole);
    *movie = (struct movie){ 0 };
}

static void crop(const struct lct_image *whole, struct lct_rect roi, struct lct_image *out)
{
    for (int y = 0; y < roi.height_px; y++)
        memcpy(out->px + (size_t)y * (size_t)roi.width_px,
            whole->px + (size_t)(y + roi.y_px) * (size_t)whole->width + (size_t)roi.x_px,
            (size_t)roi.width_px * sizeof *out->px);
}

static enum lct_status read_source(
    struct movie *movie, long number, struct lct_image *out, double *time_s, struct lct_err *err)
{
    struct lct_image *into = movie->whole.px ? &movie->whole : out;
    double own = NAN;
    const enum lct_status status = lct_source_read(movie->source, number, into, &own, err);
    if (status != LCT_OK)
        return status;
    if (movie->whole.px)
        crop(&movie->whole, movie->roi, out);
    for (size_t i = 0; movie->masks && i < lct_image_count(out); i++)
        out->px[i] = masks_grey[masks_phase(movie->masks, out->px[i])];
    const double counted = (double)number * movie->scale.s_per_frame;
    *time_s = movie->time_from_user || !isfinite(own) ? counted : own;
    return LCT_OK;
}

enum lct_status movie_keep(struct movie *movie, long from, long count, struct lct_err *err)
{
    movie->kept = calloc((size_t)count, sizeof *movie->kept);
    movie->kept_s = calloc((size_t)count, sizeof *movie->kept_s);
    if (!movie->kept || !movie->kept_s)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %ld frames", movie->info->path, count);
    movie->kept_first = movie_frame(movie, from);
    movie->n_kept = count;
    return LCT_OK;
}

void movie_remember(struct movie *movie, size_t memory_bytes, const char *folder, const struct lct_progress *progress)
{
    const bool slow = strcmp(movie->info->format, "video") == 0;
    movie->store = frame_store_create(
        movie->n, movie->roi.width_px, movie->roi.height_px, memory_bytes, slow ? folder : NULL, STORE_FILE_BYTES);
    movie->progress = progress;
}

/* Read what is to be kept; a movie that ends on the way keeps what there is. */
static enum lct_status fill_kept(struct movie *movie, struct lct_err *err)
{
    for (long i = 0; i < movie->n_kept; i++) {
        enum lct_status status = lct_image_init(&movie->kept[i], movie->roi.width_px, movie->roi.height_px, err);
        if (status == LCT_OK)
            status = read_source(movie, movie->kept_first + i * movie->step, &movie->kept[i], &movie->kept_s[i], err);
        if (status == LCT_END) {
            lct_image_finish(&movie->kept[i]);
            movie->n_kept = i;
        } else if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

/* Frame k from the file, or from what movie_keep has kept. */
static enum lct_status fetch(struct movie *movie, long k, struct lct_image *out, double *time_s, struct lct_err *err)
{
    const long number = movie_frame(movie, k), i = (number - movie->kept_first) / movie->step;
    enum lct_status status = LCT_OK;
    if (movie->n_kept > 0 && !movie->kept[0].px && number >= movie->kept_first)
        status = fill_kept(movie, err);
    if (status == LCT_OK && number >= movie->kept_first && i < movie->n_kept) {
        memcpy(out->px, movie->kept[i].px, lct_image_count(out) * sizeof *out->px);
        *time_s = movie->kept_s[i];
    } else if (status == LCT_OK) {
        status = read_source(movie, number, out, time_s, err);
    }
    if (status == LCT_OK && !frame_store_put(movie->store, k, out, *time_s))
        movie->n_stored =
            frame_store_end(movie->store); /* no room, or greys that it cannot hold: no use to read ahead for it */
    if (status == LCT_END)
        movie->n = k;
    return status;
}

/* Read what lies before frame k in its order, as long as it can be kept: a video that is read here and there is decoded as a whole
 * anyway, and again when the frames between are wanted. */
static enum lct_status fill_store(struct movie *movie, long k, struct lct_image *out, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && movie->n_stored < k && k < frame_store_end(movie->store)) {
        double time_s;
        const long q = movie->n_stored++;
        if (!frame_store_get(movie->store, q, out, &time_s))
            status = fetch(movie, q, out, &time_s, err);
        if (status == LCT_OK)
            status = lct_progress_step(movie->progress, "read", q + 1, movie->n, err);
    }
    return status;
}

enum lct_status movie_read(struct movie *movie, long k, struct lct_image *out, double *time_s, struct lct_err *err)
{
    if (k >= movie->n)
        return LCT_END;
    if (frame_store_get(movie->store, k, out, time_s))
        return LCT_OK;
    const enum lct_status status = fill_store(movie, k, out, err);
    return status == LCT_OK ? fetch(movie, k, out, time_s, err) : status;
}

bool movie_remembers(const struct movie *movie, long k)
{
    return k < movie->n && frame_store_has(movie->store, k);
}

enum lct_status movie_recall(
    const struct movie *movie, long k, struct lct_image *out, double *time_s, struct lct_err *err)
{
    if (frame_store_get(movie->store, k, out, time_s))
        return LCT_OK;
    return lct_fail(err, LCT_E_INPUT,
        "%s: frame %ld was decoded, and cannot be read back from the run's folder; is that disk sound?",
        movie->info->path, movie_frame(movie, k));
}

enum lct_status movie_find(const struct movie *movie, long frame, long *k, struct lct_err *err)
{
    const long last = movie_frame(movie, movie->n - 1);
    if (frame < movie->first || frame > last || (frame - movie->first) % movie->step)
        return lct_fail(err, LCT_E_ARG, "%s: --frame %ld: the frames to use are %ld to %ld%s; give one of them",
            movie->info->path, frame, movie->first, last, movie->step > 1 ? " in the steps of --frames" : "");
    *k = (frame - movie->first) / movie->step;
    return LCT_OK;
}
