/* zip.h -- strips of label pictures, deflated quickly; the one door to ISA-L, and to zlib where that is missing */
#ifndef WRITER_ZIP_H
#define WRITER_ZIP_H

#include <stddef.h>

struct zip;

/* For strips of up to `most` bytes. NULL: no memory. */
struct zip *zip_create(size_t most);
void zip_destroy(struct zip **zip);

/* n bytes as a zlib stream [RFC 1950] of *n_out bytes, which are the zip's until the next call. NULL: it failed. */
const unsigned char *zip_strip(struct zip *zip, const void *bytes, size_t n, size_t *n_out);

#endif
