#include "shapes.h"

#include <lctem/random.h>
#include <math.h>
#include <stdlib.h>

static const double RAD = M_PI / 180.0;

double shape_area(const struct shape *s)
{
    const double r2 = s->radius_px * s->radius_px;
    return s->sides ? s->sides * r2 * tan(M_PI / s->sides) : M_PI * r2;
}

double shape_distance(const struct shape *s, double x, double y)
{
    const double dx = x - s->x_px, dy = y - s->y_px;
    if (!s->sides)
        return hypot(dx, dy) - s->radius_px;
    double farthest = -HUGE_VAL;
    for (int k = 0; k < s->sides; k++) {
        const double a = s->turn_deg * RAD + 2.0 * M_PI * k / s->sides;
        farthest = fmax(farthest, dx * cos(a) - dy * sin(a) - s->radius_px);
    }
    return farthest;
}

double shape_edge(double distance_px, double blur_px)
{
    return 0.5 * erfc(distance_px / (blur_px * sqrt(2.0)));
}

void shape_add(struct lct_image *plane, const struct shape *shape, double depth, double blur_px)
{
    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++)
            plane->px[(size_t)y * (size_t)plane->width + (size_t)x] +=
                (float)(depth * shape_edge(shape_distance(shape, x, y), blur_px));
}

struct lct_image shape_plane(int width, int height)
{
    struct lct_image plane = { 0 };
    if (lct_image_init(&plane, width, height, NULL) != LCT_OK)
        abort();
    for (size_t i = 0; i < lct_image_count(&plane); i++)
        plane.px[i] = 1.0f;
    return plane;
}

void shape_add_particle(
    struct lct_image *plane, double x, double y, double core_px, double total_px, const struct lct_levels *l)
{
    const struct shape core = { .x_px = x, .y_px = y, .radius_px = core_px };
    const struct shape total = { .x_px = x, .y_px = y, .radius_px = total_px };
    shape_add(plane, &total, l->shell - 1.0, l->blur_px);
    shape_add(plane, &core, l->core - l->shell, l->blur_px);
}

void shape_add_noise(struct lct_image *plane, double sd, uint64_t seed)
{
    struct lct_random random = lct_random_start(seed, 0, 0);
    for (size_t i = 0; i < lct_image_count(plane); i++)
        plane->px[i] += (float)(sd * lct_random_normal(&random));
}

void shape_phase(uint8_t *phase, int width, int height, double x, double y, double core_px, double total_px)
{
    for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++) {
            const double r = hypot(u - x, v - y);
            if (r <= total_px)
                phase[(size_t)v * (size_t)width + (size_t)u] = r <= core_px ? LCT_CORE : LCT_SHELL;
        }
}
