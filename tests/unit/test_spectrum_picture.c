/* Protects: the annotated spectrum stays in its frame, whatever vectors are asked for. */
#include "folder.h"

#include <criterion/criterion.h>
#include <lctem/file.h>
#include <lctem/spectrum_picture.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 128 };

TestSuite(spectrum_picture, .init = folder_make, .fini = folder_remove);

static char *draw(
    const struct lct_spectrum_mark *marks, size_t n_marks, const struct lct_spectrum_arrow *arrows, size_t n_arrows)
{
    struct lct_image power = { 0 };
    struct lct_err err = { 0 };
    cr_assert_eq(lct_image_init(&power, SIDE, SIDE, &err), LCT_OK);
    memset(power.px, 0, (size_t)SIDE * SIDE * sizeof *power.px);
    const struct lct_spectrum_view view = { .power = &power,
        .nm_per_px = 0.1,
        .title = "t",
        .marks = marks,
        .n_marks = n_marks,
        .arrows = arrows,
        .n_arrows = n_arrows };
    char *svg = lct_file_join(folder, "spectrum.svg"), *png = lct_file_join(folder, "spectrum.png"), *text = NULL;
    size_t n;
    cr_assert_eq(lct_spectrum_picture_write(&view, png, svg, &err), LCT_OK, "%s", err.text);
    cr_assert_eq(lct_file_read(&text, &n, svg, 8u << 20, &err), LCT_OK, "%s", err.text);
    free(svg);
    free(png);
    lct_image_finish(&power);
    return text;
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        n++;
    return n;
}

/* The frame holds -0.5 .. 0.5 cycles per px: beyond that there is nothing an arrow could point to. */
Test(spectrum_picture, arrows_beyond_the_camera_are_left_out)
{
    const struct lct_spectrum_mark mark = { .gx = 0.45, .gy = 0.1, .kind = LCT_MARK_FIRST, .label = "one" };
    const struct lct_spectrum_arrow arrows[] = { { 0.3, 0.1, 0.45, 0.1, LCT_MARK_MOIRE },
        { 0.3, 0.1, 0.62, 0.1, LCT_MARK_MOIRE }, { 0.1, -0.7, 0.1, -0.3, LCT_MARK_MOIRE },
        { -0.6, 0.6, 0.6, 0.6, LCT_MARK_MOIRE } };
    char *all = draw(&mark, 1, arrows, 4), *first = draw(&mark, 1, arrows, 1), *none = draw(&mark, 1, arrows, 0);
    cr_assert_gt(count(first, "<path"), count(none, "<path"), "the one inside is drawn");
    cr_assert_eq(count(all, "<path"), count(first, "<path"), "the others are not");
    free(all);
    free(first);
    free(none);
}
