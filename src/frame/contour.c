#include <lctem/contour.h>

#include <math.h>
#include <stdlib.h>

enum { LONGEST_STEP = 32 }; /* points that one straight piece may replace */

void lct_outline_finish(struct lct_outline *outline)
{
    for (size_t r = 0; r < outline->n_rings; r++) {
        free(outline->rings[r].x_px);
        free(outline->rings[r].y_px);
    }
    free(outline->rings);
    *outline = (struct lct_outline){ 0 };
}

/* Squared distance of a point from the segment a-b. */
static double off_segment(const struct lct_ring *r, size_t at, size_t a, size_t b)
{
    const double dx = r->x_px[b] - r->x_px[a], dy = r->y_px[b] - r->y_px[a];
    const double px = r->x_px[at] - r->x_px[a], py = r->y_px[at] - r->y_px[a], length2 = dx * dx + dy * dy;
    const double u = length2 > 0.0 ? fmin(fmax((px * dx + py * dy) / length2, 0.0), 1.0) : 0.0;
    return (px - u * dx) * (px - u * dx) + (py - u * dy) * (py - u * dy);
}

static bool stays_close(const struct lct_ring *r, size_t from, size_t to, double tolerance_px)
{
    for (size_t i = from + 1; i < to; i++)
        if (off_segment(r, i, from, to % r->n) > tolerance_px * tolerance_px)
            return false;
    return true;
}

size_t lct_ring_thin(const struct lct_ring *ring, double tolerance_px, size_t *corner)
{
    size_t count = 0, at = 0;
    const size_t longest = ring->n / 3 < LONGEST_STEP ? ring->n / 3 : LONGEST_STEP;
    while (at < ring->n) {
        corner[count++] = at;
        size_t next = at + 1;
        while (next < ring->n && next - at < longest && stays_close(ring, at, next + 1, tolerance_px))
            next++;
        at = next;
    }
    return count;
}
