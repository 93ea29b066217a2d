/* Where there is no ISA-L (zip_isal.c): the same, more slowly. */
#include "zip.h"

#include <stdlib.h>
#include <zlib.h>

struct zip {
    uLong room;
    unsigned char out[]; /* room */
};

struct zip *zip_create(size_t most)
{
    const uLong room = compressBound((uLong)most);
    struct zip *zip = malloc(sizeof *zip + room);
    if (zip)
        zip->room = room;
    return zip;
}

void zip_destroy(struct zip **zip)
{
    free(*zip);
    *zip = NULL;
}

const unsigned char *zip_strip(struct zip *zip, const void *bytes, size_t n, size_t *n_out)
{
    uLongf written = zip->room;
    if (compress2(zip->out, &written, bytes, (uLong)n, Z_BEST_SPEED) != Z_OK)
        return NULL;
    *n_out = written;
    return zip->out;
}
