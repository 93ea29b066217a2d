#include "band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double REACH_BLURS = 8.0; /* what a strip reaches, and how far the outline may be off */
static const double COARSE_PX = 1.9;   /* smoothing above which every second pixel tells all */

void band_finish(struct band *band)
{
    lct_image_finish(&band->image);
    *band = (struct band){ 0 };
}

static void limits(const struct lct_outline *o, const struct plan *plan, long k, double box[4])
{
    const struct plane_shift s = plan_shift(plan, k);
    const double half = 0.5 * (plan->bin - 1);
    box[0] = box[1] = (double)INFINITY;
    box[2] = box[3] = -(double)INFINITY;
    for (size_t r = 0; r < o->n_rings; r++)
        for (size_t i = 0; i < o->rings[r].n; i++) {
            const double x = (o->rings[r].x_px[i] - half) / plan->bin - s.fx,
                         y = (o->rings[r].y_px[i] - half) / plan->bin - s.fy;
            box[0] = fmin(box[0], x);
            box[1] = fmin(box[1], y);
            box[2] = fmax(box[2], x);
            box[3] = fmax(box[3], y);
        }
}

/* Mark the squares round every few points of the outline. */
static void mark(
    struct band *b, const struct lct_outline *o, const struct plan *plan, long k, int reach, uint8_t *wanted)
{
    const struct plane_shift s = plan_shift(plan, k);
    const double half = 0.5 * (plan->bin - 1);
    const int w = b->image.width, h = b->image.height, stride = reach > 4 ? reach / 2 : 1;
    for (size_t r = 0; r < o->n_rings; r++)
        for (size_t i = 0; i < o->rings[r].n; i += (size_t)stride) {
            const int x = (int)lround(((o->rings[r].x_px[i] - half) / plan->bin - s.fx - b->x0) / b->step);
            const int y = (int)lround(((o->rings[r].y_px[i] - half) / plan->bin - s.fy - b->y0) / b->step);
            const int from = x - reach < 0 ? 0 : x - reach, to = x + reach >= w ? w - 1 : x + reach;
            for (int j = y - reach < 0 ? 0 : y - reach; j <= y + reach && j < h && from <= to; j++)
                memset(wanted + (size_t)j * (size_t)w + from, 1, (size_t)(to - from) + 1);
        }
}

enum lct_status band_cut(struct band *out, const struct plan *plan, long k, const struct lct_image *plane,
    const struct lct_outline *outline, struct lct_err *err)
{
    struct band b = { .step = plan->sigma_px >= COARSE_PX ? 2 : 1 };
    double box[4];
    limits(outline, plan, k, box);
    if (!(box[2] >= box[0]) || !isfinite(box[0] + box[1] + box[2] + box[3])) {
        *out = b;
        return LCT_OK;
    }
    const double reach = REACH_BLURS * plan->levels.blur_px;
    b.x0 = (int)fmax(0.0, floor(box[0] - reach));
    b.y0 = (int)fmax(0.0, floor(box[1] - reach));
    const int x1 = (int)fmin(plane->width - 1.0, ceil(box[2] + reach)),
              y1 = (int)fmin(plane->height - 1.0, ceil(box[3] + reach));
    if (x1 < b.x0 || y1 < b.y0) {
        *out = b;
        return LCT_OK;
    }
    enum lct_status status = lct_image_init(&b.image, (x1 - b.x0) / b.step + 1, (y1 - b.y0) / b.step + 1, err);
    uint8_t *wanted = status == LCT_OK ? calloc(lct_image_count(&b.image), 1) : NULL;
    if (status == LCT_OK && !wanted)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for the band along an outline");
    if (status != LCT_OK) {
        band_finish(&b);
        return status;
    }
    mark(&b, outline, plan, k, (int)ceil(reach / b.step), wanted);
    for (int j = 0; j < b.image.height; j++)
        for (int i = 0; i < b.image.width; i++) {
            const size_t at = (size_t)j * (size_t)b.image.width + (size_t)i;
            b.image.px[at] = wanted[at]
                ? plane->px[(size_t)(b.y0 + j * b.step) * (size_t)plane->width + (size_t)(b.x0 + i * b.step)]
                : NAN;
        }
    free(wanted);
    *out = b;
    return LCT_OK;
}
