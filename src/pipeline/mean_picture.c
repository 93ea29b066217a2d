#include "mean_picture.h"

#include <lctem/fft.h>
#include <lctem/outlier.h>
#include <lctem/parallel.h>

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums and scratch; one frame at a time. */
struct adder {
    struct lct_fft *fft;
    int width, height, columns;
    float *real;
    float complex *bins, *sum;
    float complex *turn_x; /* columns */
    struct lct_image frame;
    double low_x, high_x, low_y, high_y; /* range of the drift */
    long n;
};

void mean_picture_finish(struct mean_picture *mean)
{
    lct_image_finish(&mean->image);
    *mean = (struct mean_picture){ 0 };
}

static void adder_finish(struct adder *a)
{
    lct_fft_free(a->real);
    lct_fft_free(a->bins);
    lct_fft_free(a->sum);
    free(a->turn_x);
    lct_image_finish(&a->frame);
    lct_fft_destroy(&a->fft);
}

static enum lct_status adder_init(struct adder *out, int width, int height, struct lct_err *err)
{
    struct adder a = { .width = width, .height = height, .columns = width / 2 + 1 };
    enum lct_status status = lct_fft_create(&a.fft, width, height, err);
    if (status == LCT_OK)
        status = lct_image_init(&a.frame, width, height, err);
    if (status == LCT_OK) {
        a.real = lct_fft_alloc_real(a.fft);
        a.bins = lct_fft_alloc_spectrum(a.fft);
        a.sum = lct_fft_alloc_spectrum(a.fft);
        a.turn_x = malloc((size_t)a.columns * sizeof *a.turn_x);
        if (!a.real || !a.bins || !a.sum || !a.turn_x)
            status = lct_fail(err, LCT_E_LIMIT, "mean of frames: no memory");
    }
    if (status != LCT_OK)
        adder_finish(&a);
    else {
        memset(a.sum, 0, (size_t)a.columns * (size_t)height * sizeof *a.sum);
        *out = a;
    }
    return status;
}

static float complex turn(double cycles)
{
    return (float complex)cexp(2.0 * M_PI * I * (cycles - floor(cycles)));
}

/* What is at r + d of the frame comes to r: each wave is turned by 2 pi g.d. */
static void add_frame(struct adder *a, double dx_px, double dy_px)
{
    const size_t count = (size_t)a->width * (size_t)a->height;
    for (size_t i = 0; i < count; i++)
        a->real[i] = isfinite(a->frame.px[i]) ? a->frame.px[i] : 0.0F;
    lct_fft_forward(a->fft, a->real, a->bins);
    for (int kx = 0; kx < a->columns; kx++)
        a->turn_x[kx] = turn(kx * dx_px / a->width);
    for (int row = 0; row < a->height; row++) {
        const float complex turn_y = turn((row <= a->height / 2 ? row : row - a->height) * dy_px / a->height);
        const float complex *in = a->bins + (size_t)row * (size_t)a->columns;
        float complex *out = a->sum + (size_t)row * (size_t)a->columns;
        for (int kx = 0; kx < a->columns; kx++)
            out[kx] += in[kx] * (a->turn_x[kx] * turn_y);
    }
    a->low_x = fmin(a->low_x, dx_px);
    a->high_x = fmax(a->high_x, dx_px);
    a->low_y = fmin(a->low_y, dy_px);
    a->high_y = fmax(a->high_y, dy_px);
    a->n++;
}

/* Back to pixels. Where what comes in from the opposite border was added, nothing is known. */
static void take_mean(struct adder *a, const unsigned char *ignore, struct lct_image *out)
{
    lct_fft_inverse(a->fft, a->sum, a->real);
    const float share = 1.0F / ((float)a->width * (float)a->height * (float)a->n);
    const int left = (int)ceil(-a->low_x), right = a->width - (int)ceil(a->high_x), top = (int)ceil(-a->low_y),
              bottom = a->height - (int)ceil(a->high_y);
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < a->width; x++) {
            const size_t i = (size_t)y * (size_t)a->width + (size_t)x;
            const bool known = x >= left && x < right && y >= top && y < bottom && !(ignore && ignore[i]);
            out->px[i] = known ? share * a->real[i] : NAN;
        }
}

static enum lct_status add_all(struct adder *a, const struct plan *plan, struct movie *movie,
    const struct lct_progress *progress, struct lct_err *err)
{
    const struct lct_outlier_params params = lct_outlier_defaults();
    for (long k = 0; k < plan->n; k++) {
        double time_s;
        struct lct_outlier_report report;
        enum lct_status status = movie_read(movie, k, &a->frame, &time_s, err);
        if (status == LCT_END)
            return lct_fail(err, LCT_E_INPUT, "%s: frame %ld was there at first and is gone", movie->info->path,
                movie_frame(movie, k));
        if (status == LCT_OK)
            status = lct_outlier_repair(&a->frame, &params, &report, err);
        if (status != LCT_OK)
            return status;
        if (!plan->frames[k].no_drift)
            add_frame(a, plan->frames[k].dx_px, plan->frames[k].dy_px);
        status = lct_progress_step(progress, "adding", k + 1, plan->n, err);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

enum lct_status mean_picture_make(struct mean_picture *out, struct movie *movie, const struct lct_recipe *recipe,
    const struct lct_progress *progress, struct lct_err *err)
{
    struct plan plan = { 0 };
    struct adder adder = { 0 };
    struct mean_picture mean = { 0 };
    const int threads = recipe->threads > 0 ? (int)recipe->threads : lct_parallel_cores();
    enum lct_status status = plan_make(&plan, movie, recipe, threads, progress, err);
    if (status == LCT_OK)
        status = adder_init(&adder, plan.grid.width, plan.grid.height, err);
    if (status == LCT_OK)
        status = add_all(&adder, &plan, movie, progress, err);
    if (status == LCT_OK)
        status = lct_image_init(&mean.image, adder.width, adder.height, err);
    if (status == LCT_OK) {
        take_mean(&adder, plan.ignore, &mean.image);
        mean.n = adder.n;
        mean.drift_px = fmax(fmax(-adder.low_x, adder.high_x), fmax(-adder.low_y, adder.high_y));
        *out = mean;
    }
    adder_finish(&adder);
    plan_finish(&plan);
    return status;
}
