#include "preview_panels.h"

#include "palette.h"
#include "raster.h"

#include <math.h>
#include <stdio.h>

static const double LETTERS = 15.0, DARKEST = -0.3, BRIGHTEST = 2.2; /* log10 of power over noise */
static const uint32_t LIQUID_RGB = 0xF4F4F4, INK = 0x222222, FAINT = 0x777777;

static uint32_t mix(double liquid, double shell, double core)
{
    const uint32_t colours[3] = { LIQUID_RGB, palette_rgb[1], palette_rgb[0] };
    const double shares[3] = { liquid, shell, core };
    uint32_t rgb = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double sum = 0.5;
        for (int i = 0; i < 3; i++)
            sum += shares[i] * (double)(colours[i] >> shift & 255);
        rgb |= (uint32_t)fmin(sum, 255.0) << shift;
    }
    return rgb;
}

/* A pixel's phase from its grey: normal distributions about the levels, each phase as likely beforehand. */
static uint32_t share_colour(const struct lct_preview_levels *l, double grey)
{
    const double at[3] = { 1.0, l->has_shell ? l->shell : (double)NAN, l->core };
    double share[3], sum = 0.0, nearest = HUGE_VAL;
    for (int i = 0; i < 3; i++)
        nearest = fmin(nearest, isnan(at[i]) ? HUGE_VAL : pow((grey - at[i]) / l->noise_sd, 2.0));
    for (int i = 0; i < 3; i++) {
        share[i] = isnan(at[i]) ? 0.0 : exp(-0.5 * (pow((grey - at[i]) / l->noise_sd, 2.0) - nearest));
        sum += share[i];
    }
    /* brighter than the liquid and darker than the core is no doubt */
    if (grey >= 1.0 || grey <= l->core)
        return grey >= 1.0 ? LIQUID_RGB : mix(0.0, 0.0, 1.0);
    return mix(share[0] / sum, share[1] / sum, share[2] / sum);
}

void panel_shares(const struct lct_preview *preview, const struct panel_place *place)
{
    const struct lct_image *plane = preview->plane;
    if (!plane || !preview->levels)
        return;
    const int longer = plane->width > plane->height ? plane->width : plane->height;
    const double step = (double)longer / place->side;
    for (int y = 0; y < place->side; y++)
        for (int x = 0; x < place->side; x++) {
            const int px = (int)(x * step), py = (int)(y * step);
            if (px >= plane->width || py >= plane->height)
                continue;
            const double grey = (double)plane->px[(size_t)py * (size_t)plane->width + (size_t)px];
            place->picture->xrgb[(size_t)(place->y + y) * (size_t)place->picture->width + (size_t)(place->x + x)] =
                share_colour(preview->levels, grey);
        }
}

enum lct_status panel_power(const struct lct_preview *preview, const struct panel_place *place, struct lct_err *err)
{
    if (!preview->power)
        return LCT_OK;
    uint32_t *corner = place->picture->xrgb + (size_t)place->y * (size_t)place->picture->width + place->x;
    return raster_draw(preview->power, DARKEST, BRIGHTEST, (double)place->side / preview->power->width, corner,
        place->side, place->side, place->picture->width, err);
}

static void title(struct canvas *canvas, const struct panel_place *place, const char *text)
{
    const struct canvas_text style = { .x = place->x, .y = place->y - 6, .size_px = LETTERS, .rgb = INK };
    canvas_print(canvas, &style, text);
}

void panel_shares_words(struct canvas *canvas, const struct panel_place *place)
{
    static const char *const words[] = { "liquid", "shell", "core" };
    const uint32_t colours[] = { 0xCCCCCC, palette_rgb[1], palette_rgb[0] };
    title(canvas, place, "Probabilities");
    double x = place->x + place->side - 190.0;
    for (int i = 0; i < 3; i++) {
        const double box[4] = { x, place->y - 17, 12, 12 };
        const struct canvas_text style = { .x = x + 16, .y = place->y - 6, .size_px = LETTERS - 1, .rgb = INK };
        canvas_box(canvas, box, colours[i], 1.0);
        canvas_print(canvas, &style, words[i]);
        x += 22.0 + canvas_text_width(canvas, LETTERS - 1, words[i]);
    }
}

/* Rings at round spacings, so that the eye finds the scale. */
void panel_power_words(struct canvas *canvas, const struct lct_preview *preview, const struct panel_place *place)
{
    static const double spacings_nm[] = { 2.0, 1.0, 0.5, 0.25, 0.15, 0.1 };
    title(canvas, place, preview->power ? "Spectrum" : "Spectrum: the picture is too small for one");
    if (!preview->power || !isfinite(preview->pixel_size_nm))
        return;
    const double middle_x = place->x + 0.5 * place->side, middle_y = place->y + 0.5 * place->side;
    const struct canvas_line line = { .rgb = 0xF0E442, .width_px = 0.8, .dash_px = 4.0 };
    double before = 0.0;
    canvas_clip(canvas, place->x, place->y, place->side, place->side);
    for (size_t i = 0; i < sizeof spacings_nm / sizeof *spacings_nm; i++) {
        const double radius = preview->pixel_size_nm / spacings_nm[i] * place->side;
        if (radius > 0.5 * place->side || radius < before + 22.0)
            continue;
        char text[24];
        snprintf(text, sizeof text, "%g nm", spacings_nm[i]);
        const struct canvas_text style = { .x = middle_x,
            .y = middle_y - radius - 3.0,
            .size_px = LETTERS - 2,
            .align = CANVAS_CENTRE,
            .rgb = 0xFFFFFF,
            .halo = 1 };
        canvas_circle(canvas, middle_x, middle_y, radius, &line);
        canvas_print(canvas, &style, text);
        before = radius;
    }
}

/* Where greys fall on the panel of levels. */
struct axis {
    const struct panel_place *place;
    const struct lct_preview_levels *levels;
    double left, width, bottom, height;
};

static double across(const struct axis *a, double grey)
{
    return a->left + a->width * (grey - a->levels->low) / (a->levels->high - a->levels->low);
}

static void draw_level(struct canvas *canvas, const struct axis *a, double grey, const char *name, int row)
{
    const double x = across(a, grey), top = a->bottom - a->height;
    const double from[2] = { x, a->bottom }, to[2] = { x, top + 20.0 * row + 6.0 };
    const struct canvas_line line = { .rgb = 0xD55E00, .width_px = 1.6 };
    char text[48];
    snprintf(text, sizeof text, "%s %.3f", name, grey);
    const struct canvas_text style = {
        .x = x, .y = top + 20.0 * row, .size_px = LETTERS - 1, .align = CANVAS_CENTRE, .rgb = INK
    };
    canvas_arrow(canvas, from, to, 0.0, &line);
    canvas_print(canvas, &style, text);
}

static void draw_threshold(struct canvas *canvas, const struct axis *a, double grey)
{
    const double from[2] = { across(a, grey), a->bottom }, to[2] = { across(a, grey), a->bottom - 0.75 * a->height };
    const struct canvas_line line = { .rgb = FAINT, .width_px = 1.0, .dash_px = 4.0 };
    canvas_arrow(canvas, from, to, 0.0, &line);
}

static void draw_histogram(struct canvas *canvas, const struct axis *a)
{
    const struct lct_preview_levels *l = a->levels;
    double most = 0.0;
    for (int i = 0; i < LCT_PREVIEW_BINS; i++)
        most = fmax(most, sqrt(l->histogram[i]));
    const double bar = a->width / LCT_PREVIEW_BINS;
    for (int i = 0; i < LCT_PREVIEW_BINS && most > 0.0; i++) {
        const double high = 0.8 * a->height * sqrt(l->histogram[i]) / most;
        const double box[4] = { a->left + i * bar, a->bottom - high, bar, high };
        canvas_box(canvas, box, 0x7799BB, 1.0);
    }
}

void panel_levels(struct canvas *canvas, const struct lct_preview *preview, const struct panel_place *place)
{
    const struct lct_preview_levels *l = preview->levels;
    const struct axis a = { place, l, place->x + 8.0, place->side - 16.0, place->y + place->side - 46.0,
        place->side - 62.0 };
    title(canvas, place, l ? "Greys (root of their number) and levels" : "Greys: no particle, so no levels");
    if (!l)
        return;
    draw_histogram(canvas, &a);
    draw_level(canvas, &a, 1.0, "liquid", 1);
    draw_level(canvas, &a, l->core, "core", 1);
    if (l->has_shell)
        draw_level(canvas, &a, l->shell, "shell", 0);
    if (l->has_shell)
        draw_threshold(canvas, &a, 0.5 * (1.0 + l->shell));
    draw_threshold(canvas, &a, 0.5 * ((l->has_shell ? l->shell : 1.0) + l->core));
    const double from[2] = { a.left, a.bottom }, to[2] = { a.left + a.width, a.bottom };
    const struct canvas_line line = { .rgb = INK, .width_px = 1.0 };
    canvas_arrow(canvas, from, to, 0.0, &line);
    const struct canvas_text style = { .x = place->x + 0.5 * place->side,
        .y = a.bottom + 20.0,
        .size_px = LETTERS - 1,
        .align = CANVAS_CENTRE,
        .rgb = FAINT };
    canvas_print(canvas, &style, "grey over that of the liquid; dashed: where an edge is drawn");
}
