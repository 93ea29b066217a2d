#include <lctem/light.h>

#include <lctem/clones.h>
#include <lctem/robust.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELLS = LCT_LIGHT_CELLS,
    COUNT = CELLS * CELLS,
    WAVES = 8,
    TERMS = (WAVES + 1) * (WAVES + 2) / 2,
    GROWTH_WAVES = 6,
    GROWTH_ROUNDS = 10,
    STRIDE = 4,
    SAMPLE_STRIDE = 5
};
static const double EDGE_BLURS =
    2.0; /* nearer to an edge, its blur counts as light, and a particle that grows makes all around it darker */
static const double LEVEL_SHARE =
    0.25; /* of the core's depth: what is farther from its phase's level is something else */
static const double PRIOR_CELLS = 0.02; /* full cells, that say of each wave that it is 0; more of short ones */
static const double STILL_SDS = 2.5;    /* of what two planes differ by: beyond it something else has changed */
/* Of the variance by which a map misses its neighbours' line: an eighth of a random walk's growth from map to map is missed on the
 * mean over time with all maps there, a quarter is seen when each is left out in turn; noise of the maps gives 2/3 and 3/2. */
static const double MISSED_SHARE = 0.5;

struct cells {
    double value[COUNT], weight[COUNT];
};

struct wave {
    int i, j;
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

/* Places of the waves cos(pi i x) cos(pi j y), i + j <= WAVES, by i + j. */
static int list_waves(int most, struct wave *out)
{
    int n = 0;
    for (int both = 0; both <= most; both++)
        for (int j = 0; j <= both; j++)
            out[n++] = (struct wave){ both - j, j };
    return n;
}

/* The sum of waves that goes through the means of the cells: light is smooth, so what a particle hides is told by what is around it. */
static void fit_waves(const struct cells *c, double full, int most, double *out)
{
    struct wave waves[TERMS];
    const int n = list_waves(most, waves);
    double a[TERMS * TERMS] = { 0.0 }, b[TERMS] = { 0.0 }, cosine[WAVES + 1][CELLS];
    for (int i = 0; i <= most; i++)
        for (int x = 0; x < CELLS; x++)
            cosine[i][x] = cos(M_PI * i * (x + 0.5) / CELLS);
    for (int cell = 0; cell < COUNT; cell++) {
        double t[TERMS];
        for (int k = 0; k < n; k++)
            t[k] = cosine[waves[k].i][cell % CELLS] * cosine[waves[k].j][cell / CELLS];
        for (int k = 0; k < n; k++) {
            b[k] += t[k] * c->value[cell] / full;
            const double share = t[k] * c->weight[cell] / full;
            for (int l = 0; l <= k; l++)
                a[k * n + l] += share * t[l];
        }
    }
    for (int k = 0; k < n; k++) {
        const double f2 = waves[k].i * waves[k].i + waves[k].j * waves[k].j;
        a[k * n + k] += PRIOR_CELLS * pow(1.0 + f2 / 2.0, 3.0);
        for (int l = 0; l < k; l++)
            a[l * n + k] = a[k * n + l];
    }
    memset(out, 0, COUNT * sizeof *out);
    if (!lct_linear_solve(a, b, n))
        return;
    for (int cell = 0; cell < COUNT; cell++)
        for (int k = 0; k < n; k++)
            out[cell] += b[k] * cosine[waves[k].i][cell % CELLS] * cosine[waves[k].j][cell / CELLS];
}

enum lct_status lct_light_places(uint8_t *out, const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_err *err)
{
    const int w = plane->width;
    struct lct_mask_work work = { 0 };
    const enum lct_status status = lct_mask_work_init(&work, w, plane->height, err);
    if (status == LCT_OK) {
        uint64_t *inside[LCT_SHELL + 1];
        lct_segment_insides(plane, levels, params, EDGE_BLURS * levels->blur_px, &work, inside);
        memset(out, 0, lct_image_count(plane));
        for (int p = LCT_LIQUID; p <= LCT_SHELL; p++)
            for (int y = 0; y < plane->height; y++)
                for (int x = 0, end; lct_mask_next_run(inside[p] + (size_t)y * lct_mask_words(w), w, &x, &end); x = end)
                    memset(out + (size_t)y * (size_t)w + (size_t)x, 1 + p, (size_t)(end - x));
    }
    lct_mask_work_finish(&work);
    return status;
}

/* By what each STRIDE-th pixel grows from one plane to the next; NaN: it may have become something else. */
struct growth {
    int columns, rows;
    float *value, *left, *sample;
    int *cell; /* of each column */
};

static bool growth_init(struct growth *g, const struct lct_light_view *from, const struct lct_light_view *to)
{
    const struct lct_image *before = from->plane, *after = to->plane;
    const int w = after->width, h = after->height;
    *g = (struct growth){ .columns = (w + STRIDE - 1) / STRIDE, .rows = (h + STRIDE - 1) / STRIDE };
    const size_t n = (size_t)g->columns * (size_t)g->rows;
    g->value = malloc(n * sizeof *g->value);
    g->left = malloc(n * sizeof *g->left);
    g->sample = malloc(n * sizeof *g->sample);
    g->cell = malloc((size_t)g->columns * sizeof *g->cell);
    if (!g->value || !g->left || !g->sample || !g->cell)
        return false;
    for (int x = 0; x < g->columns; x++)
        g->cell[x] = x * CELLS / g->columns;
    for (int y = 0; y < g->rows; y++)
        for (int x = 0; x < g->columns; x++) {
            const size_t at = (size_t)(y * STRIDE) * (size_t)w + (size_t)(x * STRIDE);
            const bool still = !from->place || (from->place[at] && from->place[at] == to->place[at]);
            g->value[y * g->columns + x] = still ? after->px[at] / before->px[at] - 1.0f : NAN;
        }
    return true;
}

static void growth_finish(struct growth *g)
{
    free(g->value);
    free(g->left);
    free(g->sample);
    free(g->cell);
}

/* One round: what grows as the map says, but for the noise, makes the next map; edges that have moved do not. */
static void refit(struct growth *g, int most, struct lct_light_map *map)
{
    const size_t n = (size_t)g->columns * (size_t)g->rows;
    for (int y = 0; y < g->rows; y++)
        lct_light_row(map, g->columns, g->rows, y, g->left + (size_t)y * (size_t)g->columns);
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        g->left[i] = g->value[i] - g->left[i];
        if (i % SAMPLE_STRIDE == 0 && isfinite(g->left[i]))
            g->sample[taken++] = fabsf(g->left[i]);
    }
    const float reach = taken ? (float)(STILL_SDS * 1.4826) * (float)lct_stats_quantile_f(g->sample, taken, 0.5) : 0.0f;
    struct cells cells = { { 0 }, { 0 } };
    for (int y = 0; y < g->rows; y++)
        for (int x = 0; x < g->columns; x++) {
            const size_t i = (size_t)y * (size_t)g->columns + (size_t)x;
            if (!(fabsf(g->left[i]) <= reach))
                continue;
            const int cell = y * CELLS / g->rows * CELLS + g->cell[x];
            cells.value[cell] += (double)g->value[i];
            cells.weight[cell] += 1.0;
        }
    double found[COUNT];
    fit_waves(&cells, (double)n / COUNT, most, found);
    for (int i = 0; i < COUNT; i++)
        map->off[i] = (float)found[i];
}

enum lct_status lct_light_growth(struct lct_light_map *out, const struct lct_light_view *before,
    const struct lct_light_view *after, struct lct_err *err)
{
    struct growth g;
    struct lct_light_map map = { { 0 } };
    const bool ok = growth_init(&g, before, after);
    for (int round = 0; ok && round < GROWTH_ROUNDS; round++)
        refit(&g, round < GROWTH_WAVES ? round : GROWTH_WAVES, &map);
    growth_finish(&g);
    if (!ok)
        return lct_fail(
            err, LCT_E_LIMIT, "no memory for the light of %d x %d px", after->plane->width, after->plane->height);
    *out = map;
    return LCT_OK;
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
        double found[COUNT];
        fit_waves(&cells, (double)n / COUNT, WAVES, found);
        for (int i = 0; i < COUNT; i++)
            out->off[i] = (float)found[i];
    }
    lct_mask_work_finish(&work);
    return status;
}

/* Place of pixel x among the knots: cell c has its middle at c + 1. */
static inline float knot_at(int x, float share)
{
    return ((float)x + 0.5f) * share + 0.5f;
}

/* The first pixel beyond x that lies between other knots. */
static int piece_end(int x, float share, int width)
{
    const int left = (int)knot_at(x, share);
    const float guess = ((float)left + 0.5f) / share - 0.5f;
    int end = guess < (float)width ? (int)guess : width;
    while (end < width && (int)knot_at(end, share) == left)
        end++;
    while (end > x + 1 && (int)knot_at(end - 1, share) != left)
        end--;
    return end;
}

LCT_CLONES static void fill_piece(const float knots[2], int left, float share, int from, int to, float *off)
{
    for (int x = from; x < to; x++)
        off[x] = knots[0] + (knot_at(x, share) - (float)left) * (knots[1] - knots[0]);
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
    for (int x = 0, end; x < width;
         x = end) { /* a piece between two knots after the other: no pixel looks for its own */
        const int left = (int)knot_at(x, share);
        end = piece_end(x, share, width);
        fill_piece(knots + left, left, share, x, end, off);
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
