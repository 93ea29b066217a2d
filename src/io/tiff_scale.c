#include "tiff_scale.h"

#include <math.h>
#include <string.h>

/* Private tags. */
enum {
    DM_UNIT_X = 65003,
    DM_UNIT_Y = 65004,
    DM_SCALE_X = 65009,
    DM_SCALE_Y = 65010,
    FEI_SFEG = 34680,
    FEI_HELIOS = 34682
};

/* Tags that libtiff has no name for come with a count; the type is the file's, so it is checked. */
static const void *private_tag(TIFF *tif, uint32_t tag, TIFFDataType type, uint32_t *count)
{
    const TIFFField *field = TIFFFindField(tif, tag, type);
    const void *data = NULL;
    if (!field || TIFFFieldDataType(field) != type || !TIFFFieldPassCount(field)
        || TIFFFieldReadCount(field) != TIFF_VARIABLE2)
        return NULL;
    return TIFFGetField(tif, tag, count, &data) && *count > 0 ? data : NULL;
}

static double private_number(TIFF *tif, uint32_t tag)
{
    uint32_t count = 0;
    double x = NAN;
    const void *data = private_tag(tif, tag, TIFF_DOUBLE, &count);
    if (data)
        memcpy(&x, data, sizeof x);
    return x;
}

static double private_unit_nm(TIFF *tif, uint32_t tag)
{
    uint32_t count = 0;
    const char *word = private_tag(tif, tag, TIFF_ASCII, &count);
    return word ? lct_unit_nm(word, strnlen(word, count)) : 0;
}

static bool take_dm(struct lct_source *source, TIFF *tif)
{
    const double x_nm = private_number(tif, DM_SCALE_X) * private_unit_nm(tif, DM_UNIT_X);
    const double y_nm = private_number(tif, DM_SCALE_Y) * private_unit_nm(tif, DM_UNIT_Y);
    if (!(x_nm > 0) || !(y_nm > 0))
        return false;
    lct_source_set_pixel_size(source, x_nm, y_nm);
    return true;
}

/* "PixelWidth=2.04e-08" in metres, in the text that FEI's microscopes leave in a tag. */
static double fei_length_nm(const char *text, size_t n, const char *key)
{
    const char *at = memmem(text, n, key, strlen(key));
    return at ? 1e9 * lct_parse_number(at + strlen(key)) : NAN;
}

static bool take_fei(struct lct_source *source, TIFF *tif)
{
    static const uint32_t tags[] = { FEI_SFEG, FEI_HELIOS };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        uint32_t count = 0;
        const char *text = private_tag(tif, tags[i], TIFF_ASCII, &count);
        const size_t n = text ? strnlen(text, count) : 0;
        const double x_nm = n ? fei_length_nm(text, n, "PixelWidth=") : NAN;
        if (!(x_nm > 0))
            continue;
        lct_source_set_pixel_size(source, x_nm, fei_length_nm(text, n, "PixelHeight="));
        return true;
    }
    return false;
}

static void take_resolution(struct lct_source *source, TIFF *tif, const struct lct_description *said)
{
    enum { CM_NM = 10000000, INCH_NM = 25400000 };
    float x = 0, y = 0;
    uint16_t unit = RESUNIT_INCH;
    if (!TIFFGetField(tif, TIFFTAG_XRESOLUTION, &x) || !TIFFGetField(tif, TIFFTAG_YRESOLUTION, &y) || !(x > 0)
        || !(y > 0))
        return;
    TIFFGetFieldDefaulted(tif, TIFFTAG_RESOLUTIONUNIT, &unit);
    /* ImageJ copies a printing resolution as the unit "inch" or "cm": those words weigh no more than the tag itself */
    if (said->is_imagej && said->unit_x_nm > 0 && said->unit_x_nm < CM_NM)
        lct_source_set_pixel_size(source, said->unit_x_nm / (double)x, said->unit_y_nm / (double)y);
    else if (unit == RESUNIT_INCH || unit == RESUNIT_CENTIMETER) {
        const double length_nm = unit == RESUNIT_INCH ? INCH_NM : CM_NM;
        lct_source_set_print_size(source, length_nm / (double)x, length_nm / (double)y);
    }
}

void tiff_take_scale(struct lct_source *source, TIFF *tif, const struct lct_description *said)
{
    source->info.frame_time_s = said->frame_time_s;
    if (isfinite(said->frame_time_s))
        source->info.duration_s = said->frame_time_s * (double)source->info.n_frames;
    if (said->is_ome && isfinite(said->pixel_x_nm))
        lct_source_set_pixel_size(source, said->pixel_x_nm, said->pixel_y_nm);
    else if (!take_dm(source, tif) && !take_fei(source, tif))
        take_resolution(source, tif, said);
}

void tiff_take_words(struct lct_source *source, TIFF *tif)
{
    // clang-format off
    static const struct {
        uint32_t tag;
        const char *key;
    } words[] = {
        { TIFFTAG_SOFTWARE, "Software" }, { TIFFTAG_DATETIME, "DateTime" }, { TIFFTAG_MAKE, "Make" },
        { TIFFTAG_MODEL, "Model" }, { TIFFTAG_ARTIST, "Artist" }, { TIFFTAG_DOCUMENTNAME, "DocumentName" },
    };
    // clang-format on
    char *text = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (TIFFGetField(tif, words[i].tag, &text) && text)
            lct_source_note(source, words[i].key, text, SIZE_MAX);
}
