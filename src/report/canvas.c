#include "canvas.h"

#include <cairo.h>
#include <cairo-svg.h>
#include <lctem/versions.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cairo;
};

/* cairo's own coordinates end at 2^23 */
static const double far_away_px = 1e6;

static void set_rgb(cairo_t *cairo, uint32_t rgb, double alpha)
{
    cairo_set_source_rgba(cairo, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0, alpha);
}

static enum lct_status create(struct canvas **out, cairo_surface_t *surface, int width, int height, struct lct_err *err)
{
    struct canvas *canvas = calloc(1, sizeof *canvas);
    if (!canvas) {
        cairo_surface_destroy(surface);
        return lct_fail(err, LCT_E_LIMIT, "picture: no memory to draw %d x %d px", width, height);
    }
    canvas->surface = surface;
    canvas->cairo = cairo_create(canvas->surface);
    if (cairo_status(canvas->cairo) != CAIRO_STATUS_SUCCESS) {
        const char *reason = cairo_status_to_string(cairo_status(canvas->cairo));
        cairo_destroy(canvas->cairo);
        cairo_surface_destroy(canvas->surface);
        free(canvas);
        return lct_fail(err, LCT_E_LIMIT, "picture: cannot draw on %d x %d px (%s)", width, height, reason);
    }
    cairo_set_line_join(canvas->cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_antialias(
        canvas->cairo, CAIRO_ANTIALIAS_FAST); /* of lines: sixteen shades are enough, in half the time */
    /* Without DejaVu (fonts-dejavu-core) cairo takes what there is, at worst its built-in stroke font. */
    cairo_select_font_face(canvas->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    /* The hints of the desktop must not change the bytes. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(canvas->cairo, options);
    cairo_font_options_destroy(options);
    *out = canvas;
    return LCT_OK;
}

enum lct_status canvas_create(struct canvas **out, uint32_t *xrgb, int width, int height, struct lct_err *err)
{
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        (unsigned char *)xrgb, CAIRO_FORMAT_RGB24, width, height, width * (int)sizeof *xrgb);
    return create(out, surface, width, height, err);
}

enum lct_status canvas_create_svg(struct canvas **out, const char *path, int width, int height, struct lct_err *err)
{
    cairo_surface_t *surface = cairo_svg_surface_create(path, width, height);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        const char *reason = cairo_status_to_string(cairo_surface_status(surface));
        cairo_surface_destroy(surface);
        return lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written (%s)", path, reason);
    }
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    return create(out, surface, width, height, err);
}

enum lct_status canvas_finish(struct canvas **canvas, struct lct_err *err)
{
    if (!*canvas)
        return LCT_OK;
    const cairo_status_t status = cairo_status((*canvas)->cairo);
    cairo_destroy((*canvas)->cairo);
    cairo_surface_finish((*canvas)->surface);
    const cairo_status_t written = cairo_surface_status((*canvas)->surface);
    cairo_surface_destroy((*canvas)->surface);
    free(*canvas);
    *canvas = NULL;
    /* A lack of fonts costs the letters, not the picture. */
    if (status == CAIRO_STATUS_NO_MEMORY)
        return lct_fail(err, LCT_E_LIMIT, "picture: no memory to draw");
    if (written == CAIRO_STATUS_WRITE_ERROR)
        return lct_fail(err, LCT_E_OUTPUT, "picture: cannot be written; is the disk full?");
    return LCT_OK;
}

void canvas_clip(struct canvas *canvas, double x, double y, double width, double height)
{
    cairo_reset_clip(canvas->cairo);
    cairo_rectangle(canvas->cairo, x, y, width, height);
    cairo_clip(canvas->cairo);
}

/* A line that is drawn: from its last corner on it goes straight, as long as the points keep to its direction. */
struct stroke {
    double x, y;   /* the corner */
    double ux, uy; /* unit vector; 0: not settled yet */
    double last_x, last_y;
};

/* Nobody sees a fifth of a drawn pixel, and cairo's time goes with the number of points: is (x, y) on the way? */
static bool keeps_straight(struct stroke *s, double x, double y)
{
    static const double aside = 0.2, settled = 1.5, longest = 24.0; /* drawn px */
    const double dx = x - s->x, dy = y - s->y, length = hypot(dx, dy);
    if (length < settled)
        return true;
    if (s->ux == 0.0 && s->uy == 0.0) {
        s->ux = dx / length;
        s->uy = dy / length;
        return true;
    }
    return length < longest && fabs(dx * s->uy - dy * s->ux) < aside && dx * s->ux + dy * s->uy > 0.0;
}

static void trace(cairo_t *cairo, const struct lct_ring *ring, const struct canvas_view *view)
{
    struct stroke s = { 0 };
    bool begun = false;
    cairo_new_sub_path(cairo);
    for (size_t i = 0; i < ring->n; i++) {
        const double x = view->origin_x + (ring->x_px[i] + 0.5) * view->zoom;
        const double y = view->origin_y + (ring->y_px[i] + 0.5) * view->zoom;
        if (!(fabs(x) < far_away_px && fabs(y) < far_away_px))
            continue;
        if (begun && !keeps_straight(&s, x, y)) {
            cairo_line_to(cairo, s.last_x, s.last_y);
            s = (struct stroke){ .x = s.last_x, .y = s.last_y };
            (void)keeps_straight(&s, x, y); /* points far apart settle the direction at once */
        } else if (!begun) {
            cairo_line_to(cairo, x, y);
            s = (struct stroke){ .x = x, .y = y };
        }
        begun = true;
        s.last_x = x;
        s.last_y = y;
    }
    if (begun)
        cairo_line_to(cairo, s.last_x, s.last_y);
    cairo_close_path(cairo);
}

void canvas_rings(struct canvas *canvas, const struct lct_outline *outline, const struct canvas_view *view,
    const struct canvas_line *line)
{
    cairo_t *cairo = canvas->cairo;
    cairo_new_path(cairo);
    for (size_t i = 0; i < outline->n_rings; i++)
        if (outline->rings[i].n > 1)
            trace(cairo, &outline->rings[i], view);
    cairo_set_dash(cairo, &line->dash_px, line->dash_px > 0.0 ? 1 : 0, 0.0);
    set_rgb(cairo, 0x000000, 0.45);
    cairo_set_line_width(cairo, line->width_px + 1.5);
    cairo_stroke_preserve(cairo);
    set_rgb(cairo, line->rgb, 1.0);
    cairo_set_line_width(cairo, line->width_px);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0.0);
}

void canvas_box(struct canvas *canvas, const double box[4], uint32_t rgb, double alpha)
{
    set_rgb(canvas->cairo, rgb, alpha);
    cairo_rectangle(canvas->cairo, box[0], box[1], box[2], box[3]);
    cairo_fill(canvas->cairo);
}

void canvas_pixels(struct canvas *canvas, const uint32_t *xrgb, int width, int height, double x, double y)
{
    cairo_surface_t *picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    unsigned char *to = cairo_image_surface_get_data(picture);
    if (to) { /* NULL: no memory, which cairo remembers in the surface */
        const size_t stride = (size_t)cairo_image_surface_get_stride(picture);
        for (int row = 0; row < height; row++)
            memcpy(to + (size_t)row * stride, xrgb + (size_t)row * (size_t)width, (size_t)width * sizeof *xrgb);
        cairo_surface_mark_dirty(picture);
    }
    cairo_set_source_surface(canvas->cairo, picture, x, y);
    cairo_paint(canvas->cairo);
    cairo_surface_destroy(picture);
}

static void stroke(cairo_t *cairo, const struct canvas_line *line)
{
    cairo_set_dash(cairo, &line->dash_px, line->dash_px > 0.0 ? 1 : 0, 0.0);
    set_rgb(cairo, line->rgb, 1.0);
    cairo_set_line_width(cairo, line->width_px);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0.0);
}

void canvas_circle(struct canvas *canvas, double x, double y, double radius, const struct canvas_line *line)
{
    cairo_new_path(canvas->cairo);
    cairo_arc(canvas->cairo, x, y, radius, 0.0, 2.0 * M_PI);
    stroke(canvas->cairo, line);
}

void canvas_arrow(
    struct canvas *canvas, const double a[2], const double b[2], double head_px, const struct canvas_line *line)
{
    cairo_t *cairo = canvas->cairo;
    const double angle = atan2(b[1] - a[1], b[0] - a[0]);
    cairo_new_path(cairo);
    cairo_move_to(cairo, a[0], a[1]);
    cairo_line_to(cairo, b[0], b[1]);
    for (int side = -1; side <= 1 && head_px > 0.0; side += 2) {
        cairo_move_to(cairo, b[0] - head_px * cos(angle + side * 0.45), b[1] - head_px * sin(angle + side * 0.45));
        cairo_line_to(cairo, b[0], b[1]);
    }
    stroke(cairo, line);
}

double canvas_text_width(struct canvas *canvas, double size_px, const char *text)
{
    cairo_text_extents_t extents = { 0 };
    cairo_set_font_size(canvas->cairo, size_px);
    cairo_text_extents(canvas->cairo, text, &extents);
    return extents.x_advance;
}

void canvas_print(struct canvas *canvas, const struct canvas_text *style, const char *text)
{
    cairo_t *cairo = canvas->cairo;
    if (!(fabs(style->x) < far_away_px && fabs(style->y) < far_away_px))
        return;
    const double width = canvas_text_width(canvas, style->size_px, text);
    const double shift = style->align == CANVAS_LEFT ? 0.0 : style->align == CANVAS_CENTRE ? 0.5 : 1.0;
    cairo_move_to(cairo, style->x - shift * width, style->y);
    if (!style->halo) {
        set_rgb(cairo, style->rgb, 1.0);
        cairo_show_text(cairo, text);
        return;
    }
    cairo_text_path(cairo, text);
    set_rgb(cairo, 0x000000, 0.7);
    cairo_set_line_width(cairo, style->size_px * 0.2);
    cairo_stroke_preserve(cairo);
    set_rgb(cairo, style->rgb, 1.0);
    cairo_fill(cairo);
}

void lct_report_versions(lct_version_fn *say, void *context)
{
    say(context, "cairo", cairo_version_string());
}
