#include <lctem/plate.h>

#include <lctem/mask.h>
#include <lctem/sampling.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PIECES = 4096, PLANE_ROUNDS = 4, MOST_SIDE = 400 };
static const double DARK_SHARE = 0.35; /* of the way from the outside to the darkest: from there on it is the object */
static const double DARKEST = 0.02;    /* quantile */
static const double LEAST_SDS = 4.0;   /* of the outside's scatter that the object must be deep */
static const double LEAST_AREA_SHARE = 2e-3;
static const double LEAST_LENGTH = 1.3; /* in thicknesses: what is rounder is no plate seen edge-on */
static const double MARGIN = 0.5;       /* of the thickness that the line goes on beyond the plate */
static const double WIDTH_SHARE = 0.5;  /* of the plate's length that is averaged over */

/* A small, smoothed copy of the image, dark object on 0. */
struct small {
    struct lct_image image;
    int bin;
};

static enum lct_status shrink(struct small *s, const struct lct_image *image, bool bright, struct lct_err *err)
{
    const int side = image->width > image->height ? image->width : image->height;
    s->bin = side > MOST_SIDE ? side / MOST_SIDE : 1;
    struct lct_image spare = { 0 };
    enum lct_status status = lct_image_init(&s->image, image->width / s->bin, image->height / s->bin, err);
    if (status == LCT_OK)
        status = lct_image_init(&spare, s->image.width, s->image.height, err);
    if (status == LCT_OK) {
        const struct lct_gaussian g = lct_gaussian_make(1.5);
        lct_image_bin(image, s->bin, &s->image);
        lct_image_smooth(&s->image, &g, &spare);
        for (size_t i = 0; bright && i < lct_image_count(&s->image); i++)
            s->image.px[i] = -s->image.px[i];
    }
    lct_image_finish(&spare);
    return status;
}

/* Take a plane through the outside off the image: the fit to all, then to what is not far below it. Returns the scatter
 * left. */
static double level(struct lct_image *image, float *scratch)
{
    const int w = image->width, h = image->height;
    double sd = 0.0;
    for (int round = 0; round < PLANE_ROUNDS; round++) {
        double n = 0.0, z = 0.0, xz = 0.0, yz = 0.0, xx = 0.0, yy = 0.0, xm = 0.0, ym = 0.0;
        for (int pass = 0; pass < 2; pass++) /* means first: x and y are then nearly independent */
            for (int y = 0; y < h; y++)
                for (int x = 0; x < w; x++) {
                    const double v = (double)image->px[(size_t)y * (size_t)w + (size_t)x];
                    if (round > 0 && v < -1.5 * sd)
                        continue;
                    if (pass == 0) {
                        n += 1.0;
                        z += v;
                        xm += x;
                        ym += y;
                    } else {
                        xz += (x - xm / n) * v;
                        yz += (y - ym / n) * v;
                        xx += (x - xm / n) * (x - xm / n);
                        yy += (y - ym / n) * (y - ym / n);
                    }
                }
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                image->px[(size_t)y * (size_t)w + (size_t)x] -= (float)(z / n
                    + (xx > 0.0 ? xz / xx * (x - xm / n) : 0.0) + (yy > 0.0 ? yz / yy * (y - ym / n) : 0.0));
        size_t above = 0; /* the bright side is free of the object */
        for (size_t i = 0; i < lct_image_count(image); i++)
            if (image->px[i] > 0.0F)
                scratch[above++] = image->px[i];
        sd = above ? lct_stats_quantile_f(scratch, above, 0.6827) : 0.0;
    }
    return sd;
}

/* Moments of a piece: middle, direction of its long axis, lengths along and across. */
struct shape {
    double x, y, ux, uy, length, thickness;
};

static struct shape shape_of(const struct lct_mask_work *work, int32_t label, const struct lct_piece *piece)
{
    const double n = piece->area_px, cx = piece->x_sum / n, cy = piece->y_sum / n;
    double xx = 0.0, xy = 0.0, yy = 0.0;
    for (int y = piece->y0; y <= piece->y1; y++)
        for (int x = piece->x0; x <= piece->x1; x++)
            if (work->label[(size_t)y * (size_t)work->width + (size_t)x] == label) {
                xx += (x - cx) * (x - cx);
                xy += (x - cx) * (y - cy);
                yy += (y - cy) * (y - cy);
            }
    const double angle = 0.5 * atan2(2.0 * xy, xx - yy), mean = 0.5 * (xx + yy), half = hypot(0.5 * (xx - yy), xy);
    /* a bar of length l has the second moment l^2 / 12 */
    return (struct shape){ cx, cy, cos(angle), sin(angle), sqrt(12.0 * (mean + half) / n),
        sqrt(12.0 * fmax(mean - half, 0.0) / n) };
}

/* The longest line of the wanted length through the middle, across, that stays inside the image. */
static void lay_line(struct lct_plate_line *out, const struct shape *s, int width, int height, int bin)
{
    const double reach = (0.5 + MARGIN) * s->thickness;
    double r = reach;
    for (int side = -1; side <= 1; side += 2) {
        const double dx = -s->uy * side, dy = s->ux * side;
        r = fmin(r, dx > 0.0 ? (width - 1.0 - s->x) / dx : dx < 0.0 ? -s->x / dx : HUGE_VAL);
        r = fmin(r, dy > 0.0 ? (height - 1.0 - s->y) / dy : dy < 0.0 ? -s->y / dy : HUGE_VAL);
    }
    const double middle = 0.5 * (bin - 1);
    *out = (struct lct_plate_line){ .x0_px = (s->x + r * s->uy) * bin + middle,
        .y0_px = (s->y - r * s->ux) * bin + middle,
        .x1_px = (s->x - r * s->uy) * bin + middle,
        .y1_px = (s->y + r * s->ux) * bin + middle,
        .width_px = fmax(1.0, WIDTH_SHARE * s->length * bin) };
}

static enum lct_status search(struct lct_plate_line *out, struct small *s, struct lct_mask_work *work, float *scratch,
    struct lct_piece *pieces, struct lct_err *err)
{
    const size_t n = lct_image_count(&s->image);
    const double sd = level(&s->image, scratch);
    memcpy(scratch, s->image.px, n * sizeof *scratch);
    const double darkest = lct_stats_quantile_f(scratch, n, DARKEST);
    if (!(darkest < -LEAST_SDS * sd))
        return lct_fail(err, LCT_E_NODATA,
            "no plate stands out from its surroundings; give a line across it with --line X0,Y0,X1,Y1");
    lct_mask_below(work, &s->image, (float)(DARK_SHARE * darkest), work->bits[0]);
    const int count = lct_mask_label(work, work->bits[0], pieces, MAX_PIECES);
    int largest = 0;
    for (int k = 1; k < count; k++)
        if (pieces[k].area_px > pieces[largest].area_px)
            largest = k;
    if (count == 0 || pieces[largest].area_px < LEAST_AREA_SHARE * (double)n)
        return lct_fail(
            err, LCT_E_NODATA, "nothing large enough to be a plate; give a line across it with --line X0,Y0,X1,Y1");
    const struct shape shape = shape_of(work, largest + 1, &pieces[largest]);
    if (shape.length < LEAST_LENGTH * shape.thickness)
        return lct_fail(err, LCT_E_NODATA,
            "the largest object is as wide as it is long, no plate seen edge-on; give a line across "
            "one with --line X0,Y0,X1,Y1");
    lay_line(out, &shape, s->image.width, s->image.height, s->bin);
    return LCT_OK;
}

enum lct_status lct_plate_find(
    struct lct_plate_line *out, const struct lct_image *image, bool bright, struct lct_err *err)
{
    struct small s = { .bin = 1 };
    struct lct_mask_work work = { 0 };
    struct lct_piece *pieces = malloc(MAX_PIECES * sizeof *pieces);
    float *scratch = NULL;
    enum lct_status status = shrink(&s, image, bright, err);
    if (status == LCT_OK)
        status = lct_mask_work_init(&work, s.image.width, s.image.height, err);
    if (status == LCT_OK)
        scratch = malloc(lct_image_count(&s.image) * sizeof *scratch);
    if (status == LCT_OK && (!scratch || !pieces))
        status = lct_fail(err, LCT_E_LIMIT, "plate: no memory");
    if (status == LCT_OK)
        status = search(out, &s, &work, scratch, pieces, err);
    free(scratch);
    free(pieces);
    lct_mask_work_finish(&work);
    lct_image_finish(&s.image);
    return status;
}
