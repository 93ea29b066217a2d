#include "moire_ignore.h"

#include <lctem/static_mask.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 12, STRETCH = 36 }; /* near enough to be quick, far enough apart that no codec repeats itself */

/* Frames spread over a stretch that begins with frame k, for videos are slow backwards; near the end over the last one.
 * One that cannot be read is the end of it: frame k was read. */
static enum lct_status add_frames(
    struct lct_static_mask *mask, struct movie *movie, long k, struct lct_image *frame, struct lct_err *err)
{
    const long span = movie->n < STRETCH ? movie->n : STRETCH, count = span < FRAMES ? span : FRAMES;
    const long from = k < movie->n - span ? k : movie->n - span;
    enum lct_status status = LCT_OK;
    for (long i = 0; status == LCT_OK && i < count; i++) {
        double time_s;
        struct lct_err why;
        const long other = from + i * span / count;
        if (other == k)
            continue;
        if (movie_read(movie, other, frame, &time_s, &why) != LCT_OK)
            break;
        status = lct_static_mask_add(mask, frame, err);
    }
    return status;
}

static enum lct_status find_still(
    unsigned char *out, struct movie *movie, long k, const struct lct_image *picture, struct lct_err *err)
{
    struct lct_static_mask *mask = NULL;
    struct lct_static_report report;
    struct lct_image frame = { 0 };
    enum lct_status status = lct_static_mask_create(&mask, picture->width, picture->height, err);
    if (status == LCT_OK)
        status = lct_image_init(&frame, picture->width, picture->height, err);
    if (status == LCT_OK)
        status = lct_static_mask_add(mask, picture, err);
    if (status == LCT_OK)
        status = add_frames(mask, movie, k, &frame, err);
    if (status == LCT_OK)
        status = lct_static_mask_find(mask, out, &report, err);
    lct_image_finish(&frame);
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
