/* drift_bench RAW WIDTH HEIGHT PIXEL_SIZE_NM|nan [FRAMES]: drift.csv of a file of 8-bit frames on stdout, times on stderr.
 * RAW from: ffmpeg -i movie.mp4 -f rawvideo -pix_fmt gray movie.raw */
#include <lctem/drift.h>
#include <lctem/duplicate.h>
#include <lctem/outlier.h>
#include <lctem/static_mask.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 100, LOOK = 20 };

struct bench {
    FILE *file;
    int width, height;
    long frames;
    unsigned char *raw, *ignore;
    struct lct_image image, previous;
    double outlier_s, duplicate_s, prepare_s, follow_s;
    size_t repaired;
};

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

static int load(struct bench *b, long i)
{
    const size_t n = lct_image_count(&b->image);
    if (fseek(b->file, i * (long)n, SEEK_SET) != 0 || fread(b->raw, 1, n, b->file) != n)
        return 0;
    for (size_t k = 0; k < n; k++)
        b->image.px[k] = b->raw[k];
    struct lct_err err = { 0 };
    const struct lct_outlier_params p = lct_outlier_defaults();
    struct lct_outlier_report r;
    const double t = now_s();
    must(lct_outlier_repair(&b->image, &p, &r, &err), &err);
    b->outlier_s += now_s() - t;
    b->repaired += r.repaired;
    return 1;
}

static void find_static(struct bench *b)
{
    struct lct_err err = { 0 };
    struct lct_static_mask *mask = NULL;
    struct lct_static_report r;
    must(lct_static_mask_create(&mask, b->width, b->height, &err), &err);
    for (long i = 0; i < LOOK && i < b->frames; i++)
        if (load(b, b->frames <= LOOK ? i : i * (b->frames - 1) / (LOOK - 1)))
            must(lct_static_mask_add(mask, &b->image, &err), &err);
    must(lct_static_mask_find(mask, b->ignore, &r, &err), &err);
    fprintf(stderr, "border %zu px (left %d right %d top %d bottom %d), burnt in %zu px\n", r.border_px, r.left,
        r.right, r.top, r.bottom, r.burnt_px);
    lct_static_mask_destroy(&mask);
}

static void print(long frame, const struct lct_drift_result *r, int duplicate)
{
    printf("%ld,,%.9g,%.9g,,,%.9g,%.9g,%u%s\n", frame, r->dx_px, r->dy_px, r->sd_px, r->peak_ratio, r->flags,
        duplicate ? ";duplicate" : "");
}

static void follow(struct bench *b, struct lct_drift *drift, int anchors)
{
    struct lct_err err = { 0 };
    struct lct_drift_work *work = NULL;
    float complex *spectra[MOST];
    int duplicate[MOST];
    struct lct_drift_result results[MOST];
    struct lct_duplicate_state judge = { 0 };
    must(lct_drift_work_create(&work, drift, &err), &err);
    for (int i = 0; i < anchors; i++)
        spectra[i] = lct_drift_spectrum_alloc(drift);
    for (long i = 0; i < b->frames && load(b, i); i++) {
        const int slot = i < anchors ? (int)i : 0;
        double t = now_s();
        duplicate[slot] =
            i > 0 && lct_duplicate_judge(&judge, lct_duplicate_compare(&b->previous, &b->image, b->ignore));
        memcpy(b->previous.px, b->image.px, lct_image_count(&b->image) * sizeof(float));
        b->duplicate_s += now_s() - t;
        t = now_s();
        must(lct_drift_prepare(drift, work, &b->image, spectra[slot], &err), &err);
        b->prepare_s += now_s() - t;
        t = now_s();
        if (i == anchors - 1) {
            must(lct_drift_anchor(drift, (const float complex *const *)spectra, (size_t)anchors, results, &err), &err);
            fprintf(stderr, "anchor %.1f ms\n", 1e3 * (now_s() - t));
            for (int k = 0; k < anchors; k++)
                print(k, &results[k], duplicate[k]);
        } else if (i >= anchors) {
            must(lct_drift_follow(drift, spectra[0], results, &err), &err);
            b->follow_s += now_s() - t;
            print(i, results, duplicate[0]);
        }
    }
    for (int i = 0; i < anchors; i++)
        lct_drift_spectrum_free(spectra[i]);
    lct_drift_work_destroy(&work);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: drift_bench RAW WIDTH HEIGHT PIXEL_SIZE_NM|nan [FRAMES]\n");
        return 2;
    }
    struct lct_err err = { 0 };
    struct bench b = { .file = fopen(argv[1], "rb"), .width = atoi(argv[2]), .height = atoi(argv[3]) };
    if (!b.file || fseek(b.file, 0, SEEK_END) != 0)
        return 3;
    must(lct_image_init(&b.image, b.width, b.height, &err), &err);
    must(lct_image_init(&b.previous, b.width, b.height, &err), &err);
    const size_t n = lct_image_count(&b.image);
    b.raw = malloc(n);
    b.ignore = malloc(n);
    if (!b.raw || !b.ignore)
        return 7;
    b.frames = ftell(b.file) / (long)n;
    if (argc > 5 && atol(argv[5]) < b.frames)
        b.frames = atol(argv[5]);
    find_static(&b);

    struct lct_drift_params p = lct_drift_defaults();
    p.pixel_size_nm = atof(argv[4]);
    struct lct_drift *drift = NULL;
    must(lct_drift_create(&drift, b.width, b.height, b.ignore, &p, &err), &err);
    printf("frame,time_s,dx_px,dy_px,dx_nm,dy_nm,sd_px,peak_ratio,flags\n");
    follow(&b, drift, b.frames < p.anchor_frames ? (int)b.frames : p.anchor_frames);
    const double ms = 1e3 / (double)b.frames;
    fprintf(stderr, "per frame: outliers %.2f ms (%.2f px), duplicates %.2f, prepare %.2f, follow %.2f\n",
        ms * b.outlier_s, (double)b.repaired / (double)b.frames, ms * b.duplicate_s, ms * b.prepare_s, ms * b.follow_s);
    lct_drift_destroy(&drift);
    lct_image_finish(&b.image);
    lct_image_finish(&b.previous);
    free(b.raw);
    free(b.ignore);
    fclose(b.file);
    return 0;
}
