/* spectrum_picture.h -- an annotated power spectrum as PNG and SVG */
#ifndef LCTEM_SPECTRUM_PICTURE_H
#define LCTEM_SPECTRUM_PICTURE_H

#include <lctem/err.h>
#include <lctem/image.h>
#include <stddef.h>

/** What a mark stands for: it gets a colour of its own. */
enum lct_mark_kind { LCT_MARK_OTHER = 0, LCT_MARK_FIRST, LCT_MARK_SECOND, LCT_MARK_MOIRE };

/** A peak to be circled, with its mirror image; places in cycles per px, right and down. */
struct lct_spectrum_mark {
    double gx, gy;
    enum lct_mark_kind kind;
    char label[64]; /**< UTF-8; "": none */
};

/** An arrow between two places, such as the Moire vector from g2 to g1. */
struct lct_spectrum_arrow {
    double from_x, from_y, to_x, to_y;
    enum lct_mark_kind kind;
};

/** Everything borrowed. */
struct lct_spectrum_view {
    const struct lct_image *power; /**< as made by lct_spectrum_image */
    double nm_per_px;              /**< for the scale; NaN: none */
    const char *title;             /**< UTF-8 */
    const char *const *lines;      /**< n_lines lines below the picture */
    size_t n_lines;
    const struct lct_spectrum_mark *marks;
    size_t n_marks;
    const struct lct_spectrum_arrow *arrows;
    size_t n_arrows;
};

/** Draw the part of the spectrum that holds the marks (all of it if there are none). Either path may be NULL.
 *  LCT_E_OUTPUT: cannot be written. LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_spectrum_picture_write(
    const struct lct_spectrum_view *view, const char *png, const char *svg, struct lct_err *err);

#endif
