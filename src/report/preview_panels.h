/* preview_panels.h -- the small pictures below a preview: probabilities, spectrum, levels */
#ifndef LCTEM_REPORT_PREVIEW_PANELS_H
#define LCTEM_REPORT_PREVIEW_PANELS_H

#include "canvas.h"

#include <lctem/picture.h>

/* A square of `side` px with its corner at (x, y) of a picture of `stride` px a row. */
struct panel_place {
    struct lct_picture *picture;
    int x, y, side;
};

/* The pixels of the first two panels, before letters are put on them. LCT_E_LIMIT: no memory. */
void panel_shares(const struct lct_preview *preview, const struct panel_place *place);
LCT_MUST_CHECK enum lct_status panel_power(
    const struct lct_preview *preview, const struct panel_place *place, struct lct_err *err);

/* Lines and letters of the three. */
void panel_shares_words(struct canvas *canvas, const struct panel_place *place);
void panel_power_words(struct canvas *canvas, const struct lct_preview *preview, const struct panel_place *place);
void panel_levels(struct canvas *canvas, const struct lct_preview *preview, const struct panel_place *place);

#endif
