#include <lctem/rim.h>

#include <lctem/sampling.h>

#include <math.h>

enum { MAX_SAMPLES = 128 };
static const double SAMPLES_PER_LAYER = 8.0; /* and two per pixel at least */
static const double MARGIN_LAYERS = 0.35;    /* at either edge of the rim, whose own blur is no layer */
static const double LEAST_LAYERS = 1.25;     /* between the margins */

/* A line through the samples under the window, and the wave in what is left. */
static void find_wave(const double *y, const double *at, int n, double half, double spacing, double out[2])
{
    double w0 = 0.0, wy = 0.0, wt = 0.0, wty = 0.0, wtt = 0.0, weights = 0.0;
    for (int i = 0; i < n; i++) {
        const double w = 0.5 + 0.5 * cos(M_PI * at[i] / half);
        w0 += w;
        wy += w * y[i];
        wt += w * at[i];
        wty += w * at[i] * y[i];
        wtt += w * at[i] * at[i];
    }
    const double mean = wy / w0, slope = wtt > 0.0 ? (wty - mean * wt) / wtt : 0.0;
    out[0] = out[1] = 0.0;
    for (int i = 0; i < n; i++) {
        const double w = 0.5 + 0.5 * cos(M_PI * at[i] / half), phase = 2.0 * M_PI * at[i] / spacing;
        out[0] += w * (y[i] - mean - slope * at[i]) * cos(phase);
        out[1] += w * (y[i] - mean - slope * at[i]) * sin(phase);
        weights += w;
    }
    out[0] /= weights;
    out[1] /= weights;
}

void lct_rim_find_fringes(
    struct lct_rim *rim, const struct lct_image *frame, double dx_px, double dy_px, double spacing_px)
{
    double y[MAX_SAMPLES], at[MAX_SAMPLES];
    for (size_t i = 0; i < rim->n; i++) {
        struct lct_rim_point *p = &rim->points[i];
        const struct lct_rim_point *a = &rim->points[(i + rim->n - 1) % rim->n], *b = &rim->points[(i + 1) % rim->n];
        const double tx = b->x_px - a->x_px, ty = b->y_px - a->y_px, t = hypot(tx, ty);
        const double half = 0.5 * p->thickness_px - MARGIN_LAYERS * spacing_px;
        p->fringe[0] = p->fringe[1] = 0.0;
        if (p->void_px > 0.0 || !(2.0 * half >= LEAST_LAYERS * spacing_px) || !(t > 0.0))
            continue;
        const int n = (int)fmin(ceil(2.0 * half * fmax(SAMPLES_PER_LAYER / spacing_px, 2.0)), MAX_SAMPLES);
        for (int k = 0; k < n; k++) { /* counter-clockwise: the outside is on the right */
            at[k] = half * (2.0 * (k + 0.5) / n - 1.0);
            y[k] = lct_image_at(frame, p->x_px + dx_px - at[k] * ty / t, p->y_px + dy_px + at[k] * tx / t);
        }
        find_wave(y, at, n, half, spacing_px, p->fringe);
    }
}
