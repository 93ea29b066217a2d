#include "mc_picture.h"

#include <lctem/labels.h>
#include <lctem/picture.h>
#include <lctem/source.h>
#include <math.h>
#include <stdlib.h>

enum {
    MARGIN = 6,
    EMPTY_RGB = 0xf4f6f8,
    CORE_RGB = 0x7c1d2e,
    SHELL_RGB = 0xe0a93b,
    EDGE_RGB = 0xd5dae0,
    DOT_RGB = 0xffffff
};
static const double row_height = 0.86602540378443864676; /* of a hexagonal lattice, in lattice constants */

/* What is shown, in lattice constants; it may lie beyond the lattice, which is drawn as periodic. */
struct window {
    double left, right, top, bottom;
};

static const uint8_t *column(const struct mc_columns *c, int x, int y)
{
    const int u = (x % c->nx + c->nx) % c->nx, v = (y % c->ny + c->ny) % c->ny;
    return c->occupancy + ((size_t)v * (size_t)c->nx + (size_t)u) * (size_t)c->nz;
}

static int count(const struct mc_columns *c, int x, int y, uint8_t what)
{
    const uint8_t *site = column(c, x, y);
    int n = 0;
    for (int z = 0; z < c->nz; z++)
        n += site[z] == what;
    return n;
}

/* The core with a margin; everything if there is no core. Single sites far away do not count. */
static struct window window_of(const struct mc_columns *c)
{
    const int least = c->nz > 1 ? 2 : 1;
    struct window w = { HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL };
    for (int y = 0; y < c->ny; y++)
        for (int x = 0; x < c->nx; x++)
            if (count(c, x, y, LCT_MC_CORE) >= least) {
                w.left = fmin(w.left, x + y / 2.0);
                w.right = fmax(w.right, x + y / 2.0);
                w.top = fmin(w.top, y * row_height);
                w.bottom = fmax(w.bottom, y * row_height);
            }
    if (w.left > w.right || w.bottom - w.top + 2 * MARGIN > c->ny * row_height)
        return (struct window){ -0.7, c->nx + c->ny / 2.0 - 0.8, -0.7, (c->ny - 1) * row_height + 0.7 };
    return (struct window){ w.left - MARGIN, w.right + MARGIN, w.top - MARGIN, w.bottom + MARGIN };
}

static bool meets_liquid(const struct mc_columns *c, int x, int y)
{
    static const int step[6][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 }, { 1, -1 }, { -1, 1 } };
    if (!count(c, x, y, LCT_MC_CORE))
        return false;
    for (int d = 0; d < 6; d++)
        for (int z = 0; z < c->nz; z++)
            if (column(c, x, y)[z] == LCT_MC_CORE && column(c, x + step[d][0], y + step[d][1])[z] == LCT_MC_EMPTY)
                return true;
    return false;
}

static uint32_t blend(const struct mc_columns *c, int x, int y)
{
    static const uint32_t colour[3] = { EMPTY_RGB, CORE_RGB, SHELL_RGB };
    uint32_t rgb = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        double sum = 0;
        for (uint8_t what = 0; what < 3; what++)
            sum += count(c, x, y, what) * (double)(colour[what] >> shift & 255);
        rgb |= (uint32_t)lrint(sum / c->nz) << shift;
    }
    return rgb;
}

/* Nearest column to a point in axial coordinates; *edge: distance to the border of its hexagon, 0.5 in the middle. */
static void nearest(double q, double r, int *x, int *y, double *edge)
{
    const double s = -q - r;
    double rq = nearbyint(q), rr = nearbyint(r);
    const double rs = nearbyint(s), dq = fabs(rq - q), dr = fabs(rr - r), ds = fabs(rs - s);
    if (dq > dr && dq > ds)
        rq = -rr - rs;
    else if (dr > ds)
        rr = -rq - rs;
    *x = (int)rq;
    *y = (int)rr;
    const double a = q - rq, b = r - rr,
                 most = fmax(fabs(a - b - (-a - b) + b), fmax(fabs(2 * a + b), fabs(a + 2 * b)));
    *edge = 0.5 - fmax(most, fabs(a - b)) / 2;
}

static uint32_t pixel(const struct mc_columns *c, double q, double r)
{
    int x, y;
    double edge;
    nearest(q, r, &x, &y, &edge);
    if (edge * c->scale_px < 0.6)
        return EDGE_RGB;
    const double a = q - x, b = r - y, d2 = a * a + a * b + b * b;
    if (d2 < 0.035 && meets_liquid(c, x, y))
        return DOT_RGB;
    return blend(c, x, y);
}

enum lct_status mc_picture_write(const struct mc_columns *c, const char *path, struct lct_err *err)
{
    const struct window w = window_of(c);
    const double s = c->scale_px;
    struct lct_picture p = { 0 };
    enum lct_status status =
        lct_picture_init(&p, (int)ceil((w.right - w.left) * s), (int)ceil((w.bottom - w.top) * s), err);
    for (int v = 0; status == LCT_OK && v < p.height; v++)
        for (int u = 0; u < p.width; u++) {
            const double r = (w.top + v / s) / row_height;
            p.xrgb[(size_t)v * (size_t)p.width + (size_t)u] = pixel(c, w.left + u / s - r / 2, r);
        }
    if (status == LCT_OK)
        status = lct_picture_write(&p, path, err);
    lct_picture_finish(&p);
    return status;
}

enum lct_status mc_stack_write(const struct mc_columns *c, const char *path, struct lct_err *err)
{
    const double unknown = (double)NAN;
    const struct lct_labels_params params = {
        .width = c->nx, .height = c->ny, .scale = { unknown, unknown, unknown }, .expected_pages = c->nz
    };
    const size_t n = (size_t)c->nx * (size_t)c->ny;
    struct lct_labels *stack = NULL;
    uint16_t *page = malloc(n * sizeof *page);
    enum lct_status s =
        page ? lct_labels_create(&stack, path, &params, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    for (int z = 0; s == LCT_OK && z < c->nz; z++) {
        for (size_t i = 0; i < n; i++)
            page[i] = c->occupancy[i * (size_t)c->nz + (size_t)z];
        s = lct_labels_append(stack, page, err);
    }
    if (s == LCT_OK)
        s = lct_labels_finish(&stack, err);
    lct_labels_destroy(&stack);
    free(page);
    return s;
}

enum { MAX_LAYERS = 256 };

enum lct_status mc_stack_read(const char *path, struct mc_columns *out, uint8_t **occupancy, struct lct_err *err)
{
    struct lct_source *source = NULL;
    struct lct_image page = { 0 };
    enum lct_status s = lct_source_open(&source, path, &(struct lct_source_params){ 0 }, err);
    if (s != LCT_OK)
        return s;
    const struct lct_source_info *info = lct_source_info(source);
    const size_t n = (size_t)info->width * (size_t)info->height;
    *out = (struct mc_columns){ .nx = info->width, .ny = info->height, .nz = (int)info->n_frames };
    if (info->n_frames < 1 || info->n_frames > MAX_LAYERS)
        s = lct_fail(err, LCT_E_FORMAT, "%s: %ld pages; an occupancy stack has one per layer, at most %d", path,
            info->n_frames, MAX_LAYERS);
    else if (!(*occupancy = malloc(n * (size_t)out->nz)))
        s = lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    if (s == LCT_OK)
        s = lct_image_init(&page, info->width, info->height, err);
    for (int z = 0; s == LCT_OK && z < out->nz; z++) {
        s = lct_source_read(source, z, &page, NULL, err);
        for (size_t i = 0; s == LCT_OK && i < n; i++) {
            if (!(page.px[i] >= 0 && page.px[i] <= 2))
                s = lct_fail(
                    err, LCT_E_FORMAT, "%s: page %d holds %g; occupancies are 0, 1, 2", path, z, (double)page.px[i]);
            else
                (*occupancy)[i * (size_t)out->nz + (size_t)z] = (uint8_t)page.px[i];
        }
    }
    lct_image_finish(&page);
    lct_source_close(&source);
    out->occupancy = *occupancy;
    return s;
}
