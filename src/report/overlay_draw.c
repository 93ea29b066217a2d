#include <lctem/overlay.h>

#include "canvas.h"
#include "raster.h"
#include "scene.h"

#include <math.h>

enum {
    SMALL_SIDE_PX = 384, /* movies with smaller frames are magnified, so that the letters have room */
    MAX_ZOOM = 8,
    SMALLEST_PX = 16, /* what every encoder and player takes */
    NOMINAL_PX = 512, /* frame for which the line widths are made */
};

struct lct_overlay_params lct_overlay_defaults(void)
{
    return (struct lct_overlay_params){
        .pixel_size_nm = NAN, .fps = NAN, .speed = 1.0, .max_side_px = 1024, .quality = 35
    };
}

static enum lct_status check(const struct lct_overlay_params *p, struct lct_err *err)
{
    if (!isnan(p->fps) && !(p->fps >= 0.1 && p->fps <= 240.0))
        return lct_fail(err, LCT_E_ARG,
            "overlay: fps %g is not between 0.1 and 240; leave it out for the movie's own "
            "times",
            p->fps);
    if (!(p->speed > 0.0 && isfinite(p->speed)))
        return lct_fail(err, LCT_E_ARG, "overlay: speed %g must be above 0", p->speed);
    if (p->max_side_px < 64 || p->max_side_px > 4096)
        return lct_fail(err, LCT_E_ARG, "overlay: max_side %d px is not between 64 and 4096", p->max_side_px);
    if (p->quality < 0 || p->quality > 51)
        return lct_fail(err, LCT_E_ARG, "overlay: quality %d is not between 0 and 51", p->quality);
    return LCT_OK;
}

static int drawn_size(int frame_px, double zoom)
{
    const int px = (int)ceil(frame_px * zoom - 1e-9);
    const int even = px + px % 2;
    return even < SMALLEST_PX ? SMALLEST_PX : even;
}

enum lct_status lct_overlay_layout_make(
    struct lct_overlay_layout *out, int width, int height, const struct lct_overlay_params *params, struct lct_err *err)
{
    if (width < 1 || height < 1)
        return lct_fail(err, LCT_E_ARG, "overlay: frames of %d x %d px", width, height);
    const enum lct_status status = check(params, err);
    if (status != LCT_OK)
        return status;
    const int side = width > height ? width : height, max_side = params->max_side_px & ~1;
    double zoom = 1.0;
    if (side > max_side)
        zoom = (double)max_side / side;
    else
        while (side * (zoom + 1.0) <= max_side && side * zoom < SMALL_SIDE_PX && zoom < MAX_ZOOM)
            zoom += 1.0;
    *out = (struct lct_overlay_layout){ .width = drawn_size(width, zoom),
        .height = drawn_size(height, zoom),
        .frame_width = width,
        .frame_height = height,
        .zoom = zoom,
        .nm_per_px = params->pixel_size_nm };
    return LCT_OK;
}

static double line_scale(const struct lct_overlay_layout *layout)
{
    const int side = layout->width > layout->height ? layout->width : layout->height;
    return fmax(0.75, (double)side / NOMINAL_PX);
}

enum lct_status lct_overlay_draw(
    const struct lct_overlay_frame *frame, const struct lct_overlay_layout *layout, uint32_t *xrgb, struct lct_err *err)
{
    const struct lct_image *image = frame->image;
    if (!image || image->width != layout->frame_width || image->height != layout->frame_height)
        return lct_fail(err, LCT_E_ARG, "overlay: frame of %d x %d px in a layout for %d x %d px",
            image ? image->width : 0, image ? image->height : 0, layout->frame_width, layout->frame_height);
    enum lct_status status =
        raster_draw(image, frame->lo, frame->hi, layout->zoom, xrgb, layout->width, layout->height, layout->width, err);
    if (status != LCT_OK)
        return status;
    struct canvas *canvas = NULL;
    status = canvas_create(&canvas, xrgb, layout->width, layout->height, err);
    if (status != LCT_OK)
        return status;
    const struct scene_place place = { .view = { 0.0, 0.0, layout->zoom },
        .width = layout->width,
        .height = layout->height,
        .scale = line_scale(layout) };
    scene_outlines(canvas, frame, &place);
    scene_bar(canvas, layout->nm_per_px, &place);
    scene_stamps(canvas, frame, &place);
    return canvas_finish(&canvas, err);
}
