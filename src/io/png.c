#include "reader.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct png {
    FILE *file;
    png_structp png;
    png_infop info;
    unsigned char *rows; /* one row, or all of them when interlaced */
    size_t row_bytes;
    int channels, bits;
    bool spent; /* the rows have been read; the file must be opened again to read them once more */
    char reason[128];
};

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    if (!head || n < 8 || png_sig_cmp(head, 0, 8) != 0)
        return false;
    /* an animated PNG is a movie: the animation is announced ahead of the image data */
    const unsigned char *data = memmem(head, n, "IDAT", 4), *animation = memmem(head, n, "acTL", 4);
    return !animation || (data && data < animation);
}

static void on_error(png_structp png, png_const_charp text)
{
    struct png *p = png_get_error_ptr(png);
    snprintf(p->reason, sizeof p->reason, "%s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void shut(struct png *p)
{
    if (p->png)
        png_destroy_read_struct(&p->png, &p->info, NULL);
    if (p->file)
        fclose(p->file);
    p->file = NULL;
}

/* Palette to colour, small samples to bytes of their own (values kept), two bytes in this machine's order, no alpha. */
static void set_transforms(struct png *p)
{
    const int type = png_get_color_type(p->png, p->info);
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(p->png);
    png_set_packing(p->png);
    if (type & PNG_COLOR_MASK_ALPHA || png_get_valid(p->png, p->info, PNG_INFO_tRNS))
        png_set_strip_alpha(p->png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(p->png);
#endif
    png_set_interlace_handling(p->png);
    png_read_update_info(p->png, p->info);
}

/* libpng leaves by longjmp: nothing in this function may hold memory of ours in a local variable. */
static bool begin(struct png *p, const char *path)
{
    shut(p);
    p->file = fopen(path, "rbe");
    p->png = p->file ? png_create_read_struct(PNG_LIBPNG_VER_STRING, p, on_error, on_warning) : NULL;
    p->info = p->png ? png_create_info_struct(p->png) : NULL;
    p->spent = false;
    if (!p->info) {
        snprintf(p->reason, sizeof p->reason, "cannot be opened");
        return false;
    }
    if (setjmp(png_jmpbuf(p->png)))
        return false;
    png_set_user_limits(p->png, LCT_MAX_SIDE_PX, LCT_MAX_SIDE_PX);
    png_init_io(p->png, p->file);
    png_read_info(p->png, p->info);
    set_transforms(p);
    p->channels = png_get_channels(p->png, p->info);
    p->bits = png_get_bit_depth(p->png, p->info);
    p->row_bytes = png_get_rowbytes(p->png, p->info);
    return true;
}

static void note_words(struct lct_source *source, struct png *p)
{
    png_textp text = NULL;
    const int n = png_get_text(p->png, p->info, &text, NULL);
    for (int i = 0; i < n; i++)
        if (text[i].key && text[i].text) {
            lct_source_note(source, text[i].key, text[i].text, SIZE_MAX);
            lct_source_take_note(source, text[i].text);
        }
    png_uint_32 x = 0, y = 0;
    int unit = PNG_RESOLUTION_UNKNOWN;
    double width = 0, height = 0;
    if (isfinite(source->info.pixel_size_nm))
        return;
    if (png_get_sCAL(p->png, p->info, &unit, &width, &height) && unit == PNG_SCALE_METER) {
        lct_source_set_pixel_size(source, 1e9 * width, 1e9 * height);
        return;
    }
    if (png_get_pHYs(p->png, p->info, &x, &y, &unit) && unit == PNG_RESOLUTION_METER && x > 0 && y > 0)
        lct_source_set_print_size(source, 1e9 / x, 1e9 / y);
}

static enum lct_status open_png(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    (void)params;
    struct png *p = calloc(1, sizeof *p);
    if (!p)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = p;
    if (!begin(p, source->info.path))
        return lct_fail(err, LCT_E_INPUT, "the PNG image is damaged or cut off (%s)", p->reason);
    const png_uint_32 width = png_get_image_width(p->png, p->info), height = png_get_image_height(p->png, p->info);
    const enum lct_status status = lct_check_size(width, height, err);
    if (status != LCT_OK)
        return status;
    const bool interlaced = png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE;
    p->rows = calloc(interlaced ? height : 1, p->row_bytes);
    if (!p->rows)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %u x %u px", (unsigned)width, (unsigned)height);
    source->info.n_frames = 1;
    source->info.width = (int)width;
    source->info.height = (int)height;
    source->info.bits = p->bits;
    source->info.dtype = p->bits > 8 ? LCT_DTYPE_U16 : LCT_DTYPE_U8;
    source->info.channels = p->channels;
    note_words(source, p);
    return LCT_OK;
}

static void row_to_grey(const struct png *p, const unsigned char *row, float *dst, int width)
{
    const size_t n = (size_t)p->channels, bytes = p->bits > 8 ? 2 : 1;
    const enum lct_dtype dtype = bytes == 2 ? LCT_DTYPE_U16 : LCT_DTYPE_U8;
    if (n < 3) {
        lct_samples_to_float(dst, (size_t)width, row, n, dtype, false);
        return;
    }
    for (int x = 0; x < width; x++) {
        float rgb[3];
        lct_samples_to_float(rgb, 3, row + (size_t)x * n * bytes, 1, dtype, false);
        dst[x] = lct_grey(rgb[0], rgb[1], rgb[2]);
    }
}

static bool read_rows(struct png *p, struct lct_image *out)
{
    if (setjmp(png_jmpbuf(p->png)))
        return false;
    p->spent = true;
    const bool interlaced = png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE;
    const int passes = interlaced ? 7 : 1;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < out->height; y++) {
            unsigned char *row = p->rows + (interlaced ? (size_t)y * p->row_bytes : 0);
            png_read_row(p->png, row, NULL);
            if (pass == passes - 1)
                row_to_grey(p, row, out->px + (size_t)y * (size_t)out->width, out->width);
        }
    png_read_end(p->png, NULL);
    return true;
}

static enum lct_status read_png(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)index;
    (void)time_s;
    struct png *p = source->state;
    const size_t row_bytes = p->row_bytes;
    bool good = !p->spent || begin(p, source->info.path);
    /* the file may have been replaced since it was measured */
    good = good && p->row_bytes == row_bytes && png_get_image_height(p->png, p->info) == (png_uint_32)out->height
        && png_get_image_width(p->png, p->info) == (png_uint_32)out->width;
    if (!good || !read_rows(p, out))
        return lct_fail(err, LCT_E_INPUT, "the PNG image is damaged or cut off (%s)", p->reason);
    return LCT_OK;
}

static void close_png(struct lct_source *source)
{
    struct png *p = source->state;
    if (!p)
        return;
    shut(p);
    free(p->rows);
    free(p);
    source->state = NULL;
}

static void versions(lct_version_fn *say, void *context)
{
    say(context, "libpng", png_get_libpng_ver(NULL));
}

const struct lct_reader lct_reader_png = {
    .name = "png",
    .still = true,
    .probe = probe,
    .open = open_png,
    .read = read_png,
    .close = close_png,
    .versions = versions,
};
