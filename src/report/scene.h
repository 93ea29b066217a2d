/* scene.h -- what is drawn on a frame, wherever on a picture the frame lies */
#ifndef LCTEM_REPORT_SCENE_H
#define LCTEM_REPORT_SCENE_H

#include "canvas.h"

#include <lctem/overlay.h>

/** Rectangle of the picture that the frame fills, and the magnification of what is drawn (1: for a frame of 512 px). */
struct scene_place {
    struct canvas_view view;
    double width, height;
    double scale;
};

/** Contours and numbers. */
void scene_outlines(struct canvas *canvas, const struct lct_overlay_frame *frame, const struct scene_place *place);
/** Scale bar; nm_per_px NaN: in px. */
void scene_bar(struct canvas *canvas, double nm_per_px, const struct scene_place *place);
/** Time and frame number. */
void scene_stamps(struct canvas *canvas, const struct lct_overlay_frame *frame, const struct scene_place *place);

#endif
