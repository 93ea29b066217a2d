#include "scene.h"

#include "palette.h"

#include <math.h>
#include <stdio.h>

enum { SMALLEST_FOR_TEXT_PX = 96 };

static const double text_px = 16.0, margin_px = 10.0;

static bool fits_text(const struct scene_place *place)
{
    return place->width >= SMALLEST_FOR_TEXT_PX && place->height >= SMALLEST_FOR_TEXT_PX / 2;
}

static void draw_labels(struct canvas *canvas, const struct lct_overlay_frame *frame, const struct scene_place *place)
{
    const struct canvas_view *view = &place->view;
    for (size_t i = 0; i < frame->n_labels; i++) {
        const struct lct_overlay_label *label = &frame->labels[i];
        char text[16];
        snprintf(text, sizeof text, "%d", label->particle);
        const struct canvas_text style = { .x = view->origin_x + (label->x_px + 0.5) * view->zoom,
            .y = view->origin_y + (label->y_px + 0.5) * view->zoom + 0.36 * text_px * 1.2 * place->scale,
            .size_px = text_px * 1.2 * place->scale,
            .align = CANVAS_CENTRE,
            .rgb = 0xFFFFFF,
            .halo = 1 };
        canvas_print(canvas, &style, text);
    }
}

void scene_outlines(struct canvas *canvas, const struct lct_overlay_frame *frame, const struct scene_place *place)
{
    canvas_clip(canvas, place->view.origin_x, place->view.origin_y, place->width, place->height);
    /* Outer edges first: where both run together the core's line is the one to see. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < frame->n_outlines; i++) {
            const struct lct_outline *outline = &frame->outlines[i];
            const bool core = outline->phase == LCT_CORE;
            if (outline->phase == LCT_LIQUID || core != (pass == 1))
                continue;
            const struct canvas_line line = { .rgb = palette_particle(outline->particle),
                .width_px = 2.0 * place->scale,
                .dash_px = core ? 0.0 : 6.0 * place->scale };
            canvas_rings(canvas, outline, &place->view, &line);
        }
    if (fits_text(place))
        draw_labels(canvas, frame, place);
}

/* Largest 1, 2 or 5 times a power of ten that is not above `limit`. */
static double round_length(double limit)
{
    const double decade = pow(10.0, floor(log10(limit)));
    const double ratio = limit / decade * (1.0 + 1e-12);
    return decade * (ratio >= 5.0 ? 5.0 : ratio >= 2.0 ? 2.0 : 1.0);
}

static void bar_label(char *text, size_t size, double length, bool in_nm)
{
    if (!in_nm)
        snprintf(text, size, "%g px", length);
    else if (length >= 1000.0)
        snprintf(text, size, "%g \u00b5m", length / 1000.0);
    else if (length < 0.1)
        snprintf(text, size, "%g pm", length * 1000.0);
    else
        snprintf(text, size, "%g nm", length);
}

void scene_bar(struct canvas *canvas, double nm_per_px, const struct scene_place *place)
{
    if (!fits_text(place))
        return;
    const bool in_nm = isfinite(nm_per_px) && nm_per_px > 0.0;
    const double unit_px = place->view.zoom / (in_nm ? nm_per_px : 1.0); /* drawn px per nm, or per px */
    const double length = round_length(place->width * 0.25 / unit_px);
    const double bar_px = length * unit_px, size = text_px * place->scale, pad = 0.4 * size;
    char text[32];
    bar_label(text, sizeof text, length, in_nm);
    const double text_width = canvas_text_width(canvas, size, text);
    const double width = fmax(bar_px, text_width) + 2.0 * pad, height = 1.9 * size + pad;
    const double x = place->view.origin_x + margin_px * place->scale;
    const double y = place->view.origin_y + place->height - margin_px * place->scale - height;
    canvas_clip(canvas, place->view.origin_x, place->view.origin_y, place->width, place->height);
    canvas_box(canvas, (double[]){ x, y, width, height }, 0x000000, 0.45);
    canvas_box(canvas, (double[]){ x + 0.5 * (width - bar_px), y + height - pad - 0.3 * size, bar_px, 0.3 * size },
        0xFFFFFF, 1.0);
    const struct canvas_text style = {
        .x = x + 0.5 * width, .y = y + 1.2 * size, .size_px = size, .align = CANVAS_CENTRE, .rgb = 0xFFFFFF
    };
    canvas_print(canvas, &style, text);
}

static void stamp(struct canvas *canvas, const char *text, enum canvas_align align, const struct scene_place *place)
{
    const double size = text_px * place->scale, pad = 0.4 * size, margin = margin_px * place->scale;
    const double width = canvas_text_width(canvas, size, text) + 2.0 * pad;
    const double left = place->view.origin_x + margin;
    const double x = align == CANVAS_LEFT ? left : place->view.origin_x + place->width - margin - width;
    const double y = place->view.origin_y + margin;
    if (align == CANVAS_RIGHT && x < left + place->width / 2.0 - margin)
        return; /* no room beside the time */
    canvas_box(canvas, (double[]){ x, y, width, 1.5 * size }, 0x000000, 0.45);
    const struct canvas_text style = { .x = x + pad, .y = y + 1.1 * size, .size_px = size, .rgb = 0xFFFFFF };
    canvas_print(canvas, &style, text);
}

void scene_stamps(struct canvas *canvas, const struct lct_overlay_frame *frame, const struct scene_place *place)
{
    char text[64];
    if (!fits_text(place))
        return;
    canvas_clip(canvas, place->view.origin_x, place->view.origin_y, place->width, place->height);
    if (isfinite(frame->time_s)) {
        snprintf(text, sizeof text, fabs(frame->time_s) < 1e5 ? "%.2f s" : "%.6g s", frame->time_s);
        stamp(canvas, text, CANVAS_LEFT, place);
    }
    if (frame->frame >= 0) {
        snprintf(text, sizeof text, "frame %ld", frame->frame);
        stamp(canvas, text, CANVAS_RIGHT, place);
    }
}
