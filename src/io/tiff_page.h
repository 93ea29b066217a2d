/* tiff_page.h -- one page of a TIFF file; private to tiff*.c */
#ifndef LCTEM_IO_TIFF_PAGE_H
#define LCTEM_IO_TIFF_PAGE_H

#include "reader.h"

#include <tiffio.h>

/** How the samples of a page lie in the file. */
struct tiff_page {
    uint32_t width, height;
    uint32_t block_width, block_height; /**< of a tile or a strip */
    uint16_t bits, samples, format, planar, photometric, compression;
    bool tiled;
    bool converted;         /**< colour spaces that libtiff itself turns to 8-bit RGB */
    enum lct_dtype dtype;   /**< UNKNOWN for packed samples (10, 12, 14, 24 bits) */
    int first, channels;    /**< samples that make the grey value: one, or three from `first` on */
    const uint16_t *map[3]; /**< palette, or NULL; borrowed from libtiff until the next directory */
};

/** Read the layout of the current directory. LCT_E_FORMAT: one that we do not read. LCT_E_INPUT: damaged. */
LCT_MUST_CHECK enum lct_status tiff_page_read_layout(struct tiff_page *out, TIFF *tif, struct lct_err *err);

/** Do all strips or tiles of the current directory lie within the file's `bytes`? */
bool tiff_page_is_whole(TIFF *tif, const struct tiff_page *page, uint64_t bytes);

/** Where the samples begin if they lie in one piece, uncompressed; 0: they do not. */
uint64_t tiff_page_contiguous(TIFF *tif, const struct tiff_page *page);

/** Is one sample a pixel, of a type that needs no unpacking and no palette? */
bool tiff_page_is_grey(const struct tiff_page *page);

/** The same place if all strips have the length they should have and grey pixels, so that libtiff is not needed to read them; 0: else. */
uint64_t tiff_page_plain(TIFF *tif, const struct tiff_page *page);

/** Same size and type of samples? */
bool tiff_page_is_alike(const struct tiff_page *a, const struct tiff_page *b);

/** Bytes of a row of one plane, or of all samples where they lie side by side. */
size_t tiff_page_row_bytes(const struct tiff_page *page, uint32_t width);

/** Turn `n` pixels of one row to grey. rows[k] holds plane k (planar), or rows[0] all samples; scratch: 3 n floats. */
void tiff_page_grey_row(
    const struct tiff_page *page, const unsigned char *const rows[3], size_t n, bool swap, float *dst, float *scratch);

/** Decode the current directory into `out` (page->width x page->height). LCT_E_INPUT: damaged. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status tiff_page_decode(
    TIFF *tif, const struct tiff_page *page, struct lct_image *out, struct lct_err *err);

#endif
