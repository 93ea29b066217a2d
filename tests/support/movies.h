/* movies.h -- small files with known content for the tests of io, and where the sample data are */
#ifndef SUPPORT_MOVIES_H
#define SUPPORT_MOVIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A TIFF file as libtiff writes it. Zeroed fields: 8 bit, unsigned, grey, strips, uncompressed, one page. */
struct movie_tiff {
    int width, height, pages;
    int bits, format, samples; /**< format: SAMPLEFORMAT_* */
    int compression, predictor;
    bool tiled, planar, big, swapped;
    int strip_rows; /**< 0: 5 */
    const char *description;
    double resolution; /**< pixels per unit, 0: none */
    int resolution_unit;
};

/** Fresh folder under the system's folder for temporary files; free() it. */
char *movies_folder(void);
/** folder/name; free() it. */
char *movies_path(const char *folder, const char *name);
void movies_write_bytes(const char *path, const void *bytes, size_t n);
/** Whole file; free() it. */
unsigned char *movies_read_bytes(const char *path, size_t *n);

/** Write the ramp of movies_ramp. false: this libtiff cannot. */
bool movies_write_tiff(const char *path, const struct movie_tiff *what);
/** Sample c of pixel (x, y) of page p; small enough for every type of samples with at least `bits` bits. */
double movies_ramp(const struct movie_tiff *what, int x, int y, int p, int c);

/** Uncompressed 24-bit BMP whose grey value at (x, y) is (x + y) mod 256. */
void movies_write_bmp(const char *path, int width, int height);

/** PNG of `bits` bits and libpng's colour type `type` (palette: entry i is the grey i). Sample c of pixel (x, y) is
 *  movies_png_sample; alpha is half. */
void movies_write_png(const char *path, int width, int height, int bits, int type, bool interlaced);
unsigned movies_png_sample(int bits, int x, int y, int c);

/** Run a shell command quietly; true: it succeeded. */
bool movies_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Sample data (LCTEM_TEST_DATA, else ../shared/data beside the source tree); NULL: not there, skip the test. */
const char *movies_data(void);

#endif
