/* png_file.h -- one PNG file, written row by row; the one door to libpng for writing */
#ifndef LCTEM_PNG_FILE_H
#define LCTEM_PNG_FILE_H

#include <lctem/err.h>

struct lct_png {
    int width, height;
    int bits;     /**< of a sample: 8 or 16 */
    int channels; /**< 1 grey, 3 red, green, blue */
    int level;    /**< of compression, 1 quick (and with the simplest filter) .. 9 small; 0: libpng's choice */
    double pixel_size_nm, pixel_size_y_nm; /**< written as sCAL; 0 or NaN: not known */
    const char *note;                      /**< comment in the file; borrowed; NULL: none */
};

/** Fill `row` with the samples of row y: width * channels of them, 16-bit ones with the high byte first. */
typedef void lct_png_row_fn(void *context, int y, unsigned char *row);

/** Write a file that appears under its name only when it is whole. LCT_E_OUTPUT: cannot be written. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_png_write(
    const char *path, const struct lct_png *what, lct_png_row_fn *row, void *context, struct lct_err *err);

#endif
