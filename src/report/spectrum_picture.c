#include <lctem/spectrum_picture.h>

#include "canvas.h"
#include "part.h"
#include "raster.h"

#include <lctem/picture.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 900, MARGIN = 16, TITLE = 44, LINE = 24, MOST_BOXES = 256, PLACES = 5 };
static const double TEXT = 16.0, LABEL = 14.0;
static const double DARKEST = -0.3, BRIGHTEST = 2.2; /* log10 of power over noise */

static const uint32_t colours[] = {
    [LCT_MARK_OTHER] = 0xBBBBBB,
    [LCT_MARK_FIRST] = 0xE69F00,
    [LCT_MARK_SECOND] = 0x56B4E9,
    [LCT_MARK_MOIRE] = 0xF0E442,
};

/* Where the spectrum falls on the page. */
struct page {
    const struct lct_spectrum_view *view;
    double reach;     /* cycles per px shown on either side of the middle */
    uint32_t *pixels; /* SIDE * SIDE */
    int width, height;
};

static double reach_of(const struct lct_spectrum_view *view)
{
    double most = 0;
    for (size_t i = 0; i < view->n_marks; i++)
        most = fmax(most, fmax(fabs(view->marks[i].gx), fabs(view->marks[i].gy)));
    return most > 0 ? fmin(0.5, 1.2 * most) : 0.5;
}

/* The shown part of the power, one sample a drawn pixel at most. */
static enum lct_status draw_power(struct page *page, struct lct_err *err)
{
    const struct lct_image *power = page->view->power;
    const int reach_x = (int)(page->reach * power->width), reach_y = (int)(page->reach * power->height);
    const int reach = reach_x < reach_y ? reach_x : reach_y, side = 2 * reach;
    struct lct_image part = { 0 };
    if (side < 2)
        return lct_fail(err, LCT_E_ARG, "spectrum: a picture of %d x %d px is too small", power->width, power->height);
    enum lct_status status = lct_image_init(&part, side, side, err);
    if (status != LCT_OK)
        return status;
    /* bins of the two directions need not be equally wide */
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const long kx = lround((double)(x - reach) / reach * page->reach * power->width) + power->width / 2;
            const long ky = lround((double)(y - reach) / reach * page->reach * power->height) + power->height / 2;
            const bool inside = kx >= 0 && kx < power->width && ky >= 0 && ky < power->height;
            part.px[(size_t)y * (size_t)side + (size_t)x] = inside ? power->px[ky * power->width + kx] : (float)DARKEST;
        }
    status = raster_draw(&part, DARKEST, BRIGHTEST, (double)SIDE / side, page->pixels, SIDE, SIDE, SIDE, err);
    lct_image_finish(&part);
    return status;
}

static void place(const struct page *page, double gx, double gy, double out[2])
{
    out[0] = MARGIN + SIDE * (0.5 + 0.5 * gx / page->reach);
    out[1] = TITLE + SIDE * (0.5 + 0.5 * gy / page->reach);
}

static struct canvas_line line_of(const struct lct_spectrum_mark *mark)
{
    return (struct canvas_line){ .rgb = colours[mark->kind], .width_px = mark->kind != LCT_MARK_OTHER ? 1.8 : 1.0 };
}

static double radius_of(const struct lct_spectrum_mark *mark)
{
    return mark->kind != LCT_MARK_OTHER ? 11 : 8;
}

static void draw_circles(struct canvas *canvas, const struct page *page, const struct lct_spectrum_mark *mark)
{
    const struct canvas_line line = line_of(mark);
    for (int sign = -1; sign <= 1; sign += 2) {
        double at[2];
        place(page, sign * mark->gx, sign * mark->gy, at);
        canvas_circle(canvas, at[0], at[1], radius_of(mark), &line);
    }
}

/* What must not be written over, circles and labels: left, top, right, bottom. */
struct labels {
    double box[MOST_BOXES][4];
    size_t n;
};

static void keep_free(struct labels *labels, const double box[4])
{
    if (labels->n < MOST_BOXES)
        memcpy(labels->box[labels->n++], box, sizeof labels->box[0]);
}

static void keep_circles_free(struct labels *labels, const struct page *page)
{
    for (size_t i = 0; i < page->view->n_marks; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const struct lct_spectrum_mark *mark = &page->view->marks[i];
            const double r = radius_of(mark);
            double at[2];
            place(page, sign * mark->gx, sign * mark->gy, at);
            keep_free(labels, (double[]){ at[0] - r, at[1] - r, at[0] + r, at[1] + r });
        }
}

static bool is_free(const struct labels *labels, const double box[4])
{
    if (box[0] < MARGIN || box[2] > MARGIN + SIDE || box[1] < TITLE || box[3] > TITLE + SIDE)
        return false;
    for (size_t i = 0; i < labels->n; i++) {
        const double *o = labels->box[i];
        if (box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3])
            return false;
    }
    return true;
}

/* To the outside, where there is room; else to the right, to the left, below or above. */
static bool find_place(const struct page *page, const struct lct_spectrum_mark *mark, int sign, double width,
    const struct labels *labels, double out[4])
{
    const double r = radius_of(mark), push = r + 7, gx = sign * mark->gx, gy = sign * mark->gy;
    const double from_middle = fmax(1e-9, hypot(gx, gy));
    double at[2];
    place(page, gx, gy, at);
    const double x[PLACES] = { at[0] + push * gx / from_middle, at[0] + r + 4, at[0] - r - 4 - width,
        at[0] - 0.5 * width, at[0] - 0.5 * width };
    const double y[PLACES] = { at[1] + push * gy / from_middle + 5, at[1] + 5, at[1] + 5, at[1] + r + LABEL,
        at[1] - r - 5 };
    for (int i = 0; i < PLACES; i++) {
        memcpy(out, (double[]){ x[i], y[i] - LABEL + 2, x[i] + width, y[i] + 3 }, 4 * sizeof *out);
        if (is_free(labels, out))
            return true;
    }
    return false;
}

/* At the peak or at its mirror image; in a crowd a mark stays without. */
static void write_label(
    struct canvas *canvas, const struct page *page, const struct lct_spectrum_mark *mark, struct labels *labels)
{
    const double width = canvas_text_width(canvas, LABEL, mark->label);
    double box[4];
    if (!find_place(page, mark, 1, width, labels, box) && !find_place(page, mark, -1, width, labels, box))
        return;
    const struct canvas_text text = {
        .x = box[0], .y = box[3] - 3, .size_px = LABEL, .align = CANVAS_LEFT, .rgb = colours[mark->kind], .halo = 1
    };
    canvas_print(canvas, &text, mark->label);
    keep_free(labels, box);
}

static void write_labels(struct canvas *canvas, const struct page *page)
{
    const struct lct_spectrum_view *v = page->view;
    struct labels labels = { .n = 0 };
    keep_circles_free(&labels, page);
    for (int named = 1; named >= 0; named--)
        for (size_t i = 0; i < v->n_marks; i++)
            if (v->marks[i].label[0] && (v->marks[i].kind != LCT_MARK_OTHER) == named)
                write_label(canvas, page, &v->marks[i], &labels);
}

/* Vectors beyond what the camera resolves are not to be seen. */
static bool is_shown(const struct page *page, double gx, double gy)
{
    return fabs(gx) <= page->reach && fabs(gy) <= page->reach;
}

static void draw_arrow(struct canvas *canvas, const struct page *page, const struct lct_spectrum_arrow *arrow)
{
    const struct canvas_line line = { .rgb = colours[arrow->kind], .width_px = 2.2 };
    if (!is_shown(page, arrow->from_x, arrow->from_y) || !is_shown(page, arrow->to_x, arrow->to_y))
        return;
    double a[2], b[2];
    place(page, arrow->from_x, arrow->from_y, a);
    place(page, arrow->to_x, arrow->to_y, b);
    canvas_arrow(canvas, a, b, 9, &line);
}

/* A length of 1, 2 or 5 times a power of ten per nm, about a fifth of the side. */
static void draw_scale(struct canvas *canvas, const struct page *page)
{
    const double per_px = 2 * page->reach / SIDE / page->view->nm_per_px; /* 1/nm in a drawn pixel */
    if (!isfinite(per_px) || per_px <= 0)
        return;
    const double wanted = 0.2 * SIDE * per_px, decade = pow(10, floor(log10(wanted)));
    const double length = wanted / decade >= 5 ? 5 * decade : wanted / decade >= 2 ? 2 * decade : decade;
    const double bar[4] = { MARGIN + 20, TITLE + SIDE - 26, length / per_px, 5 };
    char label[32];
    snprintf(label, sizeof label, "%g nm\u207b\u00b9", length);
    canvas_box(canvas, bar, 0xFFFFFF, 1.0);
    const struct canvas_text text = {
        .x = bar[0] + 0.5 * bar[2], .y = bar[1] - 8, .size_px = TEXT, .align = CANVAS_CENTRE, .rgb = 0xFFFFFF, .halo = 1
    };
    canvas_print(canvas, &text, label);
}

static void draw(struct canvas *canvas, const struct page *page)
{
    const struct lct_spectrum_view *v = page->view;
    const double all[4] = { 0, 0, page->width, page->height };
    canvas_box(canvas, all, 0xFFFFFF, 1.0);
    struct canvas_text text = {
        .x = MARGIN, .y = TITLE - 16, .size_px = TEXT + 2, .align = CANVAS_LEFT, .rgb = 0x000000
    };
    canvas_print(canvas, &text, v->title ? v->title : "");
    canvas_pixels(canvas, page->pixels, SIDE, SIDE, MARGIN, TITLE);
    canvas_clip(canvas, MARGIN, TITLE, SIDE, SIDE);
    for (size_t i = 0; i < v->n_marks; i++)
        draw_circles(canvas, page, &v->marks[i]);
    for (size_t i = 0; i < v->n_arrows; i++)
        draw_arrow(canvas, page, &v->arrows[i]);
    write_labels(canvas, page);
    draw_scale(canvas, page);
    canvas_clip(canvas, 0, 0, page->width, page->height);
    text.size_px = TEXT;
    for (size_t i = 0; i < v->n_lines; i++) {
        text.y = TITLE + SIDE + LINE * (double)(i + 1);
        canvas_print(canvas, &text, v->lines[i]);
    }
}

static enum lct_status write_png(const struct page *page, const char *path, struct lct_err *err)
{
    struct lct_picture picture = { 0 };
    struct canvas *canvas = NULL;
    enum lct_status status = lct_picture_init(&picture, page->width, page->height, err);
    if (status == LCT_OK)
        status = canvas_create(&canvas, picture.xrgb, page->width, page->height, err);
    if (status == LCT_OK) {
        draw(canvas, page);
        status = canvas_finish(&canvas, err);
    }
    if (status == LCT_OK)
        status = lct_picture_write(&picture, path, err);
    lct_picture_finish(&picture);
    return status;
}

static enum lct_status write_svg(const struct page *page, const char *path, struct lct_err *err)
{
    struct canvas *canvas = NULL;
    char *part = part_name(path);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status status = canvas_create_svg(&canvas, part, page->width, page->height, err);
    if (status == LCT_OK) {
        draw(canvas, page);
        status = canvas_finish(&canvas, err);
    }
    if (status == LCT_OK)
        status = part_keep(part, path, err);
    free(part);
    return status;
}

enum lct_status lct_spectrum_picture_write(
    const struct lct_spectrum_view *view, const char *png, const char *svg, struct lct_err *err)
{
    struct page page = { .view = view,
        .reach = reach_of(view),
        .width = SIDE + 2 * MARGIN,
        .height = TITLE + SIDE + LINE * (int)view->n_lines + MARGIN };
    page.pixels = calloc((size_t)SIDE * SIDE, sizeof *page.pixels);
    if (!page.pixels)
        return lct_fail(err, LCT_E_LIMIT, "spectrum: no memory for a picture");
    enum lct_status status = draw_power(&page, err);
    if (status == LCT_OK && png)
        status = write_png(&page, png, err);
    if (status == LCT_OK && svg)
        status = write_svg(&page, svg, err);
    free(page.pixels);
    return status;
}
