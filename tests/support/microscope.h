/* microscope.h -- small files as microscopes write them, byte by byte, with known content: for tests and as seeds for fuzzing */
#ifndef SUPPORT_MICROSCOPE_H
#define SUPPORT_MICROSCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the file holds. Sample (x, y) of frame f is micro_value. */
struct micro {
    int width, height, frames;
    char kind;       /**< 'u', 'i', 'f' */
    int bytes;       /**< of a sample: 1, 2, 4, 8 */
    bool big;        /**< big-endian */
    double pixel_nm; /**< 0: not said */
    int announced;   /**< frames in the header; 0: as many as there are */
};

/** Small whole numbers, negative ones too where the type has them. */
double micro_value(const struct micro *m, int x, int y, int f);

/** MRC in the mode that fits; mode 12 for 'f' of 2 bytes. `imod`: 0 no stamp, 1 unsigned bytes, 2 signed bytes. */
void micro_write_mrc(const char *path, const struct micro *m, int imod);
/** Mode 101: values 0 .. 15, micro_value modulo 16. */
void micro_write_mrc_nibbles(const char *path, int width, int height, int frames);
/** Behind the 1024 bytes of the header of an MRC file: FEI's block with this pixel size, integration time and dose. */
void micro_add_fei(const char *path, double pixel_nm, double time_s, double dose_e_per_m2);

/** TIA series; `wide`: version with 64-bit offsets; frame f was recorded `every_s` * f seconds after the first. */
void micro_write_ser(const char *path, const struct micro *m, bool wide, double every_s);

/** DM3 or DM4 with a thumbnail, the image "movie" and a spectrum "line"; frames are 0.25 s apart, the dose rate is 3 e/A^2/s. */
void micro_write_dm(const char *path, const struct micro *m, int version);
/** DM3 whose groups are nested `depth` deep. */
void micro_write_dm_nested(const char *path, int depth);

#endif
