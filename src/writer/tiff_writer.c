/* The one door to tiffio.h for writing: one page a frame, calibrated the way ImageJ reads it. */
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct stack {
    TIFF *tiff;
    char *path;
    struct lct_writer_params p;
    uint8_t *row;
    long pages;
};

static void stack_free(struct stack *s)
{
    free(s->path);
    free(s->row);
    free(s);
}

static enum lct_status tiff_stack_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    struct stack *s = calloc(1, sizeof *s);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    s->path = strdup(path);
    s->row = calloc((size_t)p->width, 2);
    s->p = *p;
    if (!s->path || !s->row) {
        stack_free(s);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    s->tiff = TIFFOpen(part, "w8"); /* BigTIFF: a movie may outgrow 4 GiB */
    if (!s->tiff) {
        stack_free(s);
        return lct_fail(err, LCT_E_OUTPUT, "%s: cannot be created; does the folder exist?", path);
    }
    *state = s;
    return LCT_OK;
}

static void set_tags(struct stack *s)
{
    TIFF *t = s->tiff;
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, (uint32_t)s->p.width);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, (uint32_t)s->p.height);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, s->p.bits);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, (uint32_t)s->p.height);
    if (s->p.pixel_size_nm > 0) {
        TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
        TIFFSetField(t, TIFFTAG_XRESOLUTION, 1 / s->p.pixel_size_nm);
        TIFFSetField(t, TIFFTAG_YRESOLUTION, 1 / s->p.pixel_size_nm);
    }
    if (s->pages == 0) {
        char text[160];
        snprintf(text, sizeof text, "ImageJ=1.53\nunit=%s\nfinterval=%.9g\nfps=%.9g\n", s->p.pixel_size_nm > 0 ? "nm" : "pixel",
            1 / s->p.fps, s->p.fps);
        TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, text);
    }
}

static enum lct_status tiff_stack_frame(void *state, const uint16_t *samples, struct lct_err *err)
{
    struct stack *s = state;
    set_tags(s);
    const size_t width = (size_t)s->p.width;
    int ok = 1;
    for (int y = 0; y < s->p.height && ok; y++) {
        const uint16_t *from = samples + (size_t)y * width;
        for (size_t x = 0; x < width; x++) {
            if (s->p.bits == 16)
                memcpy(s->row + 2 * x, &from[x], 2);
            else
                s->row[x] = (uint8_t)from[x];
        }
        ok = TIFFWriteScanline(s->tiff, s->row, (uint32_t)y, 0) == 1;
    }
    if (!ok || TIFFWriteDirectory(s->tiff) != 1)
        return lct_fail(err, LCT_E_OUTPUT, "%s: frame %ld cannot be written; is the disk full?", s->path, s->pages);
    s->pages++;
    return LCT_OK;
}

static enum lct_status tiff_stack_close(void *state, struct lct_err *err)
{
    struct stack *s = state;
    (void)err;
    TIFFClose(s->tiff);
    stack_free(s);
    return LCT_OK;
}

const struct writer_format writer_tiff = { "tiff", " .tif .tiff ", true, tiff_stack_open, tiff_stack_frame, tiff_stack_close };
