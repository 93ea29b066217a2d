#include <lctem/file.h>
#include <lctem/convert.h>

#include "align.h"

#include <lctem/picture.h>
#include <lctem/sampling.h>
#include <lctem/writer.h>

#include <string.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RANGE_FRAMES = 12, NOTE_BYTES = 80 };
#define UNKNOWN_FPS 25.0 /* a video has to be played at some rate */

struct convert {
    const struct lct_recipe *recipe;
    const char *output;
    struct movie movie;
    struct align *align; /* NULL: not wanted */
    struct lct_writer *writer;
    struct lct_image frame, moved, binned;
    uint16_t *samples; /* of a frame that is written as whole numbers */
    struct lct_converted found;
    long lost; /* frames whose drift could not be followed */
};

static void convert_finish(struct convert *c)
{
    lct_writer_abandon(&c->writer);
    align_destroy(&c->align);
    movie_close(&c->movie);
    lct_image_finish(&c->frame);
    lct_image_finish(&c->moved);
    lct_image_finish(&c->binned);
    free(c->samples);
}

/* The first file of a PNG sequence stands for all of them. */
static enum lct_status check_output(const struct lct_recipe *recipe, struct lct_err *err)
{
    const char *output = recipe->output, *percent;
    if (!output)
        return lct_fail(err, LCT_E_ARG,
            "convert: where to? give a file with -o FILE.tif, .mrc, .mp4, or a pattern such as f%%05d.png");
    if (lct_writer_bits(output, 8) == 0)
        return lct_fail(err, LCT_E_ARG,
            "%s: unknown ending; give .tif, .mrc, .mp4, .mkv, .mov or a pattern like f%%05d.png", output);
    char *first = NULL, *end = NULL;
    int n = 0;
    if ((percent = strchr(output, '%')) && (n = (int)strtol(percent + 1, &end, 10)) >= 0 && n < 100 && *end == 'd')
        n = asprintf(&first, "%.*s%0*d%s", (int)(percent - output), output, n, 0, end + 1);
    else
        n = asprintf(&first, "%s", output);
    if (n < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", output);
    const enum lct_status status = lct_file_check_output(first, recipe->force, err);
    free(first);
    return status;
}

/* Where the format has fewer bits than the samples: what of the movie is black, what is white. */
static enum lct_status find_range(struct convert *c, struct lct_err *err)
{
    double lo = INFINITY, hi = -INFINITY, time_s;
    const long n = c->movie.n < RANGE_FRAMES ? c->movie.n : RANGE_FRAMES;
    enum lct_status status = LCT_OK;
    for (long i = 0; status == LCT_OK && i < n; i++) {
        double a, b;
        status = movie_read(&c->movie, i * (c->movie.n / n), &c->frame, &time_s, err);
        if (status != LCT_OK)
            break;
        lct_picture_range(&c->frame, &a, &b);
        lo = a < lo ? a : lo;
        hi = b > hi ? b : hi;
    }
    const double top = c->found.bits == 8 ? 255 : 65535;
    if (lo < hi) {
        c->found.grey_offset = lo;
        c->found.grey_step = (hi - lo) / top;
    }
    return status == LCT_END ? LCT_OK : status;
}

static enum lct_status choose_samples(struct convert *c, const struct lct_log *log, struct lct_err *err)
{
    const enum lct_dtype dtype = c->movie.info->dtype;
    const bool bytes = dtype == LCT_DTYPE_U8 || dtype == LCT_DTYPE_BOOL, whole = bytes || dtype == LCT_DTYPE_U16;
    const bool mixed = c->recipe->bin > 1 || c->recipe->align; /* means of whole numbers are none */
    const int own = bytes ? 8 : whole ? 16 : 32, most = lct_writer_bits(c->output, 32);
    c->found.bits = mixed && most == 32 ? 32 : lct_writer_bits(c->output, own);
    c->found.grey_step = 1;
    if (c->found.bits >= own)
        return LCT_OK;
    const enum lct_status status = find_range(c, err);
    if (status == LCT_OK)
        lct_log_say(log, LCT_LOG_WARNING,
            "%s has %d bits: value in the movie = %.9g + %.9g * grey; what lies outside is clipped; "
            "TIFF and MRC keep all",
            c->output, c->found.bits, c->found.grey_offset, c->found.grey_step);
    return status;
}

static void write_note(const struct convert *c, char note[NOTE_BYTES])
{
    const struct lct_converted *f = &c->found;
    int n = 0;
    note[0] = '\0';
    if (isfinite(f->pixel_size_nm))
        n += snprintf(note, NOTE_BYTES, "pixel_size_nm=%.8g", f->pixel_size_nm);
    if (isfinite(f->pixel_size_nm) && f->pixel_size_y_nm != f->pixel_size_nm)
        n += snprintf(note + n, NOTE_BYTES - (size_t)n, " pixel_size_y_nm=%.8g", f->pixel_size_y_nm);
    if (isfinite(f->frame_time_s))
        snprintf(note + n, NOTE_BYTES - (size_t)n, "%sframe_time_s=%.8g", n ? " " : "", f->frame_time_s);
}

static enum lct_status open_writer(struct convert *c, const struct lct_log *log, struct lct_err *err)
{
    struct lct_converted *f = &c->found;
    const int bin = (int)c->recipe->bin;
    const bool video = lct_writer_bits(c->output, 32) == 8;
    f->width = c->movie.roi.width_px / bin;
    f->height = c->movie.roi.height_px / bin;
    if (f->width < 1 + video || f->height < 1 + video)
        return lct_fail(err, LCT_E_ARG, "%s: --bin %d leaves %d x %d px of %d x %d; %s", c->output, bin, f->width,
            f->height, c->movie.roi.width_px, c->movie.roi.height_px,
            video ? "a video needs 2 x 2: take a smaller --bin or a larger --roi" : "take a smaller one");
    if (video && (f->width % 2 || f->height % 2)) {
        lct_log_say(log, LCT_LOG_WARNING, "%s: video has even sizes; the last row or column of %d x %d px is left out",
            c->output, f->width, f->height);
        f->width -= f->width % 2;
        f->height -= f->height % 2;
    }
    f->pixel_size_nm = c->movie.scale.nm_per_px * bin;
    f->pixel_size_y_nm = c->movie.scale.nm_per_px_y * bin;
    f->frame_time_s = c->movie.scale.s_per_frame * (double)c->movie.step;
    if (!isfinite(f->pixel_size_nm))
        lct_log_say(log, LCT_LOG_WARNING, "%s: the pixel size is not known, none is written; give it with --pixel-size",
            c->output);
    if (video && !isfinite(f->frame_time_s))
        lct_log_say(
            log, LCT_LOG_WARNING, "%s: the frame time is not known; the video plays at 25 frames a second", c->output);
    char note[NOTE_BYTES];
    write_note(c, note);
    const struct lct_writer_params params = { .width = f->width,
        .height = f->height,
        .crf = 10,
        .bits = f->bits,
        .fps = isfinite(f->frame_time_s) && f->frame_time_s > 0 ? 1 / f->frame_time_s
            : video                                             ? UNKNOWN_FPS
                                                                : 0,
        .pixel_size_nm = f->pixel_size_nm,
        .pixel_size_y_nm = f->pixel_size_y_nm,
        .expected_frames = c->movie.n,
        .note = note[0] ? note : NULL };
    return lct_writer_open(&c->writer, c->output, &params, err);
}

static enum lct_status make_room(struct convert *c, struct lct_err *err)
{
    const int width = c->movie.roi.width_px, height = c->movie.roi.height_px, bin = (int)c->recipe->bin;
    enum lct_status status = lct_image_init(&c->frame, width, height, err);
    if (status == LCT_OK && c->recipe->align)
        status = lct_image_init(&c->moved, width, height, err);
    if (status == LCT_OK && bin > 1 && width >= bin && height >= bin)
        status = lct_image_init(&c->binned, width / bin, height / bin, err);
    if (status == LCT_OK && !(c->samples = malloc(lct_image_count(&c->frame) * sizeof *c->samples)))
        status = lct_fail(err, LCT_E_LIMIT, "no memory for %d x %d px", width, height);
    return status;
}

/* The part of the plane that is written: floats packed in place, or whole numbers in c->samples. */
static enum lct_status write_plane(struct convert *c, struct lct_image *plane, struct lct_err *err)
{
    const struct lct_converted *f = &c->found;
    const size_t width = (size_t)f->width, from = (size_t)plane->width;
    if (f->bits == 32)
        return lct_writer_floats(c->writer, plane->px, err); /* no video: nothing is left out */
    const double top = f->bits == 8 ? 255 : 65535, gain = 1 / f->grey_step;
    for (size_t y = 0; y < (size_t)f->height; y++)
        for (size_t x = 0; x < width; x++) {
            const double grey = ((double)plane->px[y * from + x] - f->grey_offset) * gain + 0.5;
            c->samples[y * width + x] = (uint16_t)(grey > 0 ? grey < top ? grey : top : 0); /* NaN: 0 */
        }
    return lct_writer_frame(c->writer, c->samples, err);
}

static enum lct_status convert_frame(struct convert *c, long k, struct lct_err *err)
{
    double time_s, dx = 0, dy = 0;
    struct lct_image *plane = &c->frame;
    enum lct_status status = movie_read(&c->movie, k, &c->frame, &time_s, err);
    if (status == LCT_OK && c->align) {
        bool lost = false;
        status = align_next(c->align, k, &c->frame, &dx, &dy, &lost, err);
        if (status == LCT_OK)
            lct_image_shift(&c->frame, dx, dy, &c->moved);
        plane = &c->moved;
        c->lost += lost;
    }
    if (status == LCT_OK && c->binned.px) {
        lct_image_bin(plane, (int)c->recipe->bin, &c->binned);
        plane = &c->binned;
    }
    return status == LCT_OK ? write_plane(c, plane, err) : status;
}

static enum lct_status convert_all(
    struct convert *c, const struct lct_progress *progress, const struct lct_log *log, struct lct_err *err)
{
    enum lct_status status = make_room(c, err);
    if (status == LCT_OK)
        status = choose_samples(c, log, err);
    if (status == LCT_OK && c->recipe->align)
        status = align_create(&c->align, &c->movie, progress, err);
    if (status == LCT_OK)
        status = open_writer(c, log, err);
    for (long k = 0; status == LCT_OK; k++) {
        status = convert_frame(c, k, err);
        c->found.n_frames += status == LCT_OK;
        if (status == LCT_OK)
            status = lct_progress_step(progress, "convert", k + 1, c->movie.n, err);
    }
    if (status != LCT_END)
        return status;
    if (c->found.n_frames == 0)
        return lct_fail(err, LCT_E_INPUT, "%s: no frame can be read", c->movie.info->path);
    return lct_writer_close(&c->writer, err);
}

enum lct_status lct_convert(struct lct_converted *out, const char *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, const struct lct_log *log, struct lct_err *err)
{
    struct convert c = { .recipe = recipe, .output = recipe->output };
    enum lct_status status = check_output(recipe, err);
    if (status == LCT_OK)
        status = movie_open(&c.movie, movie, recipe, err);
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; i < c.movie.info->n_warnings; i++)
        lct_log_say(log, LCT_LOG_WARNING, "%s: %s", movie, c.movie.info->warnings[i]);
    status = convert_all(&c, progress, log, err);
    const char *truncated = lct_source_truncated(c.movie.source);
    if (status == LCT_OK && truncated)
        lct_log_say(log, LCT_LOG_WARNING, "%s: not complete: %s", movie, truncated);
    if (status == LCT_OK && c.lost > 0)
        lct_log_say(log, LCT_LOG_WARNING,
            "%ld of %ld frames show nothing by which they could be aligned; the place of the frame "
            "before was used",
            c.lost, c.found.n_frames);
    if (status == LCT_OK)
        *out = c.found;
    convert_finish(&c);
    return status;
}
