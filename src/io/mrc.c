/* MRC and MRCS stacks. Layout: Cheng et al., MRC2014, J. Struct. Biol. 192 (2015) 146; IMOD's additions (signed bytes, 4-bit samples)
 * from its documentation of the header. */
#include "planes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 1024, WORDS = 56, MAX_LABELS = 10, LABEL_BYTES = 80 };
enum {
    NX = 0,
    NY = 1,
    NZ = 2,
    MODE = 3,
    MX = 7,
    MY = 8,
    CELL_X = 10,
    CELL_Y = 11,
    MAPC = 16,
    DMIN = 19,
    DMAX = 20,
    NSYMBT = 23,
    EXTTYP = 26,
    VERSION = 27,
    IMOD_STAMP = 38,
    IMOD_FLAGS = 39,
    MAP = 52,
    NLABL = 55
};
enum { IMOD_MAGIC = 0x444f4d49 /* "IMOD" */, IMOD_SIGNED = 1 };

/* FEI's block for a section, in the extended header (exttyp FEI1, FEI2): offsets of what is used here. */
enum { FEI_DOSE = 92, FEI_PIXEL_X = 156, FEI_PIXEL_Y = 164, FEI_INTEGRATION = 419, FEI_BYTES = 427 };
/* The older one: 1024 sections of 32 floats, without a name. */
enum { OLD_FEI_BYTES = 1024 * 128, OLD_FEI_EXPOSURE = 32, OLD_FEI_PIXEL = 44 };

struct mrc {
    struct planes file;
    struct plane_layout layout;
    uint64_t data, frame_bytes;
};

// clang-format off
static const struct mode {
    int number;
    enum lct_dtype dtype;
    bool nibbles;
    const char *refusal;
} modes[] = {
    { 0, LCT_DTYPE_I8, false, NULL }, { 1, LCT_DTYPE_I16, false, NULL }, { 2, LCT_DTYPE_F32, false, NULL },
    { 3, LCT_DTYPE_UNKNOWN, false, "complex numbers (mode 3), a transform and no image" },
    { 4, LCT_DTYPE_UNKNOWN, false, "complex numbers (mode 4), a transform and no image" },
    { 6, LCT_DTYPE_U16, false, NULL }, { 12, LCT_DTYPE_F16, false, NULL },
    { 16, LCT_DTYPE_UNKNOWN, false, "colours (mode 16); save it as TIFF" }, { 101, LCT_DTYPE_U8, true, NULL },
};
// clang-format on

static const struct mode *find_mode(uint32_t number)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if ((uint32_t)modes[i].number == number)
            return &modes[i];
    return NULL;
}

static uint32_t word(const unsigned char *header, int i, bool swap)
{
    return lct_load32(header + 4 * i, swap);
}

static double real(const unsigned char *header, int i, bool swap)
{
    return (double)lct_load_float(header + 4 * i, swap);
}

/* Are sizes, mode and the order of the axes possible in this byte order? The machine stamp is wrong too often to be asked. */
static bool makes_sense(const unsigned char *header, bool swap)
{
    static const int sides[] = { NX, NY, NZ };
    for (int i = 0; i < 3; i++)
        if (word(header, sides[i], swap) < 1 || word(header, sides[i], swap) > INT32_MAX)
            return false;
    unsigned axes = 0;
    for (int i = 0; i < 3; i++) {
        const uint32_t axis = word(header, MAPC + i, swap);
        axes |= axis < 4 ? 1u << axis : 16u; /* all three once, or (older writers) none of them */
    }
    const bool named = memcmp(header + (size_t)4 * MAP, "MAP", 3) == 0;
    return find_mode(word(header, MODE, swap)) && word(header, NSYMBT, swap) <= INT32_MAX
        && (axes == 14 || (named && axes == 1));
}

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    return head && n >= HEADER_BYTES && (makes_sense(head, false) || makes_sense(head, true));
}

/* Mode 0 was unsigned by habit and is signed by MRC2014. What IMOD says counts; else the range that the header announces. */
static enum lct_dtype byte_type(struct lct_source *source, const unsigned char *header, bool swap)
{
    const double lo = real(header, DMIN, swap), hi = real(header, DMAX, swap);
    if (word(header, IMOD_STAMP, swap) == IMOD_MAGIC)
        return word(header, IMOD_FLAGS, swap) & IMOD_SIGNED ? LCT_DTYPE_I8 : LCT_DTYPE_U8;
    if (lo <= hi && lo < 0 && lo >= -128 && hi <= 127)
        return LCT_DTYPE_I8;
    if (lo <= hi && lo >= 0 && hi > 127 && hi <= 255)
        return LCT_DTYPE_U8;
    lct_source_warn(source, "the file does not say whether its bytes are signed; taken as signed, as MRC2014 has it");
    return LCT_DTYPE_I8;
}

static void take_cell(struct lct_source *source, const unsigned char *header, bool swap)
{
    const double x = real(header, CELL_X, swap), y = real(header, CELL_Y, swap);
    const uint32_t mx = word(header, MX, swap), my = word(header, MY, swap);
    if (x == 0 || mx < 1 || mx > INT32_MAX)
        return; /* not said */
    lct_source_set_pixel_size(source, 0.1 * x / mx, my >= 1 && my <= INT32_MAX ? 0.1 * y / my : (double)NAN);
}

/* FEI's own numbers, where they are there, are those of the microscope: they win over the cell. */
static void take_fei(struct lct_source *source, const struct mrc *mrc, const unsigned char *header, bool swap)
{
    unsigned char block[FEI_BYTES];
    const bool named = memcmp(header + (size_t)4 * EXTTYP, "FEI", 3) == 0;
    const uint32_t length = word(header, NSYMBT, swap);
    if (named && length >= FEI_BYTES && planes_bytes_at(&mrc->file, HEADER_BYTES, block, FEI_BYTES, NULL) == LCT_OK) {
        const double x = lct_load_double(block + FEI_PIXEL_X, swap), y = lct_load_double(block + FEI_PIXEL_Y, swap);
        const double dose_e_per_m2 = lct_load_double(block + FEI_DOSE, swap),
                     s = lct_load_double(block + FEI_INTEGRATION, swap);
        if (isfinite(x) && x > 0)
            lct_source_set_pixel_size(source, 1e9 * x, 1e9 * y);
        if (s > 1e-6 && s < 1e5 && source->info.n_frames > 1) {
            source->info.frame_time_s = s;
            lct_source_warn(source, "the frame time is the camera's integration time; dead time is not in it");
        }
        if (s > 1e-6 && s < 1e5 && dose_e_per_m2 > 0 && dose_e_per_m2 < 1e30)
            source->info.dose_e_per_nm2_s = 1e-18 * dose_e_per_m2 / s;
    } else if (!named && length == OLD_FEI_BYTES
        && planes_bytes_at(&mrc->file, HEADER_BYTES, block, 128, NULL) == LCT_OK) {
        const double x = (double)lct_load_float(block + OLD_FEI_PIXEL, swap);
        if (x > 1e-13 && x < 1e-4)
            lct_source_set_pixel_size(source, 1e9 * x, 1e9 * x);
    }
}

static void note_labels(struct lct_source *source, const unsigned char *header, bool swap)
{
    const uint32_t n = word(header, NLABL, swap);
    for (uint32_t i = 0; i < n && i < MAX_LABELS; i++) {
        const char *label = (const char *)header + 4 * WORDS + (size_t)i * LABEL_BYTES;
        size_t length = strnlen(label, LABEL_BYTES);
        while (length && label[length - 1] == ' ')
            length--;
        if (length)
            lct_source_note(source, "label", label, length);
        char text[LABEL_BYTES + 1];
        snprintf(text, sizeof text, "%.*s", (int)length, label);
        lct_source_take_note(source, text);
    }
}

static enum lct_status lay_out(
    struct lct_source *source, struct mrc *mrc, const unsigned char *header, bool swap, struct lct_err *err)
{
    const struct mode *mode = find_mode(word(header, MODE, swap));
    if (!mode || mode->refusal)
        return lct_fail(err, LCT_E_FORMAT, "holds %s", mode ? mode->refusal : "samples of an unknown mode");
    const uint32_t width = word(header, NX, swap), height = word(header, NY, swap), frames = word(header, NZ, swap);
    const enum lct_status status = lct_check_size(width, height, err);
    if (status != LCT_OK)
        return status;
    mrc->layout = (struct plane_layout){ .width = (int)width,
        .height = (int)height,
        .swap = swap,
        .nibbles = mode->nibbles,
        .dtype = mode->number == 0 ? byte_type(source, header, swap) : mode->dtype };
    mrc->data = (uint64_t)HEADER_BYTES + word(header, NSYMBT, swap);
    mrc->frame_bytes = planes_bytes(&mrc->layout);
    planes_describe(source, &mrc->layout);
    const long there = planes_whole(&mrc->file, mrc->data, mrc->frame_bytes);
    source->info.n_frames = (long)frames;
    if (there < (long)frames)
        lct_source_cut(source, there, "%ld frames are whole, %u were announced", there, frames);
    return LCT_OK;
}

static enum lct_status open_mrc(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    unsigned char header[HEADER_BYTES];
    struct mrc *mrc = calloc(1, sizeof *mrc);
    if (!mrc)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = mrc;
    enum lct_status status = planes_open(&mrc->file, source->info.path, params->threads, err);
    if (status == LCT_OK)
        status = planes_bytes_at(&mrc->file, 0, header, sizeof header, err);
    if (status != LCT_OK)
        return status;
    const bool swap = !makes_sense(header, false);
    status = lay_out(source, mrc, header, swap, err);
    if (status != LCT_OK)
        return status;
    take_cell(source, header, swap);
    take_fei(source, mrc, header, swap);
    note_labels(source, header, swap);
    return LCT_OK;
}

static enum lct_status read_mrc(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    struct mrc *mrc = source->state;
    return planes_read(&mrc->file, mrc->data + (uint64_t)index * mrc->frame_bytes, &mrc->layout, out, err);
}

static void close_mrc(struct lct_source *source)
{
    struct mrc *mrc = source->state;
    if (mrc)
        planes_close(&mrc->file);
    free(mrc);
    source->state = NULL;
}

const struct lct_reader lct_reader_mrc = {
    .name = "mrc",
    .still = true,
    .probe = probe,
    .open = open_mrc,
    .read = read_mrc,
    .close = close_mrc,
};
