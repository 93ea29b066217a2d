/* canvas.h -- lines and letters on a picture; the one door to cairo */
#ifndef LCTEM_REPORT_CANVAS_H
#define LCTEM_REPORT_CANVAS_H

#include <lctem/contour.h>
#include <lctem/err.h>
#include <stddef.h>
#include <stdint.h>

struct canvas; /* draws into the caller's pixels */

/** Where frame coordinates fall on the picture: the centre of frame pixel 0 is drawn at origin + zoom / 2. */
struct canvas_view {
    double origin_x, origin_y, zoom;
};

struct canvas_line {
    uint32_t rgb;
    double width_px;
    double dash_px; /**< 0: solid */
};

enum canvas_align { CANVAS_LEFT, CANVAS_CENTRE, CANVAS_RIGHT };

struct canvas_text {
    double x, y; /**< baseline */
    double size_px;
    enum canvas_align align;
    uint32_t rgb;
    int halo; /**< a dark rim around the letters, for text on a picture */
};

/** `xrgb` is borrowed until canvas_finish. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status canvas_create(
    struct canvas **out, uint32_t *xrgb, int width, int height, struct lct_err *err);
/** Draws into an SVG file of width x height px instead. LCT_E_OUTPUT: it cannot be written. */
LCT_MUST_CHECK enum lct_status canvas_create_svg(
    struct canvas **out, const char *path, int width, int height, struct lct_err *err);
/** Draw what is pending; writes NULL; accepts NULL inside. LCT_E_LIMIT: cairo ran out of memory on the way. */
LCT_MUST_CHECK enum lct_status canvas_finish(struct canvas **canvas, struct lct_err *err);

/** Only `width x height` px from (x, y) are drawn on from here on. */
void canvas_clip(struct canvas *canvas, double x, double y, double width, double height);
/** Stroke the rings over a dark rim; points that are not finite are left out. */
void canvas_rings(struct canvas *canvas, const struct lct_outline *outline, const struct canvas_view *view,
    const struct canvas_line *line);
void canvas_box(struct canvas *canvas, const double box[4], uint32_t rgb, double alpha);
void canvas_print(struct canvas *canvas, const struct canvas_text *style, const char *text);
/** Pixels of another picture with their corner at (x, y). */
void canvas_pixels(struct canvas *canvas, const uint32_t *xrgb, int width, int height, double x, double y);
void canvas_circle(struct canvas *canvas, double x, double y, double radius, const struct canvas_line *line);
/** From a to b, with a head at b if `head_px` > 0. */
void canvas_arrow(
    struct canvas *canvas, const double a[2], const double b[2], double head_px, const struct canvas_line *line);
/** Width of the text if printed. */
double canvas_text_width(struct canvas *canvas, double size_px, const char *text);

#endif
