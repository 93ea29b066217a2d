/* tiff_file.h -- what the writers of TIFF share; the one door to libtiff for writing */
#ifndef WRITER_TIFF_FILE_H
#define WRITER_TIFF_FILE_H

#include <stdint.h>
#include <tiffio.h>

/** A page of grey samples. */
struct tiff_layout {
    int width, height, bits; /**< 8, 16: unsigned; 32: floats */
    int compression;         /**< COMPRESSION_* */
    uint32_t rows_per_strip;
    double pixel_size_nm, pixel_size_y_nm; /**< 0 or NaN: not known; y: as along x */
};

/** As TIFFOpen, but silent. NULL: errno has the reason. */
TIFF *tiff_file_open(const char *path, const char *mode);

/** Set the tags of the page that comes next. */
void tiff_file_tags(TIFF *tiff, const struct tiff_layout *layout);

#endif
