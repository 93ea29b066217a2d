#include "moire_ignore.h"

#include <lctem/static_mask.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 12,
    HALF_STRETCH = 60
}; /* near enough to be read quickly, far enough apart that no codec repeats itself */

/* Frames spread over the stretch around frame k; those of a movie that ends early are fewer. */
static enum lct_status add_frames(
    struct lct_static_mask *mask, struct movie *movie, long k, int width, int height, struct lct_err *err)
{
    struct lct_image frame = { 0 };
    const long from = k > HALF_STRETCH ? k - HALF_STRETCH : 0, left = movie->n - from;
    const long span = left < 2 * HALF_STRETCH ? left : 2 * HALF_STRETCH, count = span < FRAMES ? span : FRAMES;
    enum lct_status status = lct_image_init(&frame, width, height, err);
    for (long i = 0; status == LCT_OK && i < count; i++) {
        double time_s;
        status = movie_read(movie, from + i * span / count, &frame, &time_s, err);
        if (status == LCT_OK)
            status = lct_static_mask_add(mask, &frame, err);
    }
    lct_image_finish(&frame);
    return status == LCT_END ? LCT_OK : status;
}

static enum lct_status find_still(
    unsigned char *out, struct movie *movie, long k, const struct lct_image *picture, struct lct_err *err)
{
    struct lct_static_mask *mask = NULL;
    struct lct_static_report report;
    enum lct_status status = lct_static_mask_create(&mask, picture->width, picture->height, err);
    if (status == LCT_OK && movie->n > 1)
        status = add_frames(mask, movie, k, picture->width, picture->height, err);
    else if (status == LCT_OK)
        status = lct_static_mask_add(mask, picture, err);
    if (status == LCT_OK)
        status = lct_static_mask_find(mask, out, &report, err);
    lct_static_mask_destroy(&mask);
    return status;
}

static void find_unknown(unsigned char *out, const struct lct_image *mean)
{
    const size_t n = lct_image_count(mean);
    for (size_t i = 0; i < n; i++)
        out[i] = !isfinite(mean->px[i]);
}

enum lct_status moire_ignore_find(
    unsigned char **out, struct movie *movie, long k, const struct lct_image *picture, struct lct_err *err)
{
    const size_t n = lct_image_count(picture);
    unsigned char *ignore = malloc(n);
    *out = NULL;
    if (!ignore)
        return lct_fail(err, LCT_E_LIMIT, "no memory for %d x %d px", picture->width, picture->height);
    enum lct_status status = LCT_OK;
    if (movie)
        status = find_still(ignore, movie, k, picture, err);
    else
        find_unknown(ignore, picture);
    if (status == LCT_OK && !memchr(ignore, LCT_STATIC_BORDER, n) && !memchr(ignore, LCT_STATIC_BURNT, n)) {
        free(ignore);
        ignore = NULL;
    }
    if (status == LCT_OK)
        *out = ignore;
    else
        free(ignore);
    return status;
}
