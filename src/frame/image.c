#include <lctem/image.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A line of the cache: wide stores that reach over two of them, and the kernel's copies out of a file, take up to twice as long. */
enum { LINE_BYTES = 64 };

/* Large pictures lie in large pages where the machine has them: the first touch of 16 MB (2048 x 2048 px) is 8 faults, not 4096,
 * and reading 128 MB of such frames takes two thirds of the time (tests/bench/read_bench.c). The end, which would not fill one, and
 * small pictures stay in small ones, so that no memory is wasted. */
enum { HUGE_PAGE_BYTES = 2 << 20, HUGE_FROM_BYTES = 2 * HUGE_PAGE_BYTES };

static float *new_pixels(size_t bytes)
{
    const size_t unit = bytes < HUGE_FROM_BYTES ? LINE_BYTES : HUGE_PAGE_BYTES;
    float *px = aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
    if (px && unit == HUGE_PAGE_BYTES)
        madvise(px, bytes / unit * unit, MADV_HUGEPAGE); /* a wish: refused, the picture is the same */
    return px;
}

enum lct_status lct_image_init(struct lct_image *out, int width, int height, struct lct_err *err)
{
    if (width < 1 || height < 1)
        return lct_fail(err, LCT_E_ARG, "image: %d x %d pixels", width, height);
    if ((size_t)width > (SIZE_MAX - HUGE_PAGE_BYTES) / sizeof(float) / (size_t)height)
        return lct_fail(err, LCT_E_LIMIT, "image: %d x %d pixels do not fit into memory", width, height);
    const size_t bytes = (size_t)width * (size_t)height * sizeof(float);
    float *px = new_pixels(bytes);
    if (!px)
        return lct_fail(err, LCT_E_LIMIT, "image: no memory for %d x %d pixels", width, height);
    memset(px, 0, bytes);
    *out = (struct lct_image){ .width = width, .height = height, .px = px };
    return LCT_OK;
}

void lct_image_finish(struct lct_image *image)
{
    free(image->px);
    *image = (struct lct_image){ 0 };
}

double lct_image_sd(const struct lct_image *image)
{
    double sum = 0.0, square = 0.0;
    const double n = (double)lct_image_count(image);
    for (size_t i = 0; i < lct_image_count(image); i++) {
        const double d = (double)image->px[i] - (double)image->px[0];
        sum += d;
        square += d * d;
    }
    return sqrt(fmax(0.0, square / n - (sum / n) * (sum / n)));
}
