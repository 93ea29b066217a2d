/* One page a frame, calibrated the way ImageJ reads it. */
#include "format.h"
#include "tiff_file.h"

#include <lctem/file.h>
#include <lctem/map_file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stack {
    TIFF *tiff;
    char *path;
    struct lct_writer_params p;
    uint8_t *row;
    char *note; /* NULL: none */
    long pages;
};

static void stack_free(struct stack *s)
{
    free(s->path);
    free(s->row);
    free(s->note);
    free(s);
}

static enum lct_status tiff_stack_open(
    void **state, const char *path, const char *part, const struct lct_writer_params *p, struct lct_err *err)
{
    struct stack *s = calloc(1, sizeof *s);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    s->path = strdup(path);
    s->row = calloc((size_t)p->width, 4);
    s->p = *p;
    s->note = p->note ? strdup(p->note) : NULL;
    if (!s->path || !s->row || (p->note && !s->note)) {
        stack_free(s);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    const double expected = (double)p->expected_frames * p->height * ((double)p->width * p->bits / 8 + 300);
    s->tiff = tiff_file_open(part, p->expected_frames > 0 && expected < 4e9 ? "w" : "w8"); /* beyond 4 GB: BigTIFF */
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
    const struct tiff_layout layout = { .width = s->p.width,
        .height = s->p.height,
        .bits = s->p.bits,
        .compression = COMPRESSION_NONE,
        .rows_per_strip = (uint32_t)s->p.height,
        .pixel_size_nm = s->p.pixel_size_nm,
        .pixel_size_y_nm = s->p.pixel_size_y_nm };
    tiff_file_tags(t, &layout);
    if (s->pages == 0) {
        char text[256], times[64] = "";
        if (s->p.fps > 0)
            snprintf(times, sizeof times, "finterval=%.9g\nfps=%.9g\n", 1 / s->p.fps, s->p.fps);
        snprintf(text, sizeof text, "ImageJ=1.53\nunit=%s\n%s%s%s%s", s->p.pixel_size_nm > 0 ? "nm" : "pixel", times,
            s->note ? "info=" : "", s->note ? s->note : "", s->note ? "\n" : "");
        TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, text);
    }
}

static enum lct_status tiff_stack_frame(void *state, const void *samples, struct lct_err *err)
{
    struct stack *s = state;
    set_tags(s);
    const size_t width = (size_t)s->p.width;
    int ok = 1;
    for (int y = 0; y < s->p.height && ok; y++) {
        const uint16_t *from = (const uint16_t *)samples + (size_t)y * width;
        if (s->p.bits > 8) /* libtiff may change what it is given */
            memcpy(s->row, (const char *)samples + (size_t)y * width * (size_t)s->p.bits / 8,
                width * (size_t)s->p.bits / 8);
        for (size_t x = 0; s->p.bits == 8 && x < width; x++)
            s->row[x] = (uint8_t)from[x];
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
    const enum lct_status status = TIFFFlush(s->tiff) == 1
        ? LCT_OK
        : lct_fail(err, LCT_E_OUTPUT, "%s: cannot be finished; is the disk full?", s->path);
    TIFFClose(s->tiff);
    stack_free(s);
    return status;
}

const struct writer_format writer_tiff = { "tiff", " .tif .tiff ", 32, true, tiff_stack_open, tiff_stack_frame,
    tiff_stack_close };

static void set_map_tags(TIFF *t, const struct lct_map *map, double pixel_size_nm)
{
    const struct tiff_layout layout = { .width = map->image->width,
        .height = map->image->height,
        .bits = 32,
        .compression = COMPRESSION_NONE,
        .rows_per_strip = (uint32_t)map->image->height,
        .pixel_size_nm = pixel_size_nm };
    tiff_file_tags(t, &layout);
    TIFFSetField(t, TIFFTAG_PAGENAME, map->name);
}

static int write_map(TIFF *t, const struct lct_map *map)
{
    int ok = 1;
    for (int y = 0; y < map->image->height && ok; y++)
        ok = TIFFWriteScanline(t, map->image->px + (size_t)y * (size_t)map->image->width, (uint32_t)y, 0) == 1;
    return ok && TIFFWriteDirectory(t) == 1;
}

enum lct_status lct_maps_write(
    const char *path, const struct lct_map *maps, size_t n, double pixel_size_nm, struct lct_err *err)
{
    char *part = malloc(strlen(path) + 6);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    sprintf(part, "%s.part", path);
    TIFF *t = tiff_file_open(part, "w");
    int ok = t != NULL;
    for (size_t i = 0; i < n && ok; i++) {
        set_map_tags(t, &maps[i], pixel_size_nm);
        if (i == 0) {
            char text[96];
            snprintf(text, sizeof text, "ImageJ=1.53\nimages=%zu\nslices=%zu\nunit=%s\n", n, n,
                pixel_size_nm > 0 ? "nm" : "pixel");
            TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, text);
        }
        ok = write_map(t, &maps[i]);
    }
    ok = ok && TIFFFlush(t) == 1;
    if (t)
        TIFFClose(t);
    ok = ok && lct_file_replace(part, path) == 0;
    free(part);
    return ok ? LCT_OK
              : lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written; does the folder exist, is the disk full?", path);
}
