#include "polygon.h"

#include <math.h>

void polygon_square(struct polygon *out, double cx, double cy, double half)
{
    out->n = 4;
    for (int i = 0; i < 4; i++) {
        out->x[i] = cx + (i == 0 || i == 3 ? half : -half);
        out->y[i] = cy + (i < 2 ? half : -half);
    }
}

static void push(struct polygon *p, double x, double y)
{
    if (p->n < POLYGON_MAX) {
        p->x[p->n] = x;
        p->y[p->n] = y;
        p->n++;
    }
}

void polygon_clip(struct polygon *p, struct half_plane keep)
{
    struct polygon q;
    q.n = 0;
    for (int i = 0, j = p->n - 1; i < p->n; j = i++) {
        const double a = keep.nx * p->x[j] + keep.ny * p->y[j] - keep.d;
        const double b = keep.nx * p->x[i] + keep.ny * p->y[i] - keep.d;
        if ((a < 0 && b > 0) || (a > 0 && b < 0)) {
            const double t = a / (a - b);
            push(&q, p->x[j] + t * (p->x[i] - p->x[j]), p->y[j] + t * (p->y[i] - p->y[j]));
        }
        if (b <= 0)
            push(&q, p->x[i], p->y[i]);
    }
    p->n = q.n < 3 ? 0 : q.n;
    for (int i = 0; i < p->n; i++) {
        p->x[i] = q.x[i];
        p->y[i] = q.y[i];
    }
}

static double signed_area(const struct polygon *p)
{
    double sum = 0;
    for (int i = 1; i + 1 < p->n; i++)
        sum += (p->x[i] - p->x[0]) * (p->y[i + 1] - p->y[0]) - (p->x[i + 1] - p->x[0]) * (p->y[i] - p->y[0]);
    return sum / 2;
}

bool polygon_intersect(struct polygon *p, const struct polygon *q)
{
    const double turn = signed_area(q) < 0 ? -1 : 1;
    if (q->n < 3)
        p->n = 0;
    for (int i = 0, j = q->n - 1; i < q->n && p->n > 0; j = i++) {
        const double ex = q->x[i] - q->x[j], ey = q->y[i] - q->y[j], length = hypot(ex, ey);
        if (length > 0) {
            const struct half_plane keep = { turn * ey / length, -turn * ex / length, 0 };
            polygon_clip(p, (struct half_plane){ keep.nx, keep.ny, keep.nx * q->x[j] + keep.ny * q->y[j] });
        }
    }
    return p->n > 0;
}

double polygon_area(const struct polygon *p, double *cx, double *cy)
{
    double sum = 0, mx = 0, my = 0;
    for (int i = 1; i + 1 < p->n; i++) {
        const double ax = p->x[i] - p->x[0], ay = p->y[i] - p->y[0];
        const double bx = p->x[i + 1] - p->x[0], by = p->y[i + 1] - p->y[0];
        const double twice = ax * by - bx * ay;
        sum += twice;
        mx += twice * (ax + bx) / 3;
        my += twice * (ay + by) / 3;
    }
    if (cx)
        *cx = p->n ? p->x[0] + (sum != 0 ? mx / sum : 0) : NAN;
    if (cy)
        *cy = p->n ? p->y[0] + (sum != 0 ? my / sum : 0) : NAN;
    return fabs(sum) / 2;
}

bool polygon_contains(const struct polygon *p, double x, double y)
{
    bool left = false, right = false;
    for (int i = 0, j = p->n - 1; i < p->n; j = i++) {
        const double side = (p->x[i] - p->x[j]) * (y - p->y[j]) - (p->y[i] - p->y[j]) * (x - p->x[j]);
        left = left || side > 0;
        right = right || side < 0;
    }
    return p->n >= 3 && !(left && right);
}

static void visit_without(const struct polygon *piece, int sign, const struct polygon *holes, size_t n,
    polygon_visit_fn *visit, void *context)
{
    visit(context, piece, sign);
    for (size_t i = 0; i < n; i++) {
        struct polygon common = *piece;
        if (polygon_intersect(&common, &holes[i]))
            visit_without(&common, -sign, holes + i + 1, n - i - 1, visit, context);
    }
}

void polygon_visit_difference(
    const struct polygon *base, const struct polygon *holes, size_t n, polygon_visit_fn *visit, void *context)
{
    if (base->n >= 3)
        visit_without(base, 1, holes, n, visit, context);
}

/* One edge's share of one row: `d` is the signed height it spans there, x0 and x1 where it enters and leaves. */
static void add_span(float *row, double d, double x0, double x1)
{
    if (x0 > x1) {
        const double t = x0;
        x0 = x1;
        x1 = t;
    }
    const int first = (int)floor(x0), last = (int)floor(x1);
    if (first == last) {
        const double right = (x0 + x1) / 2 - first;
        row[first] += (float)(d * (1 - right));
        row[first + 1] += (float)(d * right);
        return;
    }
    const double slope = d / (x1 - x0);
    double before = 0;
    for (int column = first; column <= last; column++) {
        const double l = fmax(x0, column), r = fmin(x1, column + 1);
        const double covered = slope * ((l - x0) + (r - l) * (column + 1 - (l + r) / 2));
        row[column] += (float)(covered - before);
        before = covered;
    }
    row[last + 1] += (float)(d - before);
}

static void add_edge(float *rows, int width, int height, const double a[2], const double b[2], double weight)
{
    if (a[1] == b[1])
        return;
    const bool down = a[1] < b[1];
    const double x0 = down ? a[0] : b[0], y0 = down ? a[1] : b[1], x1 = down ? b[0] : a[0], y1 = down ? b[1] : a[1];
    const double dxdy = (x1 - x0) / (y1 - y0), sign = down ? weight : -weight;
    const int end = (int)ceil(y1) < height ? (int)ceil(y1) : height;
    for (int y = (int)floor(y0); y < end; y++) {
        const double top = fmax(y0, y), bottom = fmin(y1, y + 1);
        const double xt = fmin(fmax(x0 + (top - y0) * dxdy, 0), width);
        const double xb = fmin(fmax(x0 + (bottom - y0) * dxdy, 0), width);
        add_span(rows + (size_t)y * (size_t)(width + 2), sign * (bottom - top), xt, xb);
    }
}

void polygon_coverage_add(const struct polygon *p, float weight, int width, int height, float *rows)
{
    struct polygon q = *p;
    polygon_clip(&q, (struct half_plane){ -1, 0, 0.5 });
    polygon_clip(&q, (struct half_plane){ 1, 0, width - 0.5 });
    polygon_clip(&q, (struct half_plane){ 0, -1, 0.5 });
    polygon_clip(&q, (struct half_plane){ 0, 1, height - 0.5 });
    /* walking down the left side must add */
    const double signed_weight = (double)weight * (signed_area(&q) < 0 ? 1 : -1);
    for (int i = 0, j = q.n - 1; i < q.n; j = i++) {
        const double a[2] = { q.x[j] + 0.5, fmin(fmax(q.y[j] + 0.5, 0), height) };
        const double b[2] = { q.x[i] + 0.5, fmin(fmax(q.y[i] + 0.5, 0), height) };
        add_edge(rows, width, height, a, b, signed_weight);
    }
}

void polygon_coverage_sum(const float *rows, int width, int height, float *out)
{
    for (int y = 0; y < height; y++) {
        const float *row = rows + (size_t)y * (size_t)(width + 2);
        double sum = 0;
        for (int x = 0; x < width; x++) {
            sum += (double)row[x];
            out[(size_t)y * (size_t)width + (size_t)x] = (float)sum;
        }
    }
}
