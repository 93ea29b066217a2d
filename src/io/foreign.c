/* Files that people try and that hold no movie which lctem reads: each refused with what it is and what helps. */
#include "reader.h"

#include <string.h>

// clang-format off
static const struct {
    size_t at;
    const char *magic;
    size_t length;
    const char *reason;
} kinds[] = {
    { 0, "PK\3\4", 4, "is a zip archive; unpack it first" },
    { 0, "\xfd" "7zXZ", 5, "is an archive (xz); unpack it first" },
    { 0, "\x1f\x8b", 2, "is compressed (gzip); unpack it first" },
    { 0, "BZh", 3, "is compressed (bzip2); unpack it first" },
    { 0, "7z\xbc\xaf", 4, "is a 7z archive; unpack it first" },
    { 257, "ustar", 5, "is a tar archive; unpack it first" },
    { 0, "JK\0\2", 4, "is TIA's record of an experiment (EMI); give the .ser file beside it" },
    { 0, "IMGBLO", 6, "is a block of diffraction patterns (NanoMegas), no image" },
    { 0, "MATLAB 5.0", 10, "is a MATLAB file, no image; save the movie as TIFF" },
    { 0, "\x89HDF\r\n\x1a\n", 8, "is an HDF5 file (EMD); this lctem was built without libhdf5" },
    { 0, "%PDF", 4, "is a PDF document; export the picture as PNG or TIFF" },
};
// clang-format on

const char *lct_foreign(const unsigned char *head, size_t n)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].at + kinds[i].length && memcmp(head + kinds[i].at, kinds[i].magic, kinds[i].length) == 0)
            return kinds[i].reason;
    return NULL;
}
