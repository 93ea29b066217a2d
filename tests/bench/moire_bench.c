/* moire_bench [SIDE_PX [REPEATS]]: time of one frame of two lattices and their Moire, plans made once; no frame is kept. */
#include <lctem/moire.h>
#include <lctem/random.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(enum lct_status status, const struct lct_err *err)
{
    if (status != LCT_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(status);
    }
}

static double star(double d_nm, double x_nm, double y_nm)
{
    double sum = 0;
    for (int k = 0; k < 3; k++)
        sum += cos(2 * M_PI * (cos(0.3 + k * M_PI / 3) * x_nm - sin(0.3 + k * M_PI / 3) * y_nm) / d_nm);
    return sum;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const int side = argc > 1 ? atoi(argv[1]) : 1024, repeats = argc > 2 ? atoi(argv[2]) : 25;
    const double px_nm = 0.04;
    struct lct_err err = { 0 };
    struct lct_image image = { 0 };
    struct lct_spectrum *spectrum = NULL;
    struct lct_random random = lct_random_start(1, 0, 0);
    must(lct_image_init(&image, side, side, &err), &err);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            image.px[(size_t)y * (size_t)side + (size_t)x] = (float)((1 + 0.2 * star(0.14885, x * px_nm, y * px_nm))
                    * (1 + 0.2 * star(0.192295, x * px_nm, y * px_nm))
                + 0.2 * lct_random_normal(&random));
    must(lct_spectrum_create(&spectrum, side, side, &err), &err);
    const struct lct_metric metric = lct_metric_pixels(px_nm, px_nm);
    const struct lct_moire_params params = lct_moire_defaults();
    static struct lct_moire moire;
    double *load = calloc((size_t)repeats, sizeof *load), *all = calloc((size_t)repeats, sizeof *all);
    for (int i = 0; load && all && i < repeats; i++) {
        const double start = now_s();
        must(lct_spectrum_load(spectrum, &image, &err), &err);
        load[i] = now_s() - start;
        lct_moire_measure(spectrum, &metric, &params, &moire);
        all[i] = now_s() - start;
    }
    qsort(load, (size_t)repeats, sizeof *load, ascending);
    qsort(all, (size_t)repeats, sizeof *all, ascending);
    printf("%d px: %.2f ms to the power spectrum, %.2f ms in all (medians), %zu peaks, Moire %.5f nm\n", side,
        1e3 * load[repeats / 2], 1e3 * all[repeats / 2], moire.n_peaks, moire.moire_nm);
    free(load);
    free(all);
    lct_spectrum_destroy(&spectrum);
    lct_image_finish(&image);
    return 0;
}
