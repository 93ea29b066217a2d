#include "tiff_page.h"

#include <stdlib.h>
#include <string.h>

static enum lct_dtype sample_type(int bits, int format)
{
    // clang-format off
    static const struct {
        int format, bits;
        enum lct_dtype dtype;
    } types[] = {
        { SAMPLEFORMAT_UINT, 8, LCT_DTYPE_U8 }, { SAMPLEFORMAT_UINT, 16, LCT_DTYPE_U16 },
        { SAMPLEFORMAT_UINT, 32, LCT_DTYPE_U32 }, { SAMPLEFORMAT_UINT, 64, LCT_DTYPE_U64 },
        { SAMPLEFORMAT_INT, 8, LCT_DTYPE_I8 }, { SAMPLEFORMAT_INT, 16, LCT_DTYPE_I16 },
        { SAMPLEFORMAT_INT, 32, LCT_DTYPE_I32 }, { SAMPLEFORMAT_INT, 64, LCT_DTYPE_I64 },
        { SAMPLEFORMAT_IEEEFP, 16, LCT_DTYPE_F16 }, { SAMPLEFORMAT_IEEEFP, 32, LCT_DTYPE_F32 },
        { SAMPLEFORMAT_IEEEFP, 64, LCT_DTYPE_F64 },
    };
    // clang-format on
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].format == format && types[i].bits == bits)
            return types[i].dtype;
    return LCT_DTYPE_UNKNOWN;
}

static enum lct_status check_samples(struct tiff_page *p, struct lct_err *err)
{
    if (p->format == SAMPLEFORMAT_VOID)
        p->format = SAMPLEFORMAT_UINT;
    p->dtype = sample_type(p->bits, p->format);
    const bool packed =
        p->bits >= 1 && p->bits <= 32 && (p->format == SAMPLEFORMAT_UINT || p->format == SAMPLEFORMAT_INT);
    if (p->dtype == LCT_DTYPE_UNKNOWN && !packed)
        return lct_fail(err, LCT_E_FORMAT,
            "samples of %d bits in sample format %d are not supported (complex numbers?); "
            "save it as 8, 16 or 32 bit",
            p->bits, p->format);
    if (p->samples < 1 || p->samples > 4)
        return lct_fail(err, LCT_E_FORMAT,
            "%d samples in each pixel; grey, RGB and RGBA are read: save one channel alone", p->samples);
    return LCT_OK;
}

/* Which samples make the grey value. Numbers of a grey page stay as they are, also where zero means white. */
static enum lct_status choose_channels(struct tiff_page *p, TIFF *tif, struct lct_err *err)
{
    p->channels = 1;
    switch (p->photometric) {
    case PHOTOMETRIC_RGB: p->channels = p->samples >= 3 ? 3 : 1; return LCT_OK;
    case PHOTOMETRIC_PALETTE: {
        uint16_t *map[3] = { 0 };
        if (p->bits > 16 || p->samples != 1 || !TIFFGetField(tif, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
            return lct_fail(err, LCT_E_INPUT, "the palette is missing or damaged");
        for (int c = 0; c < 3; c++)
            p->map[c] = map[c];
        return LCT_OK;
    }
    case PHOTOMETRIC_LOGLUV: /* XYZ in float: Y */ p->first = p->samples >= 3 ? 1 : 0; return LCT_OK;
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_SEPARATED:
    case PHOTOMETRIC_CIELAB: {
        char why[1024] = "";
        p->converted = true;
        p->dtype = LCT_DTYPE_U8;
        if (!TIFFRGBAImageOK(tif, why))
            return lct_fail(err, LCT_E_FORMAT, "colours that are not supported (%.200s); save it as grey or RGB", why);
        return LCT_OK;
    }
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MASK:
    case PHOTOMETRIC_LOGL:
    case 34892: /* linear raw, as written by some acquisition programs for grey */ return LCT_OK;
    default:
        return lct_fail(err, LCT_E_FORMAT, "photometric interpretation %d is not supported; save it as grey or RGB",
            p->photometric);
    }
}

/* Codecs with a choice of what they hand out: RGB from JPEG's YCbCr, float from log-encoded light. Set for each directory. */
static void set_codec_modes(TIFF *tif, uint16_t compression, uint16_t photometric)
{
    if (compression == COMPRESSION_JPEG && photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(tif, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (compression == COMPRESSION_SGILOG || compression == COMPRESSION_SGILOG24)
        TIFFSetField(tif, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
}

static enum lct_status read_block_size(struct tiff_page *p, TIFF *tif, struct lct_err *err)
{
    p->tiled = TIFFIsTiled(tif);
    p->block_width = p->width;
    if (p->tiled) {
        TIFFGetField(tif, TIFFTAG_TILEWIDTH, &p->block_width);
        TIFFGetField(tif, TIFFTAG_TILELENGTH, &p->block_height);
    } else {
        TIFFGetFieldDefaulted(tif, TIFFTAG_ROWSPERSTRIP, &p->block_height);
        if (p->block_height > p->height)
            p->block_height = p->height;
    }
    return lct_check_size(p->block_width, p->block_height, err);
}

enum lct_status tiff_page_read_layout(struct tiff_page *out, TIFF *tif, struct lct_err *err)
{
    struct tiff_page p = { .format = SAMPLEFORMAT_UINT };
    if (!TIFFGetField(tif, TIFFTAG_IMAGEWIDTH, &p.width) || !TIFFGetField(tif, TIFFTAG_IMAGELENGTH, &p.height))
        return lct_fail(err, LCT_E_INPUT, "the size of the image is missing; the directory is damaged");
    enum lct_status status = lct_check_size(p.width, p.height, err);
    if (status != LCT_OK)
        return status;
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &p.compression);
    if (!TIFFIsCODECConfigured(p.compression))
        return lct_fail(
            err, LCT_E_FORMAT, "this libtiff cannot undo compression %d; save it uncompressed", p.compression);
    if (!TIFFGetField(tif, TIFFTAG_PHOTOMETRIC, &p.photometric))
        p.photometric = PHOTOMETRIC_MINISBLACK;
    set_codec_modes(tif, p.compression, p.photometric);
    TIFFGetFieldDefaulted(tif, TIFFTAG_BITSPERSAMPLE, &p.bits);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLESPERPIXEL, &p.samples);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLEFORMAT, &p.format);
    TIFFGetFieldDefaulted(tif, TIFFTAG_PLANARCONFIG, &p.planar);
    if (p.compression == COMPRESSION_JPEG && p.photometric == PHOTOMETRIC_YCBCR)
        p.photometric = PHOTOMETRIC_RGB;
    status = check_samples(&p, err);
    if (status == LCT_OK)
        status = choose_channels(&p, tif, err);
    if (status == LCT_OK)
        status = read_block_size(&p, tif, err);
    if (status == LCT_OK)
        *out = p;
    return status;
}

bool tiff_page_is_whole(TIFF *tif, const struct tiff_page *page, uint64_t bytes)
{
    (void)page;
    const uint32_t n = TIFFIsTiled(tif) ? TIFFNumberOfTiles(tif) : TIFFNumberOfStrips(tif);
    for (uint32_t i = 0; i < n; i++) {
        int failed = 0;
        const uint64_t at = TIFFGetStrileOffsetWithErr(tif, i, &failed);
        const uint64_t count = failed ? 0 : TIFFGetStrileByteCountWithErr(tif, i, &failed);
        if (failed || at > bytes || count > bytes - at)
            return false;
    }
    return n > 0;
}

uint64_t tiff_page_contiguous(TIFF *tif, const struct tiff_page *page)
{
    uint16_t order = FILLORDER_MSB2LSB;
    TIFFGetFieldDefaulted(tif, TIFFTAG_FILLORDER, &order);
    if (page->tiled || page->converted || page->compression != COMPRESSION_NONE || page->bits % 8
        || order != FILLORDER_MSB2LSB || (page->planar == PLANARCONFIG_SEPARATE && page->samples > 1))
        return 0;
    const uint32_t n = TIFFNumberOfStrips(tif);
    const uint64_t first = TIFFGetStrileOffset(tif, 0);
    const uint64_t strip_bytes = (uint64_t)tiff_page_row_bytes(page, page->width) * page->block_height;
    for (uint32_t i = 1; i < n; i++)
        if (TIFFGetStrileOffset(tif, i) != first + i * strip_bytes)
            return 0;
    return first;
}

bool tiff_page_is_grey(const struct tiff_page *page)
{
    return page->dtype != LCT_DTYPE_UNKNOWN && page->samples == 1 && !page->map[0] && !page->converted;
}

uint64_t tiff_page_plain(TIFF *tif, const struct tiff_page *page)
{
    const uint64_t first = tiff_page_is_grey(page) ? tiff_page_contiguous(tif, page) : 0;
    const uint64_t row_bytes = tiff_page_row_bytes(page, page->width);
    const uint32_t n = first ? TIFFNumberOfStrips(tif) : 0;
    uint64_t rows = 0;
    for (uint32_t i = 0; i < n && rows < page->height; i++) {
        const uint64_t left = page->height - rows, here = left < page->block_height ? left : page->block_height;
        if (TIFFGetStrileByteCount(tif, i) != here * row_bytes)
            return 0;
        rows += here;
    }
    return rows == page->height ? first : 0;
}

bool tiff_page_is_alike(const struct tiff_page *a, const struct tiff_page *b)
{
    return a->width == b->width && a->height == b->height && a->bits == b->bits && a->format == b->format
        && a->channels == b->channels && a->converted == b->converted && !a->map[0] == !b->map[0];
}

size_t tiff_page_row_bytes(const struct tiff_page *page, uint32_t width)
{
    const size_t samples = page->planar == PLANARCONFIG_SEPARATE ? 1 : page->samples;
    return (width * samples * page->bits + 7) / 8;
}

static void channel_row(
    const struct tiff_page *p, const unsigned char *const rows[3], int k, size_t n, bool swap, float *dst)
{
    const bool planar = p->planar == PLANARCONFIG_SEPARATE;
    const size_t stride = planar ? 1 : p->samples, at = planar ? 0 : (size_t)(p->first + k);
    const unsigned char *row = rows[planar ? k : 0];
    if (p->dtype != LCT_DTYPE_UNKNOWN)
        lct_samples_to_float(dst, n, row + at * lct_dtype_bytes(p->dtype), stride, p->dtype, swap);
    else if (p->bits == 24)
        for (size_t i = 0; i < n; i++) { /* whole bytes are turned into this machine's order by libtiff */
            uint32_t word = 0;
            memcpy(&word, row + 3 * (i * stride + at), 3);
            const bool negative = p->format == SAMPLEFORMAT_INT && word & 0x800000u;
            dst[i] = (float)((int32_t)word - (negative ? 0x1000000 : 0));
        }
    else
        lct_bits_to_float(dst, n, row, at * p->bits, stride * p->bits, p->bits, p->format == SAMPLEFORMAT_INT);
}

void tiff_page_grey_row(
    const struct tiff_page *p, const unsigned char *const rows[3], size_t n, bool swap, float *dst, float *scratch)
{
    if (p->channels == 3) {
        for (int k = 0; k < 3; k++)
            channel_row(p, rows, k, n, swap, scratch + (size_t)k * n);
        for (size_t i = 0; i < n; i++)
            dst[i] = lct_grey(scratch[i], scratch[n + i], scratch[2 * n + i]);
        return;
    }
    channel_row(p, rows, 0, n, swap, dst);
    for (size_t i = 0; p->map[0] && i < n; i++) {
        const size_t index = (size_t)dst[i] & (((size_t)1 << p->bits) - 1);
        dst[i] =
            lct_grey((float)(p->map[0][index] >> 8), (float)(p->map[1][index] >> 8), (float)(p->map[2][index] >> 8));
    }
}

static enum lct_status decode_converted(TIFF *tif, struct lct_image *out, struct lct_err *err)
{
    const size_t n = lct_image_count(out);
    uint32_t *raster = n <= SIZE_MAX / sizeof *raster ? malloc(n * sizeof *raster) : NULL;
    if (!raster)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %d x %d px", out->width, out->height);
    const int good =
        TIFFReadRGBAImageOriented(tif, (uint32_t)out->width, (uint32_t)out->height, raster, ORIENTATION_TOPLEFT, 1);
    for (size_t i = 0; good && i < n; i++)
        out->px[i] = lct_grey((float)TIFFGetR(raster[i]), (float)TIFFGetG(raster[i]), (float)TIFFGetB(raster[i]));
    free(raster);
    return good ? LCT_OK : lct_fail(err, LCT_E_INPUT, "damaged");
}

/* Room for the blocks of one place in the image (one for each plane) and for one row of them in float. */
struct block {
    unsigned char *bytes[3];
    tmsize_t size;
    float *scratch;
    int planes;
};

static void free_block(struct block *b)
{
    for (int k = 0; k < 3; k++)
        free(b->bytes[k]);
    free(b->scratch);
}

static enum lct_status alloc_block(struct block *b, TIFF *tif, const struct tiff_page *p, struct lct_err *err)
{
    const size_t row_bytes = tiff_page_row_bytes(p, p->block_width);
    b->size = p->tiled ? TIFFTileSize(tif) : TIFFVStripSize(tif, p->block_height);
    b->planes = p->planar == PLANARCONFIG_SEPARATE ? p->channels : 1;
    if (b->size <= 0 || (uint64_t)b->size < (uint64_t)row_bytes * p->block_height)
        return lct_fail(err, LCT_E_INPUT, "its strips or tiles do not fit its size");
    bool good = (b->scratch = calloc(p->block_width, 4 * sizeof *b->scratch));
    for (int k = 0; k < b->planes; k++)
        good = good && (b->bytes[k] = calloc(1, (size_t)b->size));
    return good ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for blocks of %lld bytes", (long long)b->size);
}

static bool read_block(TIFF *tif, const struct tiff_page *p, struct block *b, uint32_t x, uint32_t y)
{
    for (int k = 0; k < b->planes; k++) {
        const uint16_t plane = (uint16_t)(p->first + k);
        const uint32_t rows = y + p->block_height > p->height ? p->height - y : p->block_height;
        if (p->tiled) {
            if (TIFFReadEncodedTile(tif, TIFFComputeTile(tif, x, y, 0, plane), b->bytes[k], b->size) < 0)
                return false;
        } else {
            const tmsize_t size = TIFFVStripSize(tif, rows);
            if (size < 0 || TIFFReadEncodedStrip(tif, TIFFComputeStrip(tif, y, plane), b->bytes[k], size) != size)
                return false;
        }
    }
    return true;
}

static void paste_block(const struct tiff_page *p, const struct block *b, uint32_t x, uint32_t y, struct lct_image *out)
{
    const size_t row_bytes = tiff_page_row_bytes(p, p->block_width);
    const uint32_t w = p->block_width < p->width - x ? p->block_width : p->width - x;
    const uint32_t h = p->block_height < p->height - y ? p->block_height : p->height - y;
    for (uint32_t j = 0; j < h; j++) {
        const unsigned char *rows[3] = { 0 };
        for (int k = 0; k < b->planes; k++)
            rows[k] = b->bytes[k] + j * row_bytes;
        tiff_page_grey_row(p, rows, w, false, out->px + (size_t)(y + j) * p->width + x, b->scratch);
    }
}

enum lct_status tiff_page_decode(TIFF *tif, const struct tiff_page *p, struct lct_image *out, struct lct_err *err)
{
    if (p->converted)
        return decode_converted(tif, out, err);
    struct block block = { 0 };
    enum lct_status status = alloc_block(&block, tif, p, err);
    for (uint32_t y = 0; status == LCT_OK && y < p->height; y += p->block_height)
        for (uint32_t x = 0; status == LCT_OK && x < p->width; x += p->block_width) {
            if (read_block(tif, p, &block, x, y))
                paste_block(p, &block, x, y, out);
            else
                status = lct_fail(err, LCT_E_INPUT, "damaged at x %u, y %u", x, y);
        }
    free_block(&block);
    return status;
}
