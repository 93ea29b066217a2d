#include "movies.h"

#include <assert.h>
#include <math.h>
#include <png.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

char *movies_folder(void)
{
    const char *base = getenv("TMPDIR");
    char *path = NULL;
    if (asprintf(&path, "%s/lctem_test_XXXXXX", base ? base : "/tmp") < 0 || !mkdtemp(path))
        abort();
    return path;
}

char *movies_path(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        abort();
    return path;
}

void movies_write_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        abort();
}

unsigned char *movies_read_bytes(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 22);
    if (!f || !bytes)
        abort();
    *n = fread(bytes, 1, 1 << 22, f);
    fclose(f);
    return bytes;
}

double movies_ramp(const struct movie_tiff *w, int x, int y, int p, int c)
{
    const int bits = w->bits ? w->bits : 8, range = bits >= 11 ? 2048 : 1 << bits;
    const int v = (x + 7 * y + 13 * p + 29 * c) % range;
    if (w->format == SAMPLEFORMAT_INT)
        return v - range / 2;
    return w->format == SAMPLEFORMAT_IEEEFP ? (v - 300) / 4.0 : v; /* quarters are exact also in half floats */
}

static uint16_t half(double x)
{
    if (x == 0)
        return 0;
    int exponent;
    const double fraction = frexp(fabs(x), &exponent); /* 0.5 .. 1 */
    return (uint16_t)((x < 0 ? 0x8000 : 0) | (exponent + 14) << 10 | ((int)(fraction * 2048) & 0x3ff));
}

static void put(unsigned char *row, size_t i, double v, int bits, int format)
{
    if (format == SAMPLEFORMAT_IEEEFP) {
        const uint16_t h = half(v);
        const float f = (float)v;
        memcpy(row + i * (size_t)bits / 8,
            bits == 16       ? (const void *)&h
                : bits == 32 ? (const void *)&f
                             : &v,
            (size_t)bits / 8);
        return;
    }
    const int64_t n = (int64_t)v;
    if (bits == 8 || bits == 16 || bits == 32 || bits == 64) {
        memcpy(
            row + i * (size_t)bits / 8, &n, (size_t)bits / 8); /* the low bytes: tests run on little-endian machines */
        return;
    }
    if (bits == 24) {
        memcpy(row + 3 * i, &n, 3);
        return;
    }
    for (int b = 0; b < bits; b++) {
        const size_t at = i * (size_t)bits + (size_t)b;
        const unsigned bit = (unsigned)(n >> (bits - 1 - b)) & 1;
        row[at / 8] = (unsigned char)((row[at / 8] & ~(0x80u >> at % 8)) | (bit ? 0x80u >> at % 8 : 0));
    }
}

static bool write_page(TIFF *t, const struct movie_tiff *w, int p)
{
    enum { TILE = 16 };
    const int strip_rows = w->strip_rows ? w->strip_rows : 5;
    const int bits = w->bits ? w->bits : 8, samples = w->samples ? w->samples : 1;
    const int planes = w->planar ? samples : 1, per_pixel = w->planar ? 1 : samples;
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, w->width);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, w->height);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, w->format ? w->format : SAMPLEFORMAT_UINT);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, w->planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_COMPRESSION, w->compression ? w->compression : COMPRESSION_NONE);
    if (w->predictor)
        TIFFSetField(t, TIFFTAG_PREDICTOR, w->predictor);
    if (w->description && p == 0)
        TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, w->description);
    if (w->resolution > 0) {
        TIFFSetField(t, TIFFTAG_XRESOLUTION, w->resolution);
        TIFFSetField(t, TIFFTAG_YRESOLUTION, w->resolution);
        TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, w->resolution_unit);
    }
    if (w->tiled) {
        TIFFSetField(t, TIFFTAG_TILEWIDTH, TILE);
        TIFFSetField(t, TIFFTAG_TILELENGTH, TILE);
    } else {
        TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, strip_rows);
    }
    const int bw = w->tiled ? TILE : w->width, bh = w->tiled ? TILE : strip_rows;
    const size_t row_bytes = ((size_t)bw * (size_t)per_pixel * (size_t)bits + 7) / 8;
    unsigned char *block = calloc((size_t)bh, row_bytes);
    bool good = block;
    for (int c = 0; good && c < planes; c++)
        for (int y0 = 0; good && y0 < w->height; y0 += bh)
            for (int x0 = 0; good && x0 < w->width; x0 += bw) {
                const int rows = !w->tiled && y0 + bh > w->height ? w->height - y0 : bh;
                for (int y = 0; y < rows; y++)
                    for (int x = 0; x < bw; x++)
                        for (int k = 0; k < per_pixel; k++)
                            put(block + (size_t)y * row_bytes, (size_t)(x * per_pixel + k),
                                movies_ramp(w, x0 + x, y0 + y, p, c + k), bits, w->format);
                const tmsize_t n = (tmsize_t)(row_bytes * (size_t)rows);
                good = w->tiled
                    ? TIFFWriteEncodedTile(t, TIFFComputeTile(t, (uint32_t)x0, (uint32_t)y0, 0, (uint16_t)c), block, n)
                        == n
                    : TIFFWriteEncodedStrip(t, TIFFComputeStrip(t, (uint32_t)y0, (uint16_t)c), block, n) == n;
            }
    free(block);
    return good && TIFFWriteDirectory(t);
}

bool movies_write_tiff(const char *path, const struct movie_tiff *what)
{
    struct movie_tiff w = *what;
    char mode[8];
    snprintf(mode, sizeof mode, "w%s%s", w.big ? "8" : "", w.swapped ? "b" : "l");
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    if (w.compression && !TIFFIsCODECConfigured((uint16_t)w.compression))
        return false;
    TIFF *t = TIFFOpen(path, mode);
    if (!t)
        return false;
    bool good = true;
    for (int p = 0; good && p < (w.pages ? w.pages : 1); p++)
        good = write_page(t, &w, p);
    TIFFClose(t);
    return good;
}

void movies_write_bmp(const char *path, int width, int height)
{
    const uint32_t row = ((uint32_t)width * 3 + 3) / 4 * 4, bytes = 54 + row * (uint32_t)height;
    unsigned char *b = calloc(1, bytes);
    assert(b);
    const uint32_t fields[] = { bytes, 0, 54, 40, (uint32_t)width, (uint32_t)height, 1 | 24 << 16 };
    memcpy(b, "BM", 2);
    memcpy(b + 2, fields, sizeof fields);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            memset(b + 54 + (size_t)(height - 1 - y) * row + 3 * (size_t)x, (x + y) % 256, 3);
    movies_write_bytes(path, b, bytes);
    free(b);
}

unsigned movies_png_sample(int bits, int x, int y, int c)
{
    return (unsigned)(x * 3 + y * 11 + c * 40) * (bits == 16 ? 257u : 1u) % (1u << bits);
}

static void png_row(png_bytep row, int width, int y, int bits, int channels, int alpha)
{
    memset(row, 0, (size_t)width * (size_t)channels * 2);
    for (int x = 0; x < width; x++)
        for (int c = 0; c < channels; c++) {
            const unsigned v = alpha && c == channels - 1 ? 1u << (bits - 1) : movies_png_sample(bits, x, y, c);
            const size_t i = (size_t)(x * channels + c);
            if (bits == 16) {
                row[2 * i] = (png_byte)(v >> 8);
                row[2 * i + 1] = (png_byte)v;
            } else {
                row[i * (size_t)bits / 8] |= (png_byte)(v << (8 - (size_t)bits - i * (size_t)bits % 8));
            }
        }
}

void movies_write_png(const char *path, int width, int height, int bits, int type, bool interlaced)
{
    FILE *f = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep row = calloc((size_t)width, 8);
    assert(f && info && row);
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, bits, type,
        interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_color palette[256];
    for (int i = 0; i < 256; i++)
        palette[i] = (png_color){ (png_byte)i, (png_byte)i, (png_byte)i };
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 1 << bits);
    png_write_info(png, info);
    const int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++) {
            png_row(row, width, y, bits, png_get_channels(png, info), type & PNG_COLOR_MASK_ALPHA);
            png_write_row(png, row);
        }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
    fclose(f);
}

bool movies_run(const char *fmt, ...)
{
    char command[2048], quiet[2200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(command, sizeof command, fmt, ap);
    va_end(ap);
    snprintf(quiet, sizeof quiet, "( %s ) >/dev/null 2>&1 </dev/null", command);
    return system(quiet) == 0;
}

const char *movies_data(void)
{
    const char *given = getenv("LCTEM_TEST_DATA");
    const char *folder = given ? given : SUPPORT_SOURCE_ROOT "/../shared/data";
    return access(folder, R_OK) == 0 ? folder : NULL;
}
