#include "rates.h"

#include <float.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool inside(const struct lct_mc_hexagon *h, long x, long y)
{
    return x >= 0 && x <= h->a && y >= 0 && y <= h->b && x + y >= h->lo && x + y <= h->hi;
}

/* Mean square distance from the centre, in lattice constants: the roundest hexagon has the least. */
static double spread(const struct lct_mc_hexagon *h)
{
    double sum = 0, sx = 0, sy = 0, n = 0;
    for (long y = 0; y <= h->b; y++)
        for (long x = 0; x <= h->a; x++)
            if (inside(h, x, y)) {
                sum += (double)(x * x + x * y + y * y);
                sx += (double)x;
                sy += (double)y;
                n++;
            }
    return sum / n - (sx * sx + sx * sy + sy * sy) / (n * n);
}

/* Hexagons that are their own image under a half turn: hi = a + b - lo, (a+1)(b+1) - lo(lo+1) columns. */
struct lct_mc_hexagon lct_mc_hexagon_of(long columns)
{
    struct lct_mc_hexagon best = { .count = LONG_MAX };
    double best_spread = DBL_MAX;
    for (int a = 0; a <= columns; a++) {
        if ((long)a * a > 4 * columns + 4)
            break;
        for (int b = a; b <= 2 * a + 2; b++) {
            const long spare = (long)(a + 1) * (b + 1) - columns;
            int lo = 0;
            while (lo < a && (long)(lo + 1) * (lo + 2) <= spare)
                lo++;
            const struct lct_mc_hexagon h = { a, b, lo, a + b - lo, columns + spare - (long)lo * (lo + 1) };
            if (h.count < columns || h.count > best.count)
                continue;
            const double s = spread(&h);
            if (h.count < best.count || s < best_spread - 1e-9) {
                best = h;
                best_spread = s;
            }
        }
    }
    return best;
}

/* Steps between two columns along the three directions of the plane. */
static int distance(int dx, int dy)
{
    if ((dx < 0) != (dy < 0)) /* (1,-1) is one step */
        return abs(dx) > abs(dy) ? abs(dx) : abs(dy);
    return abs(dx + dy);
}

struct column {
    int x, y;
    double r2;
    bool gone;
};

/* Columns of the hexagon, the farthest from the centre dropped until `keep` are left. */
static size_t core_columns(const struct lct_mc_hexagon *h, long keep, struct column *out)
{
    size_t n = 0;
    const double cx = h->a / 2.0, cy = h->b / 2.0;
    for (int y = 0; y <= h->b; y++)
        for (int x = 0; x <= h->a; x++)
            if (inside(h, x, y)) {
                const double dx = x - cx, dy = y - cy;
                out[n++] = (struct column){ .x = x, .y = y, .r2 = dx * dx + dx * dy + dy * dy };
            }
    for (; (long)n > keep; n--) {
        size_t worst = 0;
        for (size_t i = 1; i < n; i++)
            if (out[i].r2 > out[worst].r2 + 1e-9)
                worst = i;
        memmove(out + worst, out + worst + 1, (n - worst - 1) * sizeof *out);
    }
    return n;
}

/* A column of core with `cap` in its first and last `caps` layers, or of shell where nothing is yet. */
static void fill_column(const struct lct_mc_model *m, uint8_t *occupancy, int x, int y, bool core, uint8_t cap)
{
    const int caps = m->params.cap_layers;
    const struct lct_mc_lattice *l = &m->lattice;
    const int u = (x % l->nx + l->nx) % l->nx, v = (y % l->ny + l->ny) % l->ny;
    uint8_t *site = occupancy + ((size_t)v * (size_t)l->nx + (size_t)u) * (size_t)l->nz;
    for (int z = 0; z < l->nz; z++) {
        if (core)
            site[z] = z < caps || z >= l->nz - caps ? cap : LCT_MC_CORE;
        else if (site[z] == LCT_MC_EMPTY)
            site[z] = LCT_MC_SHELL;
    }
}

enum lct_status lct_mc_start(const struct lct_mc_model *model, bool shell, uint8_t *occupancy, struct lct_err *err)
{
    const struct lct_mc_params *p = &model->params;
    const struct lct_mc_lattice *l = &model->lattice;
    const struct lct_mc_hexagon h = lct_mc_hexagon_of(p->core_columns);
    memset(occupancy, LCT_MC_EMPTY, l->n_sites);
    struct column *columns = calloc((size_t)h.count, sizeof *columns);
    if (!columns)
        return lct_fail(err, LCT_E_LIMIT, "core_columns: no memory for %ld columns", h.count);
    const size_t n = core_columns(&h, p->core_columns, columns);
    const int x0 = (l->nx - h.a - 1) / 2, y0 = (l->ny - h.b - 1) / 2;
    for (size_t i = 0; i < n; i++)
        fill_column(model, occupancy, x0 + columns[i].x, y0 + columns[i].y, true, shell ? LCT_MC_SHELL : LCT_MC_EMPTY);
    const int reach = p->shell_layers;
    for (size_t i = 0; shell && reach > 0 && i < n; i++)
        for (int dy = -reach; dy <= reach; dy++)
            for (int dx = -reach; dx <= reach; dx++)
                if (distance(dx, dy) <= reach)
                    fill_column(model, occupancy, x0 + columns[i].x + dx, y0 + columns[i].y + dy, false, LCT_MC_SHELL);
    free(columns);
    return LCT_OK;
}
