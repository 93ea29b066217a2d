#include <lctem/light.h>

#include <math.h>

enum { CELLS = LCT_LIGHT_CELLS, COUNT = CELLS * CELLS };
static const double EDGE_BLURS = 1.3; /* nearer to an edge, its blur counts as light */
static const double LEVEL_SHARE =
    0.25; /* of the core's depth: what is farther from its phase's level is something else */
static const double PRIOR_SHARE = 0.03; /* of a cell's pixels, that say 0 */
/* Of the variance by which a map misses its neighbours' line: an eighth of a random walk's growth from map to map is missed on the
 * mean over time with all maps there, a quarter is seen when each is left out in turn; noise of the maps gives 2/3 and 3/2. */
static const double MISSED_SHARE = 0.5;

struct cells {
    double value[COUNT], weight[COUNT];
};

struct phase_level {
    double level, reach;
    const struct lct_own_view *own; /* NULL: all cores have the common level */
};

static void add_phase(
    struct cells *c, const struct lct_image *plane, const uint64_t *inside, const struct phase_level *of)
{
    const int w = plane->width;
    for (int y = 0; y < plane->height; y++)
        for (int x = 0, end; lct_mask_next_run(inside + (size_t)y * lct_mask_words(w), w, &x, &end); x = end)
            for (int i = x; i < end; i++) {
                const size_t at = (size_t)y * (size_t)w + (size_t)i;
                const double level = of->level * (of->own ? of->own->share[of->own->name[at]] : 1.0),
                             off = (double)plane->px[at] - level;
                if (fabs(off) > of->reach)
                    continue;
                const int cell = y * CELLS / plane->height * CELLS + i * CELLS / w;
                c->value[cell] += off / level;
                c->weight[cell] += 1.0;
            }
}

/* Binomial over 3 cells each way; beyond the border there is nothing. */
static void smooth(double v[COUNT])
{
    double row[CELLS];
    for (int pass = 0; pass < 2; pass++)
        for (int a = 0; a < CELLS; a++) {
            const int step = pass ? CELLS : 1, start = pass ? a : a * CELLS;
            for (int b = 0; b < CELLS; b++)
                row[b] = 0.5 * v[start + b * step]
                    + 0.25
                        * ((b > 0 ? v[start + (b - 1) * step] : 0.0)
                            + (b + 1 < CELLS ? v[start + (b + 1) * step] : 0.0));
            for (int b = 0; b < CELLS; b++)
                v[start + b * step] = row[b];
        }
}

enum lct_status lct_light_estimate(struct lct_light_map *out, const struct lct_image *plane,
    const struct lct_levels *levels, const struct lct_segment_params *params, const struct lct_own_view *own,
    struct lct_err *err)
{
    const size_t n = lct_image_count(plane);
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    const double reach = LEVEL_SHARE * (1.0 - levels->core);
    struct lct_mask_work work = { 0 };
    struct cells cells = { 0 };
    const enum lct_status status = lct_mask_work_init(&work, plane->width, plane->height, err);
    if (status == LCT_OK) {
        uint64_t *inside[LCT_SHELL + 1];
        lct_segment_insides(plane, levels, params, EDGE_BLURS * levels->blur_px, &work, inside);
        for (int p = LCT_LIQUID; p <= LCT_SHELL; p++) {
            const struct phase_level of = { level[p], reach, own };
            add_phase(&cells, plane, inside[p], &of);
        }
        const double prior = PRIOR_SHARE * (double)n / COUNT;
        smooth(cells.value);
        smooth(cells.weight);
        for (int i = 0; i < COUNT; i++)
            out->off[i] = (float)(cells.value[i] / (cells.weight[i] + prior));
    }
    lct_mask_work_finish(&work);
    return status;
}

void lct_light_row(const struct lct_light_map *map, int width, int height, int y, float *off)
{
    float knots[CELLS + 2];
    const float v = fminf(fmaxf(((float)y + 0.5f) * CELLS / (float)height - 0.5f, 0.0f), CELLS - 1.0f);
    const int top = (int)v, bottom = top + 1 < CELLS ? top + 1 : top;
    for (int c = 0; c < CELLS; c++)
        knots[c + 1] =
            map->off[top * CELLS + c] + (v - (float)top) * (map->off[bottom * CELLS + c] - map->off[top * CELLS + c]);
    knots[0] = knots[1];
    knots[CELLS + 1] = knots[CELLS];
    const float share = (float)CELLS / (float)width;
    for (int x = 0; x < width; x++) {
        const float u = ((float)x + 0.5f) * share + 0.5f; /* in knots: cell c has its middle at c + 1 */
        const int left = (int)u;
        off[x] = knots[left] + (u - (float)left) * (knots[left + 1] - knots[left]);
    }
}

double lct_light_left(const struct lct_light_map *maps, int n)
{
    double missed = 0.0, found = 0.0;
    for (int k = 0; k < n; k++)
        for (int i = 0; i < COUNT; i++) {
            found += pow((double)maps[k].off[i], 2.0);
            if (k > 0 && k + 1 < n)
                missed +=
                    pow((double)maps[k].off[i] - 0.5 * ((double)maps[k - 1].off[i] + (double)maps[k + 1].off[i]), 2.0);
        }
    return n >= 3 ? sqrt(MISSED_SHARE * missed / ((n - 2) * COUNT)) : n > 0 ? sqrt(found / (n * COUNT)) : 0.0;
}
