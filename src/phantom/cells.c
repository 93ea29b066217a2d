#include "cells.h"

#include <math.h>

/* Columns (X, Y) sit at a (X + Y / 2, Y sqrt(3) / 2); their cells are hexagons with a corner above and below. */
static const double ROW = 0.86602540378443864676;

static size_t n_columns(const struct cells *c)
{
    return (size_t)c->given.nx * (size_t)c->given.ny;
}

static void middle_of(const struct cells *c, size_t i, double *x_nm, double *y_nm)
{
    const size_t nx = (size_t)c->given.nx;
    const double y = (double)(i / nx), x = (double)(i % nx) + y / 2;
    *x_nm = c->x0_nm + c->given.nm_per_site * x;
    *y_nm = c->y0_nm + c->given.nm_per_site * ROW * y;
}

void cells_set(struct cells *out, const struct lct_phantom_lattice *given, double x_nm, double y_nm)
{
    *out = (struct cells){ .given = *given };
    double sx = 0, sy = 0, n = 0;
    for (size_t i = 0; i < n_columns(out); i++) {
        if (!cells_core(out, given->shown[0], i))
            continue;
        double x, y;
        middle_of(out, i, &x, &y);
        sx += x;
        sy += y;
        n++;
    }
    out->x0_nm = x_nm - (n > 0 ? sx / n : 0);
    out->y0_nm = y_nm - (n > 0 ? sy / n : 0);
}

void cells_outline(const struct cells *c, size_t i, struct polygon *out)
{
    double x, y;
    middle_of(c, i, &x, &y);
    const double r = c->given.nm_per_site / (2 * ROW); /* corner */
    out->n = 6;
    for (int k = 0; k < 6; k++) {
        out->x[k] = x + r * sin(k * M_PI / 3);
        out->y[k] = y + r * cos(k * M_PI / 3);
    }
}

void cells_visit(const struct cells *c, long state, bool shell, polygon_visit_fn *visit, void *context)
{
    struct polygon p;
    for (size_t i = 0; i < n_columns(c); i++) {
        const bool core = cells_core(c, state, i) > 0;
        if (shell ? core || !cells_shell(c, state, i) : !core)
            continue;
        cells_outline(c, i, &p);
        visit(context, &p, 1);
    }
}

uint16_t cells_label(const struct cells *c, long state, double x_nm, double y_nm)
{
    const double r = (y_nm - c->y0_nm) / (c->given.nm_per_site * ROW),
                 q = (x_nm - c->x0_nm) / c->given.nm_per_site - r / 2;
    /* the nearest column is one of the four around */
    long best = -1;
    double least = INFINITY;
    for (int k = 0; k < 4; k++) {
        const double X = floor(q) + (k & 1), Y = floor(r) + k / 2, a = q - X, b = r - Y, d2 = a * a + a * b + b * b;
        if (X >= 0 && Y >= 0 && X < c->given.nx && Y < c->given.ny && d2 < least) {
            least = d2;
            best = (long)Y * c->given.nx + (long)X;
        }
    }
    if (best < 0 || least > 0.5)
        return 0;
    return cells_core(c, state, (size_t)best) ? 1 : cells_shell(c, state, (size_t)best) ? 2 : 0;
}
