/* planes.h -- planes of samples that lie in a file as they are: what DM, MRC, SER and raw have in common */
#ifndef LCTEM_IO_PLANES_H
#define LCTEM_IO_PLANES_H

#include "reader.h"

/** An open file, and a block to read it through. Zeroed: not open. */
struct planes {
    int fd;
    uint64_t bytes;        /**< of the file when it was opened */
    int threads;           /**< that share the work on a large plane */
    unsigned char *blocks; /**< LCT_BLOCK_ROOM for each of them */
    uint64_t asked_at;     /**< what was asked for last */
    uint64_t ahead_at;     /**< the first block holds ahead_bytes from here on */
    size_t ahead_bytes;
};

/** Small enough to stay in the cache of a core from the read to the conversion; room for a block that begins anywhere in the first
 *  half. Planes below LCT_SHARED_PX are not worth a thread. */
enum {
    LCT_PAGE_BYTES = 4096,
    LCT_BLOCK_BYTES = 1 << 20,
    LCT_BLOCK_ROOM = 2 * LCT_BLOCK_BYTES,
    LCT_SHARED_PX = 1 << 20,
    LCT_PLANE_THREADS = 16
};

/** How a plane lies in the file: height rows of width pixels, one after the other. */
struct plane_layout {
    int width, height;
    enum lct_dtype dtype;
    bool swap;    /**< stored in the other byte order */
    bool flip;    /**< the first row is the lowest of the picture */
    bool nibbles; /**< two pixels in a byte, the first one low; rows begin with a byte */
    bool colour;  /**< four bytes a pixel: blue, green, red, unused */
};

/** Open for reading by up to `threads` threads (0: as many as there are cores). `planes_close` frees also after a fault.
 *  LCT_E_INPUT: cannot be opened. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status planes_open(struct planes *out, const char *path, int threads, struct lct_err *err);
/** Accepts what is zeroed. */
void planes_close(struct planes *file);

/** Bytes of one plane, 0: no such layout. Sides have been checked with lct_check_size. */
uint64_t planes_bytes(const struct plane_layout *layout);

/** n bytes from `offset`. LCT_E_INPUT: they are not all there. */
LCT_MUST_CHECK enum lct_status planes_bytes_at(
    const struct planes *file, uint64_t offset, void *out, size_t n, struct lct_err *err);

/** The plane at `offset` as floats. Small planes that are asked for one after the other are read some at a time. LCT_E_INPUT: not
 *  all of it is there. */
LCT_MUST_CHECK enum lct_status planes_read(struct planes *file, uint64_t offset, const struct plane_layout *layout,
    struct lct_image *out, struct lct_err *err);

/** Whole planes from `offset` to the end of the file when each takes `stride` bytes of which the plane is the end. */
long planes_whole(const struct planes *file, uint64_t offset, uint64_t stride);

/** Fill in size and type from the layout. */
void planes_describe(struct lct_source *source, const struct plane_layout *layout);

/* Numbers at any alignment. */
uint16_t lct_load16(const void *bytes, bool swap);
uint32_t lct_load32(const void *bytes, bool swap);
uint64_t lct_load64(const void *bytes, bool swap);
float lct_load_float(const void *bytes, bool swap);
double lct_load_double(const void *bytes, bool swap);

/** Is this machine's order not the one asked for? */
static inline bool lct_other_order(bool little)
{
    return little != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
}

#endif
