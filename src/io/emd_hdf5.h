/* emd_hdf5.h -- the images in an HDF5 file, Velox's or those of the NCEM convention; whoever asks needs no HDF5 */
#ifndef LCTEM_IO_EMD_HDF5_H
#define LCTEM_IO_EMD_HDF5_H

#include "emd_words.h"

enum { EMD_MAX_RANK = 4, EMD_MAX_PATH = 512 };

/** A data set, with its axes in the order in which it is stored: the last one runs fastest. */
struct emd_image {
    char path[EMD_MAX_PATH];  /**< of the data set */
    char group[EMD_MAX_PATH]; /**< of the group that describes it */
    int rank;
    uint64_t dims[EMD_MAX_RANK];
    enum lct_dtype dtype;
    const char *refusal;                /**< why it cannot be read, NULL: it can */
    struct emd_axis axes[EMD_MAX_RANK]; /**< NCEM only */
    int x, y, frame;                    /**< which axis is what; frame -1: one image */
    bool velox;
};

struct emd_hdf5; /**< an open file; opaque */

/** Open a file and list its images. LCT_E_INPUT: damaged. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status emd_hdf5_open(struct emd_hdf5 **out, const char *path, struct lct_err *err);
/** Accepts NULL inside; writes NULL. */
void emd_hdf5_close(struct emd_hdf5 **file);

/** The images, n of them, in the order of their names; they belong to `file`. */
const struct emd_image *emd_hdf5_images(const struct emd_hdf5 *file, size_t *n);

/** What Velox wrote about an image: JSON, for the caller to free. NULL: nothing, or no memory. */
char *emd_hdf5_velox_text(const struct emd_hdf5 *file, const struct emd_image *image);

/** From now on frames of `image` are read, once per file. *dtype: their samples' type as emd_hdf5_read gives them, that of the image or
 *  a wider one. LCT_E_INPUT: its data are missing or damaged. LCT_E_FORMAT: stored in pieces that are too large. */
LCT_MUST_CHECK enum lct_status emd_hdf5_choose(
    struct emd_hdf5 *file, const struct emd_image *image, enum lct_dtype *dtype, struct lct_err *err);

/** Do its samples lie in the file in one piece, as they are? From byte *at on; *swap: in the other byte order. */
bool emd_hdf5_plain(const struct emd_hdf5 *file, uint64_t *at, bool *swap);

/** Frame `index` of it, in the order in which it is stored: dims[x] * dims[y] samples of `dtype`. False: damaged. */
bool emd_hdf5_read(const struct emd_hdf5 *file, long index, unsigned char *plane);

/** Version of the library: "1.10.8". */
void emd_hdf5_version(char text[48]);

#endif
