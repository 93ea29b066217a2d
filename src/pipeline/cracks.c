#include "cracks.h"

#include "rims.h"

#include <lctem/gap.h>

#include <math.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct lct_column crack_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle" },
    { "facet", "", "facet of facets.csv whose rim it is in; empty: the particle has no facets" },
    { "x_px", "px", "middle of the gap, half way through the rim, in the frame as it was recorded" },
    { "y_px", "px", "middle of the gap, half way through the rim, in the frame as it was recorded" },
    { "position_nm", "nm", "along the facet from the middle of the core's edge, clockwise as seen on the screen" },
    { "position_frac", "", "the same in half lengths of that edge: 0 middle, -1 and 1 corners" },
    { "width_nm", "nm", "width of a straight channel through the rim that is as pale" },
    { "width_sd_nm", "nm", "its standard deviation" },
    { "crack", "", "number of the crack, from 1 in the order of opening; the same through its life" },
    { "depth", "", "how pale its deepest place is after smoothing: 0 rim, 1 liquid" },
};
const struct lct_table_spec cracks_table = { "cracks",
    "each crack in the rim in each frame; wider gaps (more than about a quarter of a facet) are bare windows, see exposed_frac of facets.csv", 1,
    crack_columns, COUNT(crack_columns) };

static const struct lct_column void_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle" },
    { "x_px", "px", "middle, half way through the rim, in the frame as it was recorded" },
    { "y_px", "px", "middle, half way through the rim, in the frame as it was recorded" },
    { "length_nm", "nm", "along the rim" },
    { "area_nm2", "nm2", "of liquid between core and rim" },
    { "area_sd_nm2", "nm2", "its standard deviation" },
};
const struct lct_table_spec voids_table = { "voids", "liquid between core and rim, in each frame", 1, void_columns,
    COUNT(void_columns) };

void crack_lives_finish(struct crack_lives *lives)
{
    free(lives->life);
    *lives = (struct crack_lives){ 0 };
}

/* What the two passes share. */
struct search {
    const struct cracks_job *job;
    struct lct_cracks *cracks;
    struct lct_crack_params params;
    double blur_px;        /* of the frame */
    double stretch;        /* of y, to square pixels */
    struct sketch packed;
    struct rims rims;
    struct lct_gap **gaps; /* per rim of the frame */
    size_t *n_gaps;
    size_t n_rims, rims_capacity;
    struct lct_crack_sighting *sightings;
    size_t *ids;
    size_t n_sightings, sightings_capacity;
};

static void drop_gaps(struct search *s)
{
    for (size_t i = 0; i < s->n_rims; i++)
        free(s->gaps[i]);
    s->n_rims = 0;
    s->n_sightings = 0;
    rims_finish(&s->rims);
}

static void search_finish(struct search *s)
{
    drop_gaps(s);
    lct_cracks_destroy(&s->cracks);
    sketch_finish(&s->packed);
    free(s->gaps);
    free(s->n_gaps);
    free(s->sightings);
    free(s->ids);
}

static bool room_for_rims(struct search *s, size_t n)
{
    if (n <= s->rims_capacity)
        return true;
    struct lct_gap **gaps = realloc(s->gaps, 2 * n * sizeof *gaps);
    if (gaps)
        s->gaps = gaps;
    size_t *counts = realloc(s->n_gaps, 2 * n * sizeof *counts);
    if (counts)
        s->n_gaps = counts;
    if (!gaps || !counts)
        return false;
    s->rims_capacity = 2 * n;
    return true;
}

static bool room_for_sightings(struct search *s, size_t n)
{
    if (n <= s->sightings_capacity)
        return true;
    struct lct_crack_sighting *sightings = realloc(s->sightings, 2 * n * sizeof *sightings);
    if (sightings)
        s->sightings = sightings;
    size_t *ids = realloc(s->ids, 2 * n * sizeof *ids);
    if (ids)
        s->ids = ids;
    if (!sightings || !ids)
        return false;
    s->sightings_capacity = 2 * n;
    return true;
}

/* On square pixels, lengths along the outline are right in every direction. */
static void make_square(struct lct_rim *rim, double stretch)
{
    if (stretch == 1.0)
        return;
    for (size_t k = 0; k < rim->n; k++)
        rim->points[k].y_px *= stretch;
    lct_rim_measure_steps(rim);
}

/* The gaps of the next frame, and which crack each of them belongs to. */
static enum lct_status next_frame(struct search *s, long k, struct lct_err *err)
{
    const struct lct_gap_params params = lct_gap_defaults();
    drop_gaps(s);
    enum lct_status status = spool_next(s->job->rims, &s->packed, err);
    if (status == LCT_OK)
        status = rims_unpack(&s->rims, &s->packed, err);
    if (status == LCT_OK && !room_for_rims(s, s->rims.n))
        status = lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu rims", s->rims.n);
    size_t total = 0;
    for (size_t i = 0; status == LCT_OK && i < s->rims.n; i++) {
        make_square(&s->rims.records[i].rim, s->stretch);
        status = lct_gaps_find(&s->gaps[i], &s->n_gaps[i], &s->rims.records[i].rim, s->blur_px, &params, err);
        s->n_rims += status == LCT_OK;
        total += status == LCT_OK ? s->n_gaps[i] : 0;
    }
    if (status == LCT_OK && !room_for_sightings(s, total))
        status = lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu gaps", total);
    for (size_t i = 0; status == LCT_OK && i < s->n_rims; i++)
        for (size_t g = 0; g < s->n_gaps[i]; g++)
            s->sightings[s->n_sightings++] = (struct lct_crack_sighting){ .particle = s->rims.records[i].particle,
                .x_px = s->gaps[i][g].x_px, .y_px = s->gaps[i][g].y_px, .width_px = s->gaps[i][g].width_px,
                .depth = s->gaps[i][g].depth, .side_px = s->rims.records[i].side_px };
    return status == LCT_OK ? lct_cracks_frame(s->cracks, k, s->sightings, s->n_sightings, s->ids, err) : status;
}

/* One pass from the beginning, with fresh numbers. */
static enum lct_status begin(struct search *s, struct lct_err *err)
{
    spool_rewind(s->job->rims);
    lct_cracks_destroy(&s->cracks);
    return lct_cracks_create(&s->cracks, &s->params, err);
}

/* First pass: which numbers are cracks. `of[id]`: index in lives + 1, or 0. */
static enum lct_status take_lives(struct search *s, struct crack_lives *lives, size_t **of, struct lct_err *err)
{
    const size_t n = lct_cracks_count(s->cracks);
    lives->life = calloc(n + 1, sizeof *lives->life);
    *of = calloc(n + 1, sizeof **of);
    if (!lives->life || !*of)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu of them", n);
    for (size_t id = 0; id < n; id++) {
        const struct lct_crack c = lct_cracks_get(s->cracks, id);
        if (c.kind != LCT_CRACK_CRACK)
            continue;
        lives->life[lives->n] = (struct crack_life){ .id = id, .particle = c.particle, .first = c.first, .last = c.last,
            .opened = -1, .n = c.n, .width_px = c.width_px, .open_at_start = c.first == 0,
            .open_at_end = c.last >= s->job->plan->n - 1 };
        (*of)[id] = ++lives->n;
    }
    return LCT_OK;
}

static void live(struct crack_life *c, long k, const struct lct_gap *gap)
{
    c->most_px = fmax(c->most_px, gap->width_px);
    if (gap->width_px < 0.5 * c->width_px)
        return;
    if (c->opened < 0) {
        c->opened = k;
        c->x_px = gap->x_px;
        c->y_px = gap->y_px;
    }
    c->healed = k;
}

static enum lct_status write_crack(struct lct_table *table, const struct search *s, long k, const struct lct_gap *gap,
    const struct crack_life *life, size_t number, struct lct_err *err)
{
    const struct movie *movie = s->job->movie;
    const struct plan_frame *f = &s->job->plan->frames[k];
    const double nm = movie->scale.nm_per_px;
    const struct lct_cell cells[] = { lct_int(movie_frame(movie, k)), lct_num(f->time_s), lct_int(life->particle),
        lct_text(NULL), lct_num(gap->x_px + f->dx_px + movie->roi.x_px),
        lct_num(gap->y_px / s->stretch + f->dy_px + movie->roi.y_px), lct_num((double)NAN), lct_num((double)NAN),
        lct_num(gap->width_px * nm), lct_num(gap->width_sd_px * nm), lct_int((long)number), lct_num(gap->depth) };
    return lct_table_row(table, cells, err);
}

static enum lct_status write_voids(struct lct_table *table, const struct search *s, long k, struct lct_err *err)
{
    const struct movie *movie = s->job->movie;
    const struct plan_frame *f = &s->job->plan->frames[k];
    const double nm = movie->scale.nm_per_px;
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < s->rims.n; i++) {
        struct lct_void *voids;
        size_t n;
        status = lct_voids_find(&voids, &n, &s->rims.records[i].rim, s->blur_px, err);
        for (size_t v = 0; status == LCT_OK && v < n; v++) {
            const struct lct_cell cells[] = { lct_int(movie_frame(movie, k)), lct_num(f->time_s),
                lct_int(s->rims.records[i].particle), lct_num(voids[v].x_px + f->dx_px + movie->roi.x_px),
                lct_num(voids[v].y_px / s->stretch + f->dy_px + movie->roi.y_px), lct_num(voids[v].length_px * nm),
                lct_num(voids[v].area_px2 * nm * nm), lct_num(voids[v].area_sd_px2 * nm * nm) };
            status = lct_table_row(table, cells, err);
        }
        free(voids);
    }
    return status;
}

/* Second pass. */
static enum lct_status write_tables(struct search *s, struct crack_lives *lives, const size_t *of, struct lct_err *err)
{
    struct lct_table *cracks = NULL, *voids = NULL;
    enum lct_status status = lct_table_create(&cracks, s->job->dir, &cracks_table, err);
    if (status == LCT_OK)
        status = lct_table_create(&voids, s->job->dir, &voids_table, err);
    for (long k = 0; status == LCT_OK && k < s->job->plan->n; k++) {
        status = next_frame(s, k, err);
        size_t at = 0;
        for (size_t i = 0; status == LCT_OK && i < s->n_rims; i++)
            for (size_t g = 0; status == LCT_OK && g < s->n_gaps[i]; g++, at++) {
                const size_t number = of[s->ids[at]];
                if (!number)
                    continue;
                live(&lives->life[number - 1], k, &s->gaps[i][g]);
                status = write_crack(cracks, s, k, &s->gaps[i][g], &lives->life[number - 1], number, err);
            }
        if (status == LCT_OK)
            status = write_voids(voids, s, k, err);
    }
    struct lct_table *both[] = { cracks, voids };
    for (size_t i = 0; i < COUNT(both); i++) {
        const enum lct_status closed = lct_table_close(&both[i], status == LCT_OK ? err : NULL);
        status = status == LCT_OK ? closed : status;
    }
    return status;
}

enum lct_status cracks_run(struct crack_lives *out, const struct cracks_job *job, struct lct_err *err)
{
    const struct plan *plan = job->plan;
    const struct lct_scale *scale = &job->movie->scale;
    struct search s = { .job = job, .blur_px = plan->levels.blur_px > 0.0 ? plan->levels.blur_px * plan->bin : 1.0,
        .stretch = isfinite(scale->nm_per_px) && isfinite(scale->nm_per_px_y) ? scale->nm_per_px_y / scale->nm_per_px : 1.0 };
    s.params = lct_crack_defaults(s.blur_px, plan->reach);
    struct crack_lives lives = { 0 };
    size_t *of = NULL;
    enum lct_status status = begin(&s, err);
    for (long k = 0; status == LCT_OK && k < plan->n; k++)
        status = next_frame(&s, k, err);
    if (status == LCT_OK)
        status = take_lives(&s, &lives, &of, err);
    if (status == LCT_OK)
        status = begin(&s, err);
    if (status == LCT_OK)
        status = write_tables(&s, &lives, of, err);
    free(of);
    search_finish(&s);
    if (status == LCT_OK)
        *out = lives;
    else
        crack_lives_finish(&lives);
    return status;
}
