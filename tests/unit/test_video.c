/* Protects: a frame is the same however it is reached, also across open groups of pictures; deep samples stay deep; the
 * number of frames and their times are exact; a cut file gives what is whole and says so. Skipped without ffmpeg. */
#include "folder.h"
#include "movies.h"

#include <criterion/criterion.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(video, .init = folder_make, .fini = folder_remove, .timeout = 60);

enum { W = 64, H = 48, N = 60 };
static const struct {
    const char *name, *options; /* an encoder that is not there: the row is skipped */
} kinds[] = {
    { "bframes.mp4", "-pix_fmt yuv420p -c:v libx264 -g 12 -bf 3" },
    { "open.mkv", "-pix_fmt yuv420p -c:v libx264 -x264-params open-gop=1:keyint=12:bframes=3:b-pyramid=2" },
    { "open.ts", "-pix_fmt yuv420p -c:v libx264 -x264-params open-gop=1:keyint=12:bframes=3" },
    { "rolling.mp4", "-pix_fmt yuv420p -c:v libx264 -x264-params intra-refresh=1:keyint=20" },
    { "deep.mp4", "-pix_fmt yuv420p10le -c:v libx265 -x265-params open-gop=1:keyint=12:log-level=none" },
    { "bframes.avi", "-pix_fmt yuv420p -c:v mpeg4 -bf 2 -g 12" },
    { "bframes.mpg", "-pix_fmt yuv420p -c:v mpeg2video -bf 2 -g 12" },
    { "bare.h264", "-pix_fmt yuv420p -c:v libx264 -bf 3 -g 12" },
    { "hidden.webm", "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 16 -b:v 100k -g 20" },
    { "sixteen.mkv", "-pix_fmt gray16le -c:v ffv1" },
    { "colour.avi", "-pix_fmt bgr24 -c:v rawvideo" },
    { "jpeg.avi", "-pix_fmt yuvj420p -c:v mjpeg" },
    { "a.gif", "" },
};

static bool make(const char *path, const char *options, double duration_s)
{
    return movies_run("ffmpeg -y -f lavfi -i testsrc2=size=%dx%d:rate=20:duration=%g -threads 1 %s '%s'", W, H,
        duration_s, options, path);
}

static struct lct_source *open_source(const char *path, int threads)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(
        lct_source_open(&s, path, &(struct lct_source_params){ .threads = threads }, &err), LCT_OK, "%s", err.text);
    return s;
}

static float *read_all(const char *path, int threads, double *times)
{
    struct lct_source *s = open_source(path, threads);
    struct lct_err err = { 0 };
    struct lct_image image = { 0 };
    cr_assert_eq(lct_source_info(s)->n_frames, N, "%s: %ld frames", path, lct_source_info(s)->n_frames);
    cr_assert_eq(lct_image_init(&image, W, H, &err), LCT_OK);
    float *all = malloc(sizeof *all * N * W * H);
    for (long i = 0; i < N; i++) {
        cr_assert_eq(lct_source_read(s, i, &image, &times[i], &err), LCT_OK, "%s: %s", path, err.text);
        memcpy(all + i * W * H, image.px, sizeof *all * W * H);
    }
    cr_assert_eq(lct_source_read(s, N, &image, NULL, &err), LCT_END);
    cr_assert_null(lct_source_truncated(s), "%s: %s", path, lct_source_truncated(s));
    lct_image_finish(&image);
    lct_source_close(&s);
    return all;
}

static void check_random_access(const char *path, const float *all, const double *times)
{
    struct lct_source *s = open_source(path, 2);
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_image_init(&image, W, H, &err), LCT_OK);
    for (long k = 0; k < 40; k++) {
        const long i = (k * 37 + 59) % N; /* 37 and 60 have no common factor: jumps both ways, the last frame first */
        double time = -1;
        cr_assert_eq(lct_source_read(s, i, &image, &time, &err), LCT_OK, "%s: %s", path, err.text);
        cr_assert_eq(
            memcmp(image.px, all + i * W * H, sizeof *all * W * H), 0, "%s: frame %ld differs when jumped to", path, i);
        cr_assert(time == times[i] || (isnan(time) && isnan(times[i])));
    }
    lct_image_finish(&image);
    lct_source_close(&s);
}

Test(video, gives_the_same_frame_however_it_is_reached)
{
    int made = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        char *path = movies_path(folder, kinds[k].name);
        double times[N], again[N];
        if (make(path, kinds[k].options, N / 20.0)) {
            float *all = read_all(path, 1, times), *threaded = read_all(path, 3, again);
            cr_assert_eq(memcmp(all, threaded, sizeof *all * N * W * H), 0, "%s: depends on threads", path);
            check_random_access(path, all, times);
            for (long i = 0; i < N; i++) /* a container's clock ticks in 1 ms (matroska) or finer */
                cr_assert(isnan(times[i]) || fabs(times[i] - (double)i / 20) < 1.1e-3, "%s: frame %ld at %g s", path, i,
                    times[i]);
            free(all);
            free(threaded);
            made++;
        }
        free(path);
    }
    if (!made)
        cr_skip_test("no ffmpeg");
}

/* Samples of known numbers, through a lossless codec: no bit may be lost on the way. */
Test(video, keeps_all_bits_of_deep_samples)
{
    char *raw = movies_path(folder, "a.raw"), *path = movies_path(folder, "a.mkv");
    static uint16_t ramp[W * H];
    for (int i = 0; i < W * H; i++)
        ramp[i] = (uint16_t)(i * 21 + 7);
    movies_write_bytes(raw, ramp, sizeof ramp);
    if (!movies_run("ffmpeg -y -f rawvideo -pix_fmt gray16le -s %dx%d -i '%s' -c:v ffv1 '%s'", W, H, raw, path))
        cr_skip_test("no ffmpeg");
    struct lct_source *s = open_source(path, 1);
    struct lct_image image = { 0 };
    cr_assert_eq(lct_source_info(s)->dtype, LCT_DTYPE_U16);
    cr_assert_eq(lct_image_init(&image, W, H, NULL), LCT_OK);
    cr_assert_eq(lct_source_read(s, 0, &image, NULL, NULL), LCT_OK);
    for (int i = 0; i < W * H; i++)
        cr_assert(image.px[i] == (float)ramp[i]);
    lct_image_finish(&image);
    lct_source_close(&s);
    free(raw);
    free(path);
}

Test(video, keeps_the_time_of_each_frame_at_a_variable_rate)
{
    char *path = movies_path(folder, "v.mp4");
    if (!movies_run("ffmpeg -y -f lavfi -i testsrc2=size=%dx%d:rate=20:duration=3 -vf \"select='not(eq(mod(n,5),3))'\" "
                    "-vsync vfr "
                    "-c:v libx264 -g 12 -bf 2 '%s'",
            W, H, path))
        cr_skip_test("no ffmpeg");
    struct lct_source *s = open_source(path, 1);
    struct lct_image image = { 0 };
    const long n = lct_source_info(s)->n_frames;
    cr_assert_eq(n, 48);
    cr_assert_eq(lct_image_init(&image, W, H, NULL), LCT_OK);
    for (long i = 0; i < n; i++) {
        double time;
        const long shown = i / 4 * 5 + i % 4 + (i % 4 == 3); /* of each five the fourth is missing */
        cr_assert_eq(lct_source_read(s, i, &image, &time, NULL), LCT_OK);
        cr_assert_float_eq(time, (double)shown / 20, 1e-4);
    }
    lct_image_finish(&image);
    lct_source_close(&s);
    free(path);
}

Test(video, refuses_sound_and_says_when_the_rest_is_missing)
{
    char *path = movies_path(folder, "s.mp4"), *cut = movies_path(folder, "c.mp4");
    if (!movies_run("ffmpeg -y -f lavfi -i sine=d=1 '%s'", path))
        cr_skip_test("no ffmpeg");
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    cr_assert_eq(lct_source_open(&s, path, NULL, &err), LCT_E_FORMAT);
    cr_assert(make(path, "-c:v mpeg4 -g 5 -movflags faststart", 3));
    size_t n;
    unsigned char *bytes = movies_read_bytes(path, &n);
    movies_write_bytes(cut, bytes, n / 2);
    s = open_source(cut, 1);
    const long whole = lct_source_info(s)->n_frames;
    cr_assert(whole > 5 && whole < N);
    struct lct_image image = { 0 };
    cr_assert_eq(lct_image_init(&image, W, H, NULL), LCT_OK);
    for (long i = 0; i < whole; i++)
        cr_assert_eq(lct_source_read(s, i, &image, NULL, &err), LCT_OK, "%s", err.text);
    cr_assert_eq(lct_source_read(s, whole, &image, NULL, &err), LCT_END);
    cr_assert_not_null(lct_source_truncated(s));
    lct_image_finish(&image);
    lct_source_close(&s);
    free(bytes);
    free(path);
    free(cut);
}
