#include "pen.h"

#include <lctem/clones.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The pixels near a line get a byte that says how near, the nearest piece of line deciding; then line and rim are laid
 * on in one go. cairo, which makes polygons of each line first, took three times as long. */

static const double far_away_px = 1e6, rim_px = 0.75, rim_alpha = 0.45;

struct pen {
    const struct pen_paper *paper;
    double reach;        /* of what is drawn, from the middle of the line */
    double radius, dash; /* of the line; dash 0: solid */
    double along;        /* length of the ring so far */
    double x, y;         /* where the pen is */
    int dirty[4];        /* as the clip */
};

/* A piece of line from a on, along (ux, uy). */
struct piece {
    float ax, ay, ux, uy, length;
    float nearest, fall; /* byte on the line, and its loss per px */
};

LCT_CLONES static void near_row(uint8_t *row, int first, int last, const struct piece *p, float y)
{
    const float dy = y - p->ay;
    for (int x = first; x < last; x++) {
        const float dx = (float)x - p->ax, at = dx * p->ux + dy * p->uy;
        const float on = at < 0.0f ? 0.0f : at > p->length ? p->length : at;
        const float ex = dx - on * p->ux, ey = dy - on * p->uy;
        const float v = p->nearest - p->fall * sqrtf(ex * ex + ey * ey);
        const int byte = v > 0.0f ? (int)v : 0;
        row[x] = (uint8_t)(byte > row[x] ? byte : row[x]);
    }
}

/* hypot guards against overflow, which cannot be here. */
static double distance(double dx, double dy)
{
    return sqrt(dx * dx + dy * dy);
}

static int between(double v, int low, int high)
{
    return v < low ? low : v > high ? high : (int)v;
}

static void soil(struct pen *pen, const int box[4])
{
    for (int i = 0; i < 2; i++) {
        pen->dirty[i] = box[i] < pen->dirty[i] ? box[i] : pen->dirty[i];
        pen->dirty[i + 2] = box[i + 2] > pen->dirty[i + 2] ? box[i + 2] : pen->dirty[i + 2];
    }
}

/* Round at both ends, so that pieces join. Places are those of cairo: the centre of pixel 0 is 0.5. */
static void draw_piece(struct pen *pen, const double a[2], const double b[2])
{
    const int *clip = pen->paper->clip;
    const double length = distance(b[0] - a[0], b[1] - a[1]), reach = pen->reach;
    const double ux = length > 0.0 ? (b[0] - a[0]) / length : 1.0, uy = length > 0.0 ? (b[1] - a[1]) / length : 0.0;
    const int box[4] = { between(floor(fmin(a[0], b[0]) - reach), clip[0], clip[2]),
        between(floor(fmin(a[1], b[1]) - reach), clip[1], clip[3]),
        between(ceil(fmax(a[0], b[0]) + reach), clip[0], clip[2]),
        between(ceil(fmax(a[1], b[1]) + reach), clip[1], clip[3]) };
    const struct piece p = { .ax = (float)(a[0] - 0.5),
        .ay = (float)(a[1] - 0.5),
        .ux = (float)ux,
        .uy = (float)uy,
        .length = (float)length,
        .nearest = 255.5f,
        .fall = (float)(255.0 / reach) };
    for (int y = box[1]; y < box[3]; y++) {
        int first = box[0], last = box[2];
        if (fabs(uy) > 0.1) { /* a steep line is near few pixels of a row */
            const double middle = a[0] + (y + 0.5 - a[1]) * ux / uy, half = reach / fabs(uy);
            first = between(floor(middle - half), first, last);
            last = between(ceil(middle + half), first, last);
        }
        near_row(pen->paper->near + (size_t)y * (size_t)pen->paper->width, first, last, &p, (float)y);
    }
    soil(pen, box);
}

/* The dashes between here and (x, y): as long as the gaps, round ends included. */
static void draw_dashes(struct pen *pen, double x, double y, double length)
{
    const double period = 2.0 * pen->dash, from = pen->along, to = pen->along + length;
    for (double k = floor(from / period); k * period < to; k++) {
        const double begin = fmax(k * period + pen->radius, from);
        const double end = fmin(fmax(k * period + pen->dash - pen->radius, k * period + pen->radius), to);
        if (begin > end)
            continue;
        const double u = (begin - from) / length, v = (end - from) / length;
        const double a[2] = { pen->x + u * (x - pen->x), pen->y + u * (y - pen->y) };
        const double b[2] = { pen->x + v * (x - pen->x), pen->y + v * (y - pen->y) };
        draw_piece(pen, a, b);
    }
}

static void go_to(struct pen *pen, double x, double y)
{
    const double length = distance(x - pen->x, y - pen->y);
    if (pen->dash > 0.0 && length > 0.0)
        draw_dashes(pen, x, y, length);
    else if (pen->dash <= 0.0)
        draw_piece(pen, (double[]){ pen->x, pen->y }, (double[]){ x, y });
    pen->along += length;
    pen->x = x;
    pen->y = y;
}

/* A line that is drawn: from its last corner on it goes straight, as long as the points keep to its direction. */
struct stroke {
    double x, y;   /* the corner */
    double ux, uy; /* unit vector; 0: not settled yet */
    double last_x, last_y;
};

/* Nobody sees a fifth of a drawn pixel, and time goes with the number of pieces: is (x, y) on the way? */
static bool keeps_straight(struct stroke *s, double x, double y)
{
    static const double aside = 0.2, settled = 1.5, longest = 24.0; /* drawn px */
    const double dx = x - s->x, dy = y - s->y, length = distance(dx, dy);
    if (length < settled)
        return true;
    if (s->ux == 0.0 && s->uy == 0.0) {
        s->ux = dx / length;
        s->uy = dy / length;
        return true;
    }
    return length < longest && fabs(dx * s->uy - dy * s->ux) < aside && dx * s->ux + dy * s->uy > 0.0;
}

static void draw_ring(struct pen *pen, const struct lct_ring *ring, const struct canvas_view *view)
{
    struct stroke s = { 0 };
    double first_x = 0.0, first_y = 0.0;
    bool begun = false;
    for (size_t i = 0; i < ring->n; i++) {
        const double x = view->origin_x + (ring->x_px[i] + 0.5) * view->zoom;
        const double y = view->origin_y + (ring->y_px[i] + 0.5) * view->zoom;
        if (!(fabs(x) < far_away_px && fabs(y) < far_away_px))
            continue;
        if (!begun) {
            pen->x = first_x = x;
            pen->y = first_y = y;
            pen->along = 0.0;
            s = (struct stroke){ .x = x, .y = y };
        } else if (!keeps_straight(&s, x, y)) {
            go_to(pen, s.last_x, s.last_y);
            s = (struct stroke){ .x = s.last_x, .y = s.last_y };
            (void)keeps_straight(&s, x, y);
        }
        begun = true;
        s.last_x = x;
        s.last_y = y;
    }
    if (begun) {
        go_to(pen, s.last_x, s.last_y);
        go_to(pen, first_x, first_y);
    }
}

/* What becomes of a colour under line and rim: the share of it that is left, in 256ths, and what is added. */
struct ink {
    uint32_t left, add[3];
};

static double covered(double radius, double away)
{
    return fmin(fmax(radius + 0.5 - away, 0.0), 1.0);
}

static void mix(struct ink ink[static 256], const struct pen *pen, uint32_t rgb)
{
    for (int v = 0; v < 256; v++) {
        const double away = (255 - v) * pen->reach / 255.0, line = covered(pen->radius, away);
        const double left = (1.0 - line) * (1.0 - rim_alpha * covered(pen->radius + rim_px, away));
        ink[v].left = (uint32_t)lround(256.0 * left);
        for (int c = 0; c < 3; c++)
            ink[v].add[c] = (uint32_t)lround(256.0 * line * (rgb >> 8 * c & 255));
    }
}

static uint32_t inked(uint32_t xrgb, const struct ink *ink)
{
    uint32_t out = 0;
    for (int c = 0; c < 3; c++) {
        const uint32_t v = ((xrgb >> 8 * c & 255) * ink->left + ink->add[c] + 128) >> 8;
        out |= (v < 255 ? v : 255) << 8 * c;
    }
    return out;
}

/* How many of n bytes, eight at a time, are 0 from here on: most of a particle is not near its outlines. */
static size_t far_off(const uint8_t *near, size_t n)
{
    size_t i = 0;
    for (uint64_t eight; i + sizeof eight <= n; i += sizeof eight) {
        memcpy(&eight, near + i, sizeof eight);
        if (eight)
            break;
    }
    return i;
}

/* Lay on what is near, and forget it. */
static void lay_on(const struct pen *pen, uint32_t rgb)
{
    struct ink ink[256];
    mix(ink, pen, rgb);
    for (int y = pen->dirty[1]; y < pen->dirty[3]; y++) {
        const size_t row = (size_t)y * (size_t)pen->paper->width;
        uint8_t *near = pen->paper->near + row;
        uint32_t *xrgb = pen->paper->xrgb + row;
        for (size_t x = (size_t)pen->dirty[0], end = (size_t)pen->dirty[2]; x < end; x++) {
            x += far_off(near + x, end - x);
            for (; x < end && near[x]; x++) {
                xrgb[x] = inked(xrgb[x], &ink[near[x]]);
                near[x] = 0;
            }
        }
    }
}

void pen_rings(const struct pen_paper *paper, const struct lct_outline *outline, const struct canvas_view *view,
    const struct canvas_line *line)
{
    const int *clip = paper->clip;
    struct pen pen = { .paper = paper,
        .reach = 0.5 * line->width_px + rim_px + 0.5,
        .radius = 0.5 * line->width_px,
        .dash = line->dash_px,
        .dirty = { clip[2], clip[3], clip[0], clip[1] } };
    for (size_t i = 0; i < outline->n_rings; i++)
        if (outline->rings[i].n > 1)
            draw_ring(&pen, &outline->rings[i], view);
    lay_on(&pen, line->rgb);
}
