#include "tiff_file.h"

#include <errno.h>

/* libtiff's own handler prints; a library does not. */
static int keep_quiet(TIFF *tiff, void *user, const char *module, const char *format, va_list ap)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)ap;
    return 1;
}

TIFF *tiff_file_open(const char *path, const char *mode)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options) {
        errno = ENOMEM;
        return NULL;
    }
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_quiet, NULL);
    TIFFOpenOptionsSetWarningHandlerExtR(options, keep_quiet, NULL);
    TIFF *tiff = TIFFOpenExt(path, mode, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

void tiff_file_tags(TIFF *tiff, const struct tiff_layout *layout)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)layout->width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)layout->height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, layout->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, layout->bits == 32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, layout->compression);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, layout->rows_per_strip);
    if (layout->pixel_size_nm > 0) { /* pixels a unit, which ImageJ's description names */
        const double y_nm = layout->pixel_size_y_nm > 0 ? layout->pixel_size_y_nm : layout->pixel_size_nm;
        TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 1 / layout->pixel_size_nm);
        TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 1 / y_nm);
        TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
    }
}
