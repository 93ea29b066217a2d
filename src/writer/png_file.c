#include <lctem/file.h>
#include <lctem/png_file.h>

#include "format.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_error(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1); /* libpng's own handler prints */
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void set_header(png_structp png, png_infop info, const struct lct_png *what, char *note)
{
    char key[] = "Comment";
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    if (what->level > 0)
        png_set_compression_level(png, what->level);
    if (what->level == 1) /* who is in a hurry does not try all filters on each row */
        png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_set_IHDR(png, info, (png_uint_32)what->width, (png_uint_32)what->height, what->bits,
        what->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (what->pixel_size_nm > 0)
        png_set_sCAL(png, info, PNG_SCALE_METER, what->pixel_size_nm * 1e-9,
            (what->pixel_size_y_nm > 0 ? what->pixel_size_y_nm : what->pixel_size_nm) * 1e-9);
    if (note)
        png_set_text(png, info, &(png_text){ .compression = PNG_TEXT_COMPRESSION_NONE, .key = key, .text = note }, 1);
}

struct job {
    const struct lct_png *what;
    lct_png_row_fn *row;
    void *context;
    unsigned char *samples; /* of a row */
    char *note;             /* libpng wants one that it could change */
};

/* False: errno has the reason, or it was memory. Only what setjmp leaves alone is used after it. */
static bool encode(FILE *file, const struct job *job)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, file);
    set_header(png, info, job->what, job->note);
    png_write_info(png, info);
    for (int y = 0; y < job->what->height; y++) {
        job->row(job->context, y, job->samples);
        png_write_row(png, job->samples);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return true;
}

static enum lct_status write_part(const char *part, const char *path, const struct job *job, struct lct_err *err)
{
    FILE *file = fopen(part, "wbe");
    if (!file)
        return writer_fail(path, errno, err);
    errno = 0;
    bool good = encode(file, job);
    int why = errno;
    if (fclose(file) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good && lct_file_replace(part, path) == 0)
        return LCT_OK;
    why = good ? errno : why;
    remove(part);
    return writer_fail(path, why, err);
}

enum lct_status lct_png_write(
    const char *path, const struct lct_png *what, lct_png_row_fn *row, void *context, struct lct_err *err)
{
    char *part = NULL;
    struct job job = { .what = what,
        .row = row,
        .context = context,
        .note = what->note ? strdup(what->note) : NULL,
        .samples = malloc((size_t)what->width * (size_t)what->channels * (size_t)what->bits / 8) };
    if (asprintf(&part, "%s.part", path) < 0)
        part = NULL;
    const enum lct_status status = !part || !job.samples || (what->note && !job.note)
        ? lct_fail(err, LCT_E_LIMIT, "%s: no memory", path)
        : write_part(part, path, &job, err);
    free(part);
    free(job.samples);
    free(job.note);
    return status;
}
