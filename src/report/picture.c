#include <lctem/picture.h>

#include "canvas.h"
#include "preview_panels.h"
#include "raster.h"
#include "scene.h"

#include <math.h>
#include <stdlib.h>

enum {
    MAX_SAMPLES = 65536,
    SMALL_FRAME_PX = 700,
    LARGE_FRAME_PX = 1024,
    MAX_ZOOM = 16,
    MIN_PANEL_PX = 320, /* the text below needs this */
    GAP_PX = 12,
};

static const double text_px = 18.0, line_px = 26.0, title_px = 22.0;

enum lct_status lct_picture_init(struct lct_picture *out, int width, int height, struct lct_err *err)
{
    if (width < 1 || height < 1)
        return lct_fail(err, LCT_E_ARG, "picture: %d x %d px", width, height);
    uint32_t *xrgb = NULL;
    if ((size_t)width <= SIZE_MAX / sizeof *xrgb / (size_t)height)
        xrgb = calloc((size_t)width * (size_t)height, sizeof *xrgb);
    if (!xrgb)
        return lct_fail(err, LCT_E_LIMIT, "picture: no memory for %d x %d px", width, height);
    *out = (struct lct_picture){ .width = width, .height = height, .xrgb = xrgb };
    return LCT_OK;
}

void lct_picture_finish(struct lct_picture *picture)
{
    free(picture->xrgb);
    *picture = (struct lct_picture){ 0 };
}

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

void lct_picture_range(const struct lct_image *image, double *lo, double *hi)
{
    const size_t n = lct_image_count(image);
    /* an odd step that is no divisor of common widths, so that the sample is not a few columns */
    const size_t step = n <= MAX_SAMPLES ? 1 : (n / MAX_SAMPLES) | 1;
    float *sample = malloc((n / step + 1) * sizeof *sample);
    size_t kept = 0;
    *lo = *hi = NAN;
    if (!sample)
        return;
    for (size_t i = 0; i < n; i += step)
        if (isfinite(image->px[i]))
            sample[kept++] = image->px[i];
    if (kept > 0) {
        qsort(sample, kept, sizeof *sample, by_value);
        const size_t tail = kept / 500;
        const double low = sample[tail], high = sample[kept - 1 - tail];
        *lo = low - 0.05 * (high - low);
        *hi = high + 0.05 * (high - low);
    }
    free(sample);
}

enum lct_status lct_picture_from_image(
    struct lct_picture *out, const struct lct_image *image, double lo, double hi, struct lct_err *err)
{
    struct lct_picture picture = { 0 };
    enum lct_status status = lct_picture_init(&picture, image->width, image->height, err);
    if (status != LCT_OK)
        return status;
    status = raster_draw(image, lo, hi, 1.0, picture.xrgb, picture.width, picture.height, picture.width, err);
    if (status != LCT_OK) {
        lct_picture_finish(&picture);
        return status;
    }
    *out = picture;
    return LCT_OK;
}

static double preview_zoom(const struct lct_image *image)
{
    const int side = image->width > image->height ? image->width : image->height;
    if (side > LARGE_FRAME_PX)
        return (double)LARGE_FRAME_PX / side;
    double zoom = 1.0;
    while (side * zoom < SMALL_FRAME_PX && zoom < MAX_ZOOM)
        zoom += 1.0;
    return zoom;
}

/* Two panels side by side below a title and above the lines of text. */
struct sheet {
    double zoom;
    int panel_width, panel_height; /* px of one drawn frame */
    int left[2], top;              /* corners of the panels */
    struct {
        int left[3], top, side;
    } small; /* the row of panels below; side 0: none */
    int text_top;
    int width, height;
};

static struct sheet lay_out(const struct lct_preview *preview)
{
    const struct lct_image *image = preview->frame.image;
    struct sheet s = { .zoom = preview_zoom(image) };
    s.panel_width = (int)fmax(1.0, round(image->width * s.zoom));
    s.panel_height = (int)fmax(1.0, round(image->height * s.zoom));
    const int cell = s.panel_width > MIN_PANEL_PX ? s.panel_width : MIN_PANEL_PX;
    s.top = preview->title ? 2 * GAP_PX + (int)title_px : GAP_PX;
    s.left[0] = GAP_PX;
    s.left[1] = 2 * GAP_PX + cell;
    s.width = 3 * GAP_PX + 2 * cell;
    s.text_top = s.top + s.panel_height;
    if (preview->plane || preview->power || preview->levels) {
        s.small.side = (s.width - 4 * GAP_PX) / 3;
        s.small.top = s.text_top + 2 * GAP_PX + (int)text_px;
        for (int i = 0; i < 3; i++)
            s.small.left[i] = GAP_PX + i * (s.small.side + GAP_PX);
        s.text_top = s.small.top + s.small.side;
    }
    s.height = s.text_top + GAP_PX + (int)ceil((double)preview->n_lines * line_px) + (preview->n_lines ? GAP_PX : 0);
    return s;
}

static void draw_words(struct canvas *canvas, const struct lct_preview *preview, const struct sheet *sheet)
{
    const double room = sheet->width - 2.0 * GAP_PX;
    canvas_clip(canvas, GAP_PX, 0.0, room, sheet->height);
    if (preview->title) {
        const double size =
            fmin(title_px, title_px * room / fmax(1.0, canvas_text_width(canvas, title_px, preview->title)));
        const struct canvas_text style = { .x = GAP_PX, .y = GAP_PX + title_px, .size_px = size, .rgb = 0x000000 };
        canvas_print(canvas, &style, preview->title);
    }
    for (size_t i = 0; i < preview->n_lines; i++) {
        const struct canvas_text style = { .x = GAP_PX,
            .y = sheet->text_top + GAP_PX + line_px * ((double)i + 0.75),
            .size_px = text_px,
            .rgb = 0x222222 };
        canvas_print(canvas, &style, preview->lines[i]);
    }
}

static struct panel_place small_panel(const struct sheet *sheet, struct lct_picture *picture, int i)
{
    return (struct panel_place){ picture, sheet->small.left[i], sheet->small.top, sheet->small.side };
}

static enum lct_status draw_small(
    struct lct_picture *picture, const struct lct_preview *preview, const struct sheet *sheet, struct lct_err *err)
{
    if (sheet->small.side == 0)
        return LCT_OK;
    const struct panel_place shares = small_panel(sheet, picture, 0), power = small_panel(sheet, picture, 1);
    panel_shares(preview, &shares);
    return panel_power(preview, &power, err);
}

static void draw_small_words(
    struct canvas *canvas, struct lct_picture *picture, const struct lct_preview *preview, const struct sheet *sheet)
{
    if (sheet->small.side == 0)
        return;
    const struct panel_place shares = small_panel(sheet, picture, 0), power = small_panel(sheet, picture, 1),
                             levels = small_panel(sheet, picture, 2);
    canvas_clip(canvas, 0, 0, sheet->width, sheet->height);
    panel_shares_words(canvas, &shares);
    panel_levels(canvas, preview, &levels);
    panel_power_words(canvas, preview, &power);
}

static enum lct_status draw_sheet(
    struct lct_picture *picture, const struct lct_preview *preview, const struct sheet *sheet, struct lct_err *err)
{
    const struct lct_overlay_frame *frame = &preview->frame;
    for (size_t i = 0; i < (size_t)picture->width * (size_t)picture->height; i++)
        picture->xrgb[i] = 0xFFFFFF;
    for (int panel = 0; panel < 2; panel++) {
        uint32_t *corner = picture->xrgb + (size_t)sheet->top * (size_t)picture->width + sheet->left[panel];
        const enum lct_status status = raster_draw(frame->image, frame->lo, frame->hi, sheet->zoom, corner,
            sheet->panel_width, sheet->panel_height, picture->width, err);
        if (status != LCT_OK)
            return status;
    }
    enum lct_status status = draw_small(picture, preview, sheet, err);
    if (status != LCT_OK)
        return status;
    struct canvas *canvas = NULL;
    status = canvas_create(&canvas, picture->xrgb, picture->width, picture->height, err);
    if (status != LCT_OK)
        return status;
    const double scale = fmax(1.0, fmin(1.6, sheet->panel_width / 640.0));
    const struct scene_place left = { .view = { sheet->left[0], sheet->top, sheet->zoom },
        .width = sheet->panel_width,
        .height = sheet->panel_height,
        .scale = scale };
    struct scene_place right = left;
    right.view.origin_x = sheet->left[1];
    scene_bar(canvas, preview->pixel_size_nm, &left);
    scene_stamps(canvas, frame, &left);
    scene_outlines(canvas, frame, &right);
    draw_small_words(canvas, picture, preview, sheet);
    draw_words(canvas, preview, sheet);
    return canvas_finish(&canvas, err);
}

enum lct_status lct_preview_compose(struct lct_picture *out, const struct lct_preview *preview, struct lct_err *err)
{
    if (!preview->frame.image || preview->frame.image->width < 1 || preview->frame.image->height < 1)
        return lct_fail(err, LCT_E_ARG, "preview: no frame to show");
    const struct sheet sheet = lay_out(preview);
    struct lct_picture picture = { 0 };
    enum lct_status status = lct_picture_init(&picture, sheet.width, sheet.height, err);
    if (status == LCT_OK)
        status = draw_sheet(&picture, preview, &sheet, err);
    if (status != LCT_OK) {
        lct_picture_finish(&picture);
        return status;
    }
    *out = picture;
    return LCT_OK;
}
