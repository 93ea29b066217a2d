/* emd_file.h -- small EMD files of both kinds; only where libhdf5 is there */
#ifndef SUPPORT_EMD_FILE_H
#define SUPPORT_EMD_FILE_H

#include "microscope.h"

/** Velox: two images, "HAADF" of m's size and frames (16-bit unsigned, deflated if `packed`) and a complex one; 0.05 nm pixels, frames
 *  of 0.5 s. */
void emd_write_velox(const char *path, const struct micro *m, bool packed);
/** NCEM: axes named in the order `names` ("zyx", "xyz"; two letters: one image), floats, 0.05 nm along x, 0.1 nm along y; in one
 *  piece, or in `pieces` of two rows. */
void emd_write_ncem(const char *path, const struct micro *m, const char *names, bool pieces);

#endif
