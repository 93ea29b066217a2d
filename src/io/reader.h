/* reader.h -- what a movie format must offer, and what the readers share; private to the room io */
#ifndef LCTEM_IO_READER_H
#define LCTEM_IO_READER_H

#include <lctem/source.h>
#include <lctem/versions.h>
#include <stdint.h>

/** Bytes of a file's head that `probe` gets to see (followed by zeros for the probers of FFmpeg). */
enum { LCT_HEAD_BYTES = 65536, LCT_HEAD_PADDING = 64 };

/** Sides and areas above this are taken for a damaged header, not for an image. */
enum { LCT_MAX_SIDE_PX = 1 << 20, LCT_MAX_AREA_PX = 1 << 30 };

/** Name the library that a reader stands on. */
typedef void lct_versions_fn(lct_version_fn *say, void *context);

/** A format. Rows of one const table in source.c, tried in its order. */
struct lct_reader {
    const char *name;
    bool still;    /**< one file is one image, so that a sequence can be made of them */
    bool datasets; /**< a file may hold several images, among which params->dataset chooses */
    /** Is this file ours? By its first n bytes; head is NULL for what is no plain file (folder, pattern). */
    bool (*probe)(const unsigned char *head, size_t n, const char *path);
    /** Open source->info.path, set source->state, fill source->info. What was made is freed by `close` also on failure. */
    enum lct_status (*open)(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err);
    /** As lct_source_read; index and size of `out` have been checked, *time_s is NaN and may be set. */
    enum lct_status (*read)(
        struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err);
    /** Free source->state; accepts NULL there. */
    void (*close)(struct lct_source *source);
    lct_versions_fn *versions; /**< of the library behind it; NULL: none of its own */
};

struct lct_source {
    const struct lct_reader *reader;
    void *state; /**< the reader's own */
    struct lct_source_info info;
    char *truncated; /**< why the movie is shorter than announced, or NULL */
};

extern const struct lct_reader lct_reader_tiff, lct_reader_png, lct_reader_still, lct_reader_video, lct_reader_sequence,
    lct_reader_dm, lct_reader_mrc, lct_reader_ser, lct_reader_raw;
#if LCT_HAVE_HDF5
extern const struct lct_reader lct_reader_emd;
#endif

/** Why a file that no reader knows is none of ours, and what helps: "is a zip archive; unpack it first". NULL: nothing known. */
const char *lct_foreign(const unsigned char *head, size_t n);

/** The table of readers, NULL-terminated. */
const struct lct_reader *const *lct_readers(void);

/** Row of the table that knows this file. LCT_E_INPUT: missing, unreadable, empty. LCT_E_FORMAT: none does. */
LCT_MUST_CHECK enum lct_status lct_reader_find(const struct lct_reader **out, const char *path, struct lct_err *err);

/** Note a warning, or one line of metadata (`length` bytes of value; SIZE_MAX: up to its end). Losing one for want of
 *  memory is no fault. */
void lct_source_warn(struct lct_source *source, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lct_source_note(struct lct_source *source, const char *key, const char *value, size_t length);

/** The movie has only n_frames whole frames: shorten it and keep the reason (the first one given stays). */
void lct_source_cut(struct lct_source *source, long n_frames, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Refuse sizes that no image has. LCT_E_FORMAT. */
LCT_MUST_CHECK enum lct_status lct_check_size(uint64_t width, uint64_t height, struct lct_err *err);

/* samples.c -- numbers as stored -> float */

/** Bytes of a sample, 0 for LCT_DTYPE_UNKNOWN. */
size_t lct_dtype_bytes(enum lct_dtype dtype);

/** n samples, every `stride`-th from `src` (any alignment), to float; `swap`: stored in the other byte order. */
void lct_samples_to_float(float *dst, size_t n, const void *src, size_t stride, enum lct_dtype dtype, bool swap);

/** Samples of `bits` (1..32) bits packed from the high end of each byte; the first begins at bit `first`, the next ones
 *  `stride` bits further on. */
void lct_bits_to_float(
    float *dst, size_t n, const unsigned char *src, size_t first, size_t stride, int bits, bool is_signed);

/** Grey by the luma of Rec. 601, written so that r == g == b gives exactly that number. */
static inline float lct_grey(float r, float g, float b)
{
    return g + 0.299f * (r - g) + 0.114f * (b - g);
}

/* scale.c -- words for lengths and times, and which of them to believe */

/** Length of a unit in nm ("nm", "um", "micron", "A", ...), 0 if it is none. */
double lct_unit_nm(const char *unit, size_t length);
/** Duration of a unit in s ("s", "ms", "min", ...), 0 if it is none. */
double lct_unit_s(const char *unit, size_t length);
/** Number at the start of text, '.' decimal in any locale; NaN if there is none. */
double lct_parse_number(const char *text);

/** Take over a pixel size from a microscope's own words. Not believed (with a warning) when it is no positive number or above
 *  0.1 mm, which is a screen's or printer's resolution with a microscope's unit. y <= 0 or NaN: as x. */
void lct_source_set_pixel_size(struct lct_source *source, double x_nm, double y_nm);
/** Take over a resolution meant for printing ("dots per inch") only where no printer reaches: pixels of at most 1000 nm. */
void lct_source_set_print_size(struct lct_source *source, double x_nm, double y_nm);

/** Take over "pixel_size_nm=0.05 pixel_size_y_nm=0.05 frame_time_s=0.2", as `lctem convert` leaves it where a format has no place
 *  for such things. Other text is left alone. */
void lct_source_take_note(struct lct_source *source, const char *text);

/* description.c -- the text that ImageJ and OME leave in a TIFF */

/** What ImageDescription says about the whole file. Zero or NaN: nothing. */
struct lct_description {
    bool is_imagej, is_ome;
    long images;                   /**< ImageJ: number of images, also of those without a directory */
    double unit_x_nm, unit_y_nm;   /**< ImageJ: length of the unit in which XResolution, YResolution count; 0: none */
    double pixel_x_nm, pixel_y_nm; /**< OME */
    double frame_time_s;
    long channels, slices; /**< above 1: the pages are not only times */
};
/** Understand `text` (NUL-terminated, not trusted). */
void lct_description_parse(struct lct_description *out, const char *text);
/** Copy its lines (ImageJ) or all of it to the metadata. */
void lct_description_note(struct lct_source *source, const char *text);

/* natural.c -- names with numbers in them */

/** strcmp that compares runs of digits as numbers: a2 before a10. */
int lct_natural_compare(const char *a, const char *b);
/** Where two names that are alike but for one number have that number (at most 18 digits); false: they differ otherwise. */
bool lct_number_that_differs(const char *a, const char *b, const char **number_a, const char **number_b);

#endif
