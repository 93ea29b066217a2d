/* Protects: the overlay draws what it was given where it was given, and the video holds every frame at its time. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/overlay.h>
#include <libavformat/avformat.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[64], other[64];

static void make_dir(void)
{
    folder_make();
    snprintf(path, sizeof path, "%s/overlay.mp4", folder);
    snprintf(other, sizeof other, "%s/other.mp4", folder);
}

TestSuite(overlay, .init = make_dir, .fini = folder_remove);

/* A movie with one square particle of 100 px around (150, 120). */
struct film {
    struct lct_image image;
    double x[4], y[4];
    struct lct_ring ring;
    struct lct_outline outline;
    struct lct_overlay_frame frame;
    struct lct_overlay_params params;
    struct lct_overlay_layout layout;
};

static void film_init(struct film *film, int width, int height)
{
    *film = (struct film){ .x = { 100, 100, 200, 200 }, .y = { 70, 170, 170, 70 } };
    cr_assert(eq(int, lct_image_init(&film->image, width, height, NULL), LCT_OK));
    for (size_t i = 0; i < lct_image_count(&film->image); i++)
        film->image.px[i] = (float)(i * 2654435761u % 997);
    film->ring = (struct lct_ring){ film->x, film->y, 4, false };
    film->outline = (struct lct_outline){ .particle = 1, .phase = LCT_CORE, .rings = &film->ring, .n_rings = 1 };
    film->frame = (struct lct_overlay_frame){ .image = &film->image,
        .lo = 0,
        .hi = 1000,
        .outlines = &film->outline,
        .n_outlines = 1,
        .frame = -1,
        .time_s = NAN };
    film->params = lct_overlay_defaults();
    cr_assert(eq(int, lct_overlay_layout_make(&film->layout, width, height, &film->params, NULL), LCT_OK));
}

static uint32_t *draw(const struct film *film)
{
    uint32_t *xrgb = malloc((size_t)film->layout.width * (size_t)film->layout.height * sizeof *xrgb);
    cr_assert(eq(int, lct_overlay_draw(&film->frame, &film->layout, xrgb, NULL), LCT_OK));
    return xrgb;
}

static void write_film(struct film *film, const char *name, int n)
{
    struct lct_overlay *overlay = NULL;
    cr_assert(eq(int, lct_overlay_create(&overlay, name, &film->layout, &film->params, NULL), LCT_OK));
    for (int k = 0; k < n; k++) {
        film->frame.frame = k;
        film->frame.time_s = 0.2 * k + (k > 5 ? 1.0 : 0.0); /* a gap of a second */
        cr_assert(eq(int, lct_overlay_append(overlay, &film->frame, NULL), LCT_OK));
    }
    cr_assert(eq(int, lct_overlay_finish(&overlay, NULL), LCT_OK));
    cr_assert(overlay == NULL);
}

Test(overlay, layout_is_even_and_bounded)
{
    static const struct {
        int width, height, drawn_width, drawn_height;
    } rows[] = { { 512, 512, 512, 512 }, { 511, 401, 512, 402 }, { 1, 1, 16, 16 }, { 16384, 16384, 1024, 1024 },
        { 16384, 2, 1024, 16 }, { 100, 60, 400, 240 }, { 2048, 1024, 1024, 512 } };
    const struct lct_overlay_params params = lct_overlay_defaults();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_overlay_layout layout;
        cr_assert(eq(int, lct_overlay_layout_make(&layout, rows[i].width, rows[i].height, &params, NULL), LCT_OK));
        cr_assert(eq(int, layout.width, rows[i].drawn_width), "row %zu", i);
        cr_assert(eq(int, layout.height, rows[i].drawn_height), "row %zu", i);
    }
}

/* Pixel (100, 120) lies on the particle's left edge: the line of 2 px covers its centre; (150, 100) is inside, untouched. */
Test(overlay, contours_lie_where_they_were_found)
{
    struct film film;
    film_init(&film, 512, 400);
    uint32_t *xrgb = draw(&film);
    cr_assert(eq(u32, xrgb[120 * 512 + 100] & 0xFFFFFF, 0xE69F00));
    const uint32_t inside = xrgb[100 * 512 + 150] & 0xFFFFFF;
    const unsigned grey = (unsigned)(film.image.px[100 * 512 + 150] * 0.255f + 0.5f);
    cr_assert(eq(u32, inside, grey * 0x010101u));
    free(xrgb);
    lct_image_finish(&film.image);
}

/* Share of orange in the film's frame, in px: on black, red is 0xE6 where the line is whole. */
static double orange_px(struct film *film, enum lct_phase phase)
{
    film->outline.phase = phase;
    film->frame.lo = 1e6;
    film->frame.hi = 2e6;
    uint32_t *xrgb = draw(film);
    double sum = 0.0;
    for (int y = 0; y < 280; y++) /* the scale bar is white, and below */
        for (int x = 0; x < 512; x++)
            sum += (double)(xrgb[y * 512 + x] >> 16 & 255) / 0xE6;
    free(xrgb);
    return sum;
}

/* A core is 400 px round and its line 2 px wide: 800 px of colour, and half of it dashed. Left over: corners, and pixels instead of an
 * area. */
Test(overlay, lines_are_as_wide_and_dashes_as_long_as_they_should_be)
{
    struct film film;
    film_init(&film, 512, 400);
    cr_assert(epsilon_eq(dbl, orange_px(&film, LCT_CORE), 800.0, 8.0));
    cr_assert(epsilon_eq(dbl, orange_px(&film, LCT_SHELL), 400.0, 12.0));
    lct_image_finish(&film.image);
}

/* A piece that leaves the picture is drawn up to its edge, as if there were more. */
Test(overlay, outlines_may_leave_the_picture)
{
    struct film film;
    film_init(&film, 512, 400);
    film.x[2] = film.x[3] = 4000.0;
    film.y[1] = film.y[2] = -500.0;
    uint32_t *xrgb = draw(&film);
    cr_assert(eq(u32, xrgb[70 * 512 + 511] & 0xFFFFFF, 0xE69F00));
    cr_assert(eq(u32, xrgb[0 * 512 + 100] & 0xFFFFFF, 0xE69F00));
    free(xrgb);
    lct_image_finish(&film.image);
}

Test(overlay, empty_and_odd_frames_are_drawn)
{
    static const int sizes[][2] = { { 1, 1 }, { 2, 3 }, { 17, 1 }, { 3000, 5 }, { 333, 111 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 3; kind++) {
            struct film film;
            film_init(&film, sizes[i][0], sizes[i][1]);
            const float value = kind == 0 ? NAN : kind == 1 ? 7.0f : INFINITY;
            for (size_t k = 0; k < lct_image_count(&film.image); k++)
                film.image.px[k] = value;
            film.x[0] = NAN;
            film.y[2] = 1e300;
            film.frame.lo = film.frame.hi = value;
            film.frame.time_s = 1e300;
            const struct lct_overlay_label label = { 7, NAN, 0.0 };
            film.frame.labels = &label;
            film.frame.n_labels = 1;
            free(draw(&film));
            lct_image_finish(&film.image);
        }
}

Test(overlay, video_holds_every_frame_at_its_time)
{
    struct film film;
    film_init(&film, 201, 181);
    write_film(&film, path, 10);
    AVFormatContext *file = NULL;
    AVPacket *packet = av_packet_alloc();
    cr_assert(avformat_open_input(&file, path, NULL, NULL) == 0);
    cr_assert(eq(int, file->streams[0]->codecpar->width, film.layout.width));
    cr_assert(eq(int, file->streams[0]->codecpar->height, film.layout.height));
    int n = 0;
    for (; av_read_frame(file, packet) == 0; n++) {
        const double time_s = packet->pts * av_q2d(file->streams[0]->time_base);
        const double want_s = 0.2 * n + (n > 5 ? 1.0 : 0.0);
        cr_assert(fabs(time_s - want_s) < 1e-3, "frame %d at %g s", n, time_s); /* ticks are at least 1/1000 s */
        av_packet_unref(packet);
    }
    cr_assert(eq(int, n, 10));
    cr_assert(access(other, F_OK) != 0);
    av_packet_free(&packet);
    avformat_close_input(&file);
    lct_image_finish(&film.image);
}

Test(overlay, same_frames_same_bytes)
{
    struct film film;
    film_init(&film, 128, 96);
    write_film(&film, path, 8);
    sleep(1); /* a date in the file would change */
    write_film(&film, other, 8);
    char command[160];
    snprintf(command, sizeof command, "cmp -s %s %s", path, other);
    cr_assert(system(command) == 0);
    lct_image_finish(&film.image);
}

Test(overlay, smallest_frames_make_a_video)
{
    struct film film;
    film_init(&film, 1, 1);
    film.params.fps = 25.0;
    write_film(&film, path, 2);
    cr_assert(access(path, R_OK) == 0);
    lct_image_finish(&film.image);
}

Test(overlay, refuses_with_a_remedy)
{
    struct film film;
    struct lct_err err = { 0 };
    struct lct_overlay *overlay = NULL;
    film_init(&film, 64, 64);
    cr_assert(eq(int, lct_overlay_create(&overlay, "/nowhere/o.mp4", &film.layout, &film.params, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "/nowhere/o.mp4") && strstr(err.text, "folder"), "%s", err.text);
    film.params.fps = 0.0;
    cr_assert(eq(int, lct_overlay_create(&overlay, path, &film.layout, &film.params, &err), LCT_E_ARG));
    film.params.fps = NAN;
    cr_assert(eq(int, lct_overlay_create(&overlay, path, &film.layout, &film.params, &err), LCT_OK));
    struct lct_image small = { 0 };
    cr_assert(eq(int, lct_image_init(&small, 63, 64, NULL), LCT_OK));
    film.frame.image = &small;
    cr_assert(eq(int, lct_overlay_append(overlay, &film.frame, &err), LCT_E_ARG));
    cr_assert(eq(int, lct_overlay_finish(&overlay, &err), LCT_E_NODATA));
    cr_assert(overlay == NULL && access(path, F_OK) != 0);
    lct_image_finish(&small);
    lct_image_finish(&film.image);
}

/* A file-size limit is a full disk that a test can have. */
Test(overlay, a_full_disk_is_reported)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 20000, 20000 });
    struct film film;
    struct lct_err err = { 0 };
    struct lct_overlay *overlay = NULL;
    film_init(&film, 256, 256);
    cr_assert(eq(int, lct_overlay_create(&overlay, path, &film.layout, &film.params, &err), LCT_OK));
    enum lct_status status = LCT_OK;
    for (int k = 0; k < 60 && status == LCT_OK; k++)
        status = lct_overlay_append(overlay, &film.frame, &err);
    if (status == LCT_OK)
        status = lct_overlay_finish(&overlay, &err);
    cr_assert(eq(int, status, LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "space") != NULL, "%s", err.text);
    cr_assert(access(path, F_OK) != 0);
    lct_overlay_destroy(&overlay);
    lct_image_finish(&film.image);
}
