#include <lctem/sampling.h>
#include <lctem/seam.h>

#include <math.h>

enum { HALF = 100, SAMPLES = 2 * HALF + 1 };
static const double STEP_PX = 0.5;     /* between samples of the profile */
static const double END_BLURS = 1.5;   /* of the border, at either end: the notch there is liquid */
static const double REACH_BLURS = 8.0; /* to either side of the border */
static const double CORE_BLURS = 1.6;  /* nearer to a core, its blur is felt */
static const double LINE_BLURS = 2.0;  /* to either side of the line: its blur */
static const double LEAST_BLURS = 2.0; /* of border between the ends, and of shell beside the line */
static const double LEAST_SDS = 4.0;   /* of what the shell beside it would show as a line */
static const double ALIKE_BLURS = 3.5; /* length over which grey is alike */
static const double MOST_PLACE_BLURS = 2.5, MOST_WIDTH_BLURS = 1.4,
                    MOST_BEND_BLURS =
                        1.0; /* off the border, wide (wider gaps are cut), off a straight line (sd): else no such gap */
static const double MOST_CORE = 0.1; /* of a sample's points */

/* What is looked at. */
struct look {
    const uint16_t *labels;
    const struct lct_image *plane;
    const struct lct_seam_film *film;
    const struct lct_levels *levels;
};

/* A straight border: its middle, the unit vector along it and the one across, towards the second particle. */
struct border {
    double x, y, tx, ty, nx, ny, half_px, bend_px;
};

struct moments {
    double n, x, y, xx, xy, yy, dx, dy;
};

static int particle_at(const uint16_t *labels, const struct lct_image *plane, int x, int y)
{
    if (x < 0 || y < 0 || x >= plane->width || y >= plane->height)
        return 0;
    return lct_label_particle(labels[(size_t)y * (size_t)plane->width + (size_t)x]);
}

static void add_side(struct moments *m, double x, double y, int dx, int dy, int sign)
{
    x += 0.5 * dx;
    y += 0.5 * dy;
    m->n += 1.0;
    m->x += x;
    m->y += y;
    m->xx += x * x;
    m->xy += x * y;
    m->yy += y * y;
    m->dx += sign * dx;
    m->dy += sign * dy;
}

static struct moments collect(const uint16_t *labels, const struct lct_image *plane, const struct lct_seam_pair *pair)
{
    const struct lct_extent box = pair->box;
    struct moments m = { 0 };
    for (int y = box.y0 - 1; y <= box.y1; y++)
        for (int x = box.x0 - 1; x <= box.x1; x++) {
            const int here = particle_at(labels, plane, x, y);
            for (int k = 0; k < 2; k++) {
                const int dx = k == 0, dy = k == 1, there = particle_at(labels, plane, x + dx, y + dy);
                if (here == pair->first && there == pair->second)
                    add_side(&m, x, y, dx, dy, 1);
                else if (here == pair->second && there == pair->first)
                    add_side(&m, x, y, dx, dy, -1);
            }
        }
    return m;
}

/* The line of least squares through the sides of pixels between the two; as long as an even row of points of their spread. */
static struct border fit_border(const struct moments *m)
{
    struct border b = { .x = m->x / m->n, .y = m->y / m->n };
    const double xx = m->xx / m->n - b.x * b.x, xy = m->xy / m->n - b.x * b.y, yy = m->yy / m->n - b.y * b.y;
    const double angle = 0.5 * atan2(2.0 * xy, xx - yy);
    b.tx = cos(angle);
    b.ty = sin(angle);
    const double side = -b.ty * m->dx + b.tx * m->dy < 0.0 ? -1.0 : 1.0;
    b.nx = -side * b.ty;
    b.ny = side * b.tx;
    b.half_px = sqrt(3.0 * fmax(0.0, b.tx * b.tx * xx + 2.0 * b.tx * b.ty * xy + b.ty * b.ty * yy));
    b.bend_px = sqrt(fmax(0.0, b.nx * b.nx * xx + 2.0 * b.nx * b.ny * xy + b.ny * b.ny * yy));
    return b;
}

/* Share of liquid at h across the border, mean along it; NaN where cores are. */
static double mean_liquid(const struct look *at, const struct border *b, double h, double half_px)
{
    const struct lct_image *film = at->film->film;
    const double shell = at->levels->shell;
    double sum = 0.0, n = 0.0, cores = 0.0;
    for (double t = -half_px; t <= half_px; t += 1.0) {
        const double x = b->x + h * b->nx + t * b->tx, y = b->y + h * b->ny + t * b->ty;
        if (x < 0.0 || y < 0.0 || x > at->plane->width - 1.0 || y > at->plane->height - 1.0)
            return NAN;
        const size_t i = (size_t)lround(y) * (size_t)at->plane->width + (size_t)lround(x);
        cores += lct_label_phase(at->labels[i]) == LCT_CORE;
        const double grain = film ? lct_image_at(film, x - at->film->x_px, y - at->film->y_px) : 1.0;
        sum += grain * lct_image_at(at->plane, x, y);
        n += 1.0;
    }
    return cores > MOST_CORE * n ? NAN : (sum / n - shell) / (1.0 - shell);
}

/* Samples from first to last that are free of cores and their blur, about the border. */
static void find_range(const double u[SAMPLES], double blur_px, int range[2])
{
    const int most = (int)fmin(HALF, REACH_BLURS * blur_px / STEP_PX), free = (int)(CORE_BLURS * blur_px / STEP_PX);
    for (int side = 0; side < 2; side++) {
        const int sign = side ? 1 : -1;
        int k = 0;
        while (k < most && !isnan(u[HALF + sign * (k + 1)]))
            k++;
        range[side] = HALF + sign * (k < most ? k - free : k);
    }
}

/* The line about sample `at`, on top of the shell beside it. */
static bool weigh_line(const double u[SAMPLES], const int range[2], int at, double blur_px, struct lct_seam *seam)
{
    const int wide = (int)(LINE_BLURS * blur_px / STEP_PX);
    double sum = 0.0, square = 0.0, n = 0.0, area = 0.0, moment = 0.0;
    for (int i = range[0]; i <= range[1]; i++)
        if (i < at - wide || i > at + wide) {
            sum += u[i];
            square += u[i] * u[i];
            n += 1.0;
        }
    if (at - wide < range[0] || at + wide > range[1] || n * STEP_PX < LEAST_BLURS * blur_px)
        return false;
    const double beside = sum / n, sd = sqrt(fmax(0.0, square / n - beside * beside));
    for (int i = at - wide; i <= at + wide; i++) {
        area += (u[i] - beside) * STEP_PX;
        moment += (u[i] - beside) * (i - HALF) * STEP_PX * STEP_PX;
    }
    const double chance = sd * blur_px * sqrt(2.0 * LINE_BLURS * ALIKE_BLURS);
    if (!(area > LEAST_SDS * chance))
        return false;
    seam->width_px = area / (1.0 - beside);
    seam->place_px = moment / area;
    return fabs(seam->place_px) < MOST_PLACE_BLURS * blur_px && seam->width_px < MOST_WIDTH_BLURS * blur_px;
}

struct lct_seam lct_seam_find(const uint16_t *labels, const struct lct_image *plane, const struct lct_seam_film *film,
    const struct lct_levels *levels, const struct lct_seam_pair *pair)
{
    const struct moments m = collect(labels, plane, pair);
    struct lct_seam seam = { 0 };
    if (m.n < 2.0)
        return seam;
    const struct look at = { labels, plane, film, levels };
    const struct border b = fit_border(&m);
    const double half_px = b.half_px - END_BLURS * levels->blur_px;
    seam.length_px = 2.0 * b.half_px;
    if (!levels->has_shell || 2.0 * half_px < LEAST_BLURS * levels->blur_px
        || b.bend_px > MOST_BEND_BLURS * levels->blur_px)
        return seam;
    double u[SAMPLES];
    int range[2];
    for (int i = 0; i < SAMPLES; i++)
        u[i] = mean_liquid(&at, &b, (i - HALF) * STEP_PX, half_px);
    find_range(u, levels->blur_px, range);
    int top = -1;
    for (int i = range[0]; i <= range[1]; i++)
        if (top < 0 || u[i] > u[top])
            top = i;
    seam.seen = top >= 0 && weigh_line(u, range, top, levels->blur_px, &seam);
    return seam;
}
