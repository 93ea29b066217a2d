/* source.h -- a movie, wherever its frames come from: video, TIFF, image sequence, microscope file */
#ifndef LCTEM_SOURCE_H
#define LCTEM_SOURCE_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stdbool.h>
#include <stddef.h>

/** Type of the samples as stored in the file (what `lctem info` prints as dtype). */
enum lct_dtype {
    LCT_DTYPE_UNKNOWN = 0,
    LCT_DTYPE_U8,
    LCT_DTYPE_I8,
    LCT_DTYPE_U16,
    LCT_DTYPE_I16,
    LCT_DTYPE_U32,
    LCT_DTYPE_I32,
    LCT_DTYPE_U64,
    LCT_DTYPE_I64,
    LCT_DTYPE_F16,
    LCT_DTYPE_F32,
    LCT_DTYPE_F64,
    LCT_DTYPE_C64,
    LCT_DTYPE_BOOL,
};

/** "uint8", "float32", ...; "unknown" for LCT_DTYPE_UNKNOWN. */
const char *lct_dtype_name(enum lct_dtype dtype);

/** One `key = value` of the file's own metadata, as text. */
struct lct_metadata {
    char *key, *value;
};

/** What is known about a movie once it is open. Physical quantities are NaN where the file is silent. */
struct lct_source_info {
    char *path;           /**< as given by the user */
    const char *format;   /**< name of the reader: "video", "tiff", "sequence", ... */
    long n_frames;        /**< number of frames; for video the container's word, checked by reading */
    int width, height;    /**< px, the same for every frame */
    enum lct_dtype dtype; /**< samples as stored */
    int bits;             /**< significant bits of a sample, 0 if not known */
    int channels;         /**< 1 grey; 3, 4: converted to grey when read */
    double pixel_size_nm, pixel_size_y_nm;
    double frame_time_s; /**< nominal interval between frames */
    double duration_s;
    double dose_e_per_nm2_s;
    struct lct_metadata *metadata; /**< n_metadata entries, owned by the source */
    size_t n_metadata;
    char **warnings; /**< n_warnings lines (gaps in the numbering, a doubtful pixel size, ...) */
    size_t n_warnings;
    size_t n_datasets;  /**< images in the file among which one was chosen */
    char *const *files; /**< n_files paths of a sequence, one for each frame; NULL: the movie is the file `path` */
    size_t n_files;
};

/** How to open; zeroed = defaults. */
struct lct_source_params {
    const char *
        dataset; /**< which of several data sets in a file (name or number); NULL: the first image that is no thumbnail */
    const char *raw; /**< shape and type of a raw file, "WxHxN:u16le"; NULL: not raw */
    int threads;     /**< threads a decoder may use; 0: its own choice */
};

struct lct_source; /* opaque; one per thread */

/** Open a movie: a file, a folder, a printf pattern or a glob. The reader is found by content, not by name.
 *  LCT_E_INPUT: missing, unreadable, empty or corrupt. LCT_E_FORMAT: not a format or layout that we read. */
LCT_MUST_CHECK enum lct_status lct_source_open(
    struct lct_source **out, const char *path, const struct lct_source_params *params, struct lct_err *err);

/** Facts about the movie; borrowed, valid until close; n_frames may shrink when the file turns out truncated. */
const struct lct_source_info *lct_source_info(const struct lct_source *source);

/** Read frame `index` (from 0) as float into `out`, which the caller has initialised with the movie's size; grey values
 *  are the file's own numbers (8-bit video: 0..255). `time_s` (may be NULL): the frame's own time from the start of the
 *  movie, NaN where the file has none. Reading in ascending order is fast; any order is right.
 *  LCT_END: no such frame (the movie ended, or the rest of the file is missing; `truncated` below tells which).
 *  LCT_E_INPUT: this frame cannot be decoded. */
LCT_MUST_CHECK enum lct_status lct_source_read(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err);

/** After LCT_END: one line that says why the movie ended before its announced length; NULL if it did not. */
const char *lct_source_truncated(const struct lct_source *source);

/** Close and free; accepts NULL inside; writes NULL. */
void lct_source_close(struct lct_source **source);

/** Names of the readers in the order in which they are tried, NULL-terminated; for help and tests. */
const char *const *lct_source_formats(void);

#endif
