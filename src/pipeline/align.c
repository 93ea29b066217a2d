#include "align.h"

#include <lctem/drift.h>
#include <lctem/static_mask.h>
#include <math.h>
#include <stdlib.h>

enum { STILL_FRAMES = 16 };

struct align {
    struct lct_drift *drift;
    struct lct_drift_work *work;
    float complex **spectra;           /* of the first n_anchor frames */
    struct lct_drift_result *anchored; /* n_anchor */
    long n_anchor;
    unsigned char *ignore;
};

void align_destroy(struct align **align)
{
    struct align *a = *align;
    *align = NULL;
    if (!a)
        return;
    for (long i = 0; a->spectra && i < a->n_anchor; i++)
        lct_drift_spectrum_free(a->spectra[i]);
    free(a->spectra);
    free(a->anchored);
    free(a->ignore);
    lct_drift_work_destroy(&a->work);
    lct_drift_destroy(&a->drift);
    free(a);
}

/* What never changes must not hold the scene. */
static enum lct_status find_still(struct align *a, struct movie *movie, struct lct_image *frame, struct lct_err *err)
{
    struct lct_static_mask *mask = NULL;
    struct lct_static_report report;
    double time_s;
    const long n = movie->n < STILL_FRAMES ? movie->n : STILL_FRAMES;
    enum lct_status status = lct_static_mask_create(&mask, frame->width, frame->height, err);
    for (long i = 0; status == LCT_OK && i < n; i++) {
        status = movie_read(movie, i * (movie->n / n), frame, &time_s, err);
        if (status == LCT_OK)
            status = lct_static_mask_add(mask, frame, err);
    }
    a->ignore = malloc(lct_image_count(frame));
    if (status == LCT_END)
        status = LCT_OK;
    if (status == LCT_OK && !a->ignore)
        status = lct_fail(err, LCT_E_LIMIT, "no memory");
    if (status == LCT_OK)
        status = lct_static_mask_find(mask, a->ignore, &report, err);
    lct_static_mask_destroy(&mask);
    return status;
}

static enum lct_status anchor(struct align *a, struct movie *movie, struct lct_image *frame,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct lct_drift_params params = lct_drift_defaults();
    params.pixel_size_nm = movie->scale.nm_per_px;
    const long n = movie->n < params.anchor_frames ? movie->n : params.anchor_frames;
    double time_s;
    enum lct_status status = lct_drift_create(&a->drift, frame->width, frame->height, a->ignore, &params, err);
    if (status == LCT_E_NODATA)
        status = lct_fail(err, LCT_E_FORMAT, "%d x %d px are too small to be aligned", frame->width, frame->height);
    if (status == LCT_OK)
        status = lct_drift_work_create(&a->work, a->drift, err);
    a->spectra = calloc((size_t)n, sizeof *a->spectra);
    a->anchored = calloc((size_t)n, sizeof *a->anchored);
    if (status == LCT_OK && (!a->spectra || !a->anchored))
        status = lct_fail(err, LCT_E_LIMIT, "no memory");
    for (long i = 0; status == LCT_OK && i < n; i++) {
        a->spectra[i] = lct_drift_spectrum_alloc(a->drift);
        status = a->spectra[i] ? movie_read(movie, i, frame, &time_s, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
        if (status == LCT_OK)
            status = lct_drift_prepare(a->drift, a->work, frame, a->spectra[i], err);
        a->n_anchor = i + 1;
        if (status == LCT_OK)
            status = lct_progress_step(progress, "align", i + 1, n, err);
    }
    if (status == LCT_END) { /* the movie is shorter than announced */
        a->n_anchor = movie->n;
        status = LCT_OK;
    }
    if (status == LCT_OK)
        status =
            lct_drift_anchor(a->drift, (const float complex *const *)a->spectra, (size_t)a->n_anchor, a->anchored, err);
    return status;
}

enum lct_status align_create(
    struct align **out, struct movie *movie, const struct lct_progress *progress, struct lct_err *err)
{
    struct lct_image frame = { 0 };
    struct align *a = calloc(1, sizeof *a);
    if (!a)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    enum lct_status status = lct_image_init(&frame, movie->roi.width_px, movie->roi.height_px, err);
    if (status == LCT_OK)
        status = find_still(a, movie, &frame, err);
    if (status == LCT_OK)
        status = anchor(a, movie, &frame, progress, err);
    lct_image_finish(&frame);
    if (status != LCT_OK)
        align_destroy(&a);
    *out = a;
    return status;
}

enum lct_status align_next(struct align *align, long k, const struct lct_image *frame, double *dx_px, double *dy_px,
    bool *lost, struct lct_err *err)
{
    struct lct_drift_result r;
    enum lct_status status = LCT_OK;
    if (k < align->n_anchor)
        r = align->anchored[k];
    else {
        status = lct_drift_prepare(align->drift, align->work, frame, align->spectra[0], err);
        if (status == LCT_OK)
            status = lct_drift_follow(align->drift, align->spectra[0], &r, err);
    }
    if (status != LCT_OK)
        return status;
    *dx_px = r.dx_px;
    *dy_px = r.dy_px;
    *lost = (r.flags & LCT_DRIFT_NO_SIGNAL) != 0;
    return LCT_OK;
}
