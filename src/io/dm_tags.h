/* dm_tags.h -- the tree of tags that a Gatan DM3 or DM4 file is */
#ifndef LCTEM_IO_DM_TAGS_H
#define LCTEM_IO_DM_TAGS_H

#include "planes.h"

/** A damaged file must cost neither the stack nor the day. */
enum { DM_MAX_DEPTH = 64, DM_MAX_TAGS = 1 << 20, DM_MAX_PATH = 512, DM_MAX_TEXT = 256 };

/** A leaf of the tree. */
struct dm_tag {
    const char *path;   /**< "ImageList:1:ImageData:DataType": names as stored; the number of those without a name */
    double number;      /**< NaN where it is none */
    const char *text;   /**< UTF-8 of a short text, else NULL */
    uint64_t at, bytes; /**< an array: where its data are, and how long */
    unsigned element;   /**< its type, 0: no array of plain numbers */
};

typedef void dm_visit_fn(void *context, const struct dm_tag *tag);

struct dm_head {
    int version; /**< 3 or 4 */
    bool swap;   /**< of the data; the tags themselves are always big-endian */
};

/** Are these the first 16 bytes of such a file? */
bool dm_tags_known(const unsigned char *head, size_t n);

/** Visit every leaf in the order of the file; arrays are passed over, not read. Stops without a fault where the file ends too early
 *  and sets *broken. LCT_E_INPUT: the tree is damaged before any leaf, or too deep, or too large. */
LCT_MUST_CHECK enum lct_status dm_tags_walk(struct dm_head *head, bool *broken, const struct planes *file,
    dm_visit_fn *visit, void *context, struct lct_err *err);

/** Bytes of a plain number of the file's type `element`, 0: none. */
unsigned dm_element_bytes(unsigned element);

#endif
