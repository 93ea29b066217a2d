#include <lctem/file.h>
#include <lctem/png_file.h>

#include "format.h"
#include "zip.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZIPPED_AT_MOST = 64 << 20 }; /* larger pictures go row by row, without a copy */

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
    size_t row_bytes;
    unsigned char *samples; /* of a row; of all rows, a byte before each, where there is a zip */
    struct zip *zip;        /* NULL: libpng packs */
    char *note;             /* libpng wants one that it could change */
};

static void write_rows(png_structp png, png_infop info, const struct job *job)
{
    for (int y = 0; y < job->what->height; y++) {
        job->row(job->context, y, job->samples);
        png_write_row(png, job->samples);
    }
    png_write_end(png, info);
}

/* Who is in a hurry: all rows at once, each by itself (filter 0). A fifth of the time of libpng with its quickest settings. */
static void write_zipped(png_structp png, const struct job *job)
{
    const size_t step = job->row_bytes + 1, n_rows = (size_t)job->what->height;
    for (size_t y = 0; y < n_rows; y++) {
        job->samples[y * step] = PNG_FILTER_VALUE_NONE;
        job->row(job->context, (int)y, job->samples + y * step + 1);
    }
    size_t n = 0;
    const unsigned char *packed = zip_strip(job->zip, job->samples, n_rows * step, &n);
    if (!packed)
        png_error(png, "deflate");
    png_write_chunk(png, (png_const_bytep) "IDAT", packed, n);
    png_write_chunk(png, (png_const_bytep) "IEND", NULL, 0);
}

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
    if (job->zip)
        write_zipped(png, job);
    else
        write_rows(png, info, job);
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
        .row_bytes = (size_t)what->width * (size_t)what->channels * (size_t)what->bits / 8 };
    const size_t all = (job.row_bytes + 1) * (size_t)what->height;
    job.zip = what->level == 1 && all <= ZIPPED_AT_MOST ? zip_create(all) : NULL;
    job.samples = malloc(job.zip ? all : job.row_bytes);
    if (asprintf(&part, "%s.part", path) < 0)
        part = NULL;
    const enum lct_status status = !part || !job.samples || (what->note && !job.note)
        ? lct_fail(err, LCT_E_LIMIT, "%s: no memory", path)
        : write_part(part, path, &job, err);
    free(part);
    zip_destroy(&job.zip);
    free(job.samples);
    free(job.note);
    return status;
}
