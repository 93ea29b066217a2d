#include <lctem/contour.h>

#include <stdlib.h>

void lct_outline_finish(struct lct_outline *outline)
{
    for (size_t r = 0; r < outline->n_rings; r++) {
        free(outline->rings[r].x_px);
        free(outline->rings[r].y_px);
    }
    free(outline->rings);
    *outline = (struct lct_outline){ 0 };
}
