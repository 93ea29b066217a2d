#include "cracks.h"

#include "rims.h"

#include <lctem/crystal.h>
#include <lctem/gap.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const double HALF = 0.5; /* of its usual width: then a crack is open */

static const struct lct_column crack_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle" },
    { "facet", "", "facet of facets.csv whose rim it is in; empty: over none" },
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
    "each crack in the rim in each frame; wider gaps (more than about a quarter of a facet) are bare windows, see "
    "exposed_frac of facets.csv",
    1, crack_columns, COUNT(crack_columns) };

static const struct lct_column void_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle" },
    { "facet", "", "facet of facets.csv whose rim it lies under" },
    { "x_px", "px", "middle, half way through the rim, in the frame as it was recorded" },
    { "y_px", "px", "middle, half way through the rim, in the frame as it was recorded" },
    { "length_nm", "nm", "along the rim" },
    { "area_nm2", "nm2", "of liquid between core and rim" },
    { "area_sd_nm2", "nm2", "its standard deviation" },
};
const struct lct_table_spec voids_table = { "voids", "liquid between core and rim, in each frame", 1, void_columns,
    COUNT(void_columns) };

struct cracks {
    struct cracks_job job;
    struct lct_cracks *followed;
    struct lct_crack_params params;
    struct rims_sample sample;
    struct crack_life *lives;
    size_t n_lives;
    size_t *life_of;              /* per number of `followed`: index in lives + 1; 0: no crack */
    enum lct_crack_kind *kind_of; /* per number of `followed` */
    struct lct_crack_risk *risks;
    size_t n_risks, risks_capacity;
    struct lct_table *table, *voids;

    /* the present frame */
    long k; /* -1: none yet */
    struct sketch packed;
    struct rims rims;
    struct lct_crack_sighting *sightings;
    size_t *ids; /* of the sightings: which crack */
    size_t n_sightings, sightings_capacity;
    unsigned char *open; /* per ray of the rim that is looked at */
    size_t open_capacity;
};

double cracks_layer_nm(const struct lct_recipe *recipe)
{
    char text[96];
    double nm;
    snprintf(text, sizeof text, "%s:0003", recipe->chemistry.shell.name ? recipe->chemistry.shell.name : "");
    return lct_crystal_known_spacing(&nm, text, NULL, NULL) == LCT_OK ? nm : (double)NAN;
}

void cracks_destroy(struct cracks **cracks)
{
    struct cracks *c = *cracks;
    if (!c)
        return;
    struct lct_err ignored;
    rims_finish(&c->rims);
    lct_cracks_destroy(&c->followed);
    sketch_finish(&c->packed);
    if (lct_table_close(&c->table, &ignored) != LCT_OK)
        c->table = NULL;
    if (lct_table_close(&c->voids, &ignored) != LCT_OK)
        c->voids = NULL;
    free(c->lives);
    free(c->risks);
    free(c->life_of);
    free(c->kind_of);
    free(c->sightings);
    free(c->ids);
    free(c->open);
    free(c);
    *cracks = NULL;
}

static bool room_for_sightings(struct cracks *c, size_t n)
{
    if (n <= c->sightings_capacity)
        return true;
    struct lct_crack_sighting *sightings = realloc(c->sightings, 2 * n * sizeof *sightings);
    if (sightings)
        c->sightings = sightings;
    size_t *ids = realloc(c->ids, 2 * n * sizeof *ids);
    if (ids)
        c->ids = ids;
    if (!sightings || !ids)
        return false;
    c->sightings_capacity = 2 * n;
    return true;
}

/* The middle of a rim. */
struct middle {
    double x_px, y_px;
};

static struct middle middle_of(const struct lct_rim *rim)
{
    struct middle m = { 0 };
    for (size_t k = 0; k < rim->n; k++) {
        m.x_px += rim->points[k].x_px / (double)rim->n;
        m.y_px += rim->points[k].y_px / (double)rim->n;
    }
    return m;
}

/* Along the rim is square to the way to its middle: its own course at a gap is rough. */
static struct lct_crack_sighting sighting_of(
    const struct rim_record *r, const struct lct_gap *gap, struct middle middle)
{
    const double dx = gap->x_px - middle.x_px, dy = gap->y_px - middle.y_px, far = hypot(dx, dy);
    return (struct lct_crack_sighting){ .particle = r->particle,
        .x_px = gap->x_px,
        .y_px = gap->y_px,
        .width_px = gap->width_px,
        .width_sd_px = gap->width_sd_px,
        .depth = gap->depth,
        .side_px = r->side_px,
        .along_x = far > 0.0 ? -dy / far : 0.0,
        .along_y = far > 0.0 ? dx / far : 0.0 };
}

/* The gaps of the next frame, and which crack each of them belongs to. */
static enum lct_status next_frame(struct cracks *c, struct lct_err *err)
{
    rims_finish(&c->rims);
    c->n_sightings = 0;
    c->k++;
    enum lct_status status = spool_next(c->job.rims, &c->packed, err);
    if (status == LCT_OK)
        status = rims_unpack(&c->rims, &c->packed, err);
    if (status != LCT_OK)
        return status;
    size_t total = 0;
    for (size_t i = 0; i < c->rims.n; i++)
        total += c->rims.records[i].n_gaps;
    if (!room_for_sightings(c, total))
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu gaps", total);
    for (size_t i = 0; i < c->rims.n; i++) {
        const struct rim_record *r = &c->rims.records[i];
        const struct middle middle = middle_of(&r->rim);
        for (size_t g = 0; g < r->n_gaps; g++)
            c->sightings[c->n_sightings++] = sighting_of(r, &r->gaps[g], middle);
    }
    return lct_cracks_frame(c->followed, c->k, c->sightings, c->n_sightings, c->ids, err);
}

/* From the beginning, with fresh numbers: the same sightings get the same ones. */
static enum lct_status start_over(struct cracks *c, struct lct_err *err)
{
    spool_rewind(c->job.rims);
    c->k = -1;
    lct_cracks_destroy(&c->followed);
    return lct_cracks_create(&c->followed, &c->params, err);
}

static enum lct_status take_lives(struct cracks *c, struct lct_err *err)
{
    const size_t n = lct_cracks_count(c->followed);
    const struct crack_point none = { (double)NAN, (double)NAN };
    c->lives = calloc(n + 1, sizeof *c->lives);
    c->life_of = calloc(n + 1, sizeof *c->life_of);
    c->kind_of = calloc(n + 1, sizeof *c->kind_of);
    if (!c->lives || !c->life_of || !c->kind_of)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu of them", n);
    for (size_t id = 0; id < n; id++) {
        const struct lct_crack followed = lct_cracks_get(c->followed, id);
        c->kind_of[id] = followed.kind;
        if (followed.kind != LCT_CRACK_CRACK)
            continue;
        c->lives[c->n_lives] = (struct crack_life){ .particle = followed.particle,
            .facet = -1,
            .first = followed.first,
            .last = followed.last,
            .opened = -1,
            .n = followed.n,
            .width_px = followed.width_px,
            .opened_frac = (double)NAN,
            .trail = id,
            .rise = { .points = { none, none, none }, .k = -1 } };
        c->life_of[id] = ++c->n_lives;
    }
    for (size_t id = 0; id < n; id++) {
        const size_t owner = lct_cracks_owner(c->followed, id);
        c->life_of[id] = c->life_of[owner];
        c->kind_of[id] = c->kind_of[owner];
    }
    return LCT_OK;
}

enum lct_status cracks_begin(struct cracks **out, const struct cracks_job *job, struct lct_err *err)
{
    *out = NULL;
    const struct plan *plan = job->plan;
    struct cracks *c = calloc(1, sizeof *c);
    if (!c)
        return lct_fail(err, LCT_E_LIMIT, "cracks: no memory");
    c->job = *job;
    c->sample = rims_sample_of(plan, job->movie);
    c->params = lct_crack_defaults(c->sample.blur_px, plan->reach);
    enum lct_status status = start_over(c, err);
    for (long k = 0; status == LCT_OK && k < plan->n; k++)
        status = next_frame(c, err);
    if (status == LCT_OK)
        status = take_lives(c, err);
    if (status == LCT_OK)
        status = start_over(c, err);
    if (status == LCT_OK)
        status = lct_table_create(&c->table, job->dir, &cracks_table, err);
    if (status == LCT_OK)
        status = lct_table_create(&c->voids, job->dir, &voids_table, err);
    if (status != LCT_OK)
        cracks_destroy(&c);
    *out = c;
    return status;
}

/* A point of the straight line on which a crack opens: when it is first `part_px` wide. Where it was not seen in the
 * frame before, it may have been there, but too narrow: then the first sighting is that point, unless the crack was
 * half open by then. */
static struct crack_point pass(const struct crack_life *life, const struct crack_point *last, bool seen,
    const struct crack_point *now, double part_px)
{
    if (now->width_px < part_px)
        return (struct crack_point){ (double)NAN, (double)NAN };
    if (!seen && now->width_px < HALF * life->width_px)
        return *now;
    const double way = last->width_px < part_px ? (part_px - last->width_px) / (now->width_px - last->width_px) : 0.0;
    return (struct crack_point){ last->time_s + way * (now->time_s - last->time_s), part_px };
}

static void follow_rise(struct crack_life *life, const struct plan *plan, long k, const struct lct_gap *gap)
{
    const double parts[3] = { 0.25, HALF, 0.75 };
    struct crack_rise *r = &life->rise;
    const long before = k > 0 ? k - 1 : 0;
    const bool seen = r->k == before;
    const struct crack_point now = { plan->frames[k].time_s, gap->width_px },
                             last = { plan->frames[before].time_s, seen ? r->width_px : 0.0 };
    for (int i = 0; i < 3; i++) {
        if (!isnan(r->points[i].time_s))
            continue;
        r->points[i] = pass(life, &last, seen, &now, parts[i] * life->width_px);
        r->width_sd_px = gap->width_sd_px;
        r->mean_s = (now.time_s - last.time_s) * plan_frames_in_mean(plan, k);
    }
    r->k = k;
    r->width_px = gap->width_px;
}

/* Half of its width is there at the same time however long the frames' means are; what they add to the time that it
 * takes is taken out. No instant is better known than the mean of a frame is long. */
struct crack_beginning cracks_beginning(const struct crack_life *life)
{
    const struct crack_rise *r = &life->rise;
    const struct crack_point *low = &r->points[0], *high = &r->points[2];
    if (life->opened <= 0)
        return (struct crack_beginning){ (double)NAN, (double)NAN };
    const double seen_s =
        fmax((high->time_s - low->time_s) * life->width_px / (high->width_px - low->width_px), r->mean_s);
    const double takes_s = sqrt(fmax(0.0, seen_s * seen_s - r->mean_s * r->mean_s));
    return (struct crack_beginning){ .time_s = r->points[1].time_s - 0.5 * takes_s,
        .sd_s = hypot(r->mean_s / sqrt(12.0), r->width_sd_px / life->width_px * seen_s) };
}

static void live(struct crack_life *life, long k, const struct lct_gap *gap, const struct lct_rim_place *place)
{
    life->most_px = fmax(life->most_px, gap->width_px);
    if (gap->width_px < HALF * life->width_px)
        return;
    if (life->opened < 0) {
        life->opened = k;
        life->x_px = gap->x_px;
        life->y_px = gap->y_px;
        life->opened_frac = place->position_frac;
    }
    life->healed = k;
    if (place->facet >= 0 && ++life->seen_on[place->facet] > (life->facet < 0 ? 0 : life->seen_on[life->facet]))
        life->facet = place->facet;
}

static enum lct_status write_crack(
    struct cracks *c, const struct lct_gap *gap, size_t id, const struct cracks_view *view, struct lct_err *err)
{
    const size_t number = c->life_of[id];
    struct crack_life *life = &c->lives[number - 1];
    const struct movie *movie = c->job.movie;
    const struct plan_frame *f = &c->job.plan->frames[c->k];
    const double nm = movie->scale.nm_per_px;
    const struct lct_rim_place place = lct_rim_place_find(view->set, view->edges, gap->x_px, gap->y_px);
    if (life->trail == id) {
        follow_rise(life, c->job.plan, c->k, gap);
        live(life, c->k, gap, &place);
    }
    const struct lct_cell cells[] = { lct_int(movie_frame(movie, c->k)), lct_num(f->time_s),
        lct_int(view->set->particle), place.facet < 0 ? lct_text(NULL) : lct_int(place.facet),
        lct_num(gap->x_px + f->dx_px), lct_num(gap->y_px / c->sample.stretch + f->dy_px),
        lct_num(place.position_px * nm), lct_num(place.position_frac), lct_num(gap->width_px * nm),
        lct_num(gap->width_sd_px * nm), lct_int((long)number), lct_num(gap->depth) };
    return lct_table_row(c->table, cells, err);
}

static enum lct_status write_voids(
    struct cracks *c, const struct lct_rim *rim, const struct cracks_view *view, struct lct_err *err)
{
    const struct movie *movie = c->job.movie;
    const struct plan_frame *f = &c->job.plan->frames[c->k];
    const double nm = movie->scale.nm_per_px;
    struct lct_void *voids;
    size_t n;
    enum lct_status status = lct_voids_find(&voids, &n, rim, c->sample.blur_px, err);
    for (size_t v = 0; status == LCT_OK && v < n; v++) {
        const struct lct_rim_place place = lct_rim_place_find(view->set, view->edges, voids[v].x_px, voids[v].y_px);
        const struct lct_cell cells[] = { lct_int(movie_frame(movie, c->k)), lct_num(f->time_s),
            lct_int(view->set->particle), place.facet < 0 ? lct_text(NULL) : lct_int(place.facet),
            lct_num(voids[v].x_px + f->dx_px), lct_num(voids[v].y_px / c->sample.stretch + f->dy_px),
            lct_num(voids[v].length_px * nm), lct_num(voids[v].area_px2 * nm * nm),
            lct_num(voids[v].area_sd_px2 * nm * nm) };
        status = lct_table_row(c->voids, cells, err);
    }
    free(voids);
    return status;
}

/* Number of the first sighting of rim i. */
static size_t first_sighting(const struct cracks *c, size_t i)
{
    size_t at = 0;
    for (size_t r = 0; r < i; r++)
        at += c->rims.records[r].n_gaps;
    return at;
}

/* Mark the rays that lead through gaps at which the shell is open. */
static enum lct_status mark_open(struct cracks *c, size_t i, struct lct_err *err)
{
    const struct rim_record *r = &c->rims.records[i];
    const size_t n = r->rim.n;
    if (n > c->open_capacity) {
        unsigned char *more = realloc(c->open, n);
        if (!more)
            return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu rays", n);
        c->open = more;
        c->open_capacity = n;
    }
    for (size_t k = 0; k < n; k++)
        c->open[k] = 0;
    const size_t at = first_sighting(c, i);
    for (size_t g = 0; g < r->n_gaps; g++) {
        if (!lct_crack_is_open(&c->params, c->kind_of[c->ids[at + g]], &c->sightings[at + g]))
            continue;
        for (size_t k = 0; k < r->gaps[g].n_rays; k++)
            c->open[(r->gaps[g].first + k) % n] = 1;
    }
    return LCT_OK;
}

/* Length of covered edge times the time it is looked at. */
static enum lct_status watch(
    struct cracks *c, const struct cracks_view *view, int facet, const struct lct_rim_facet *rim, struct lct_err *err)
{
    const struct plan *plan = c->job.plan;
    const long next = c->k + 1 < plan->n ? c->k + 1 : c->k, last = next - 1 >= 0 ? next - 1 : 0;
    const double dt = plan->frames[next].time_s - plan->frames[last].time_s;
    const double edge_px = view->edges[facet].end_px - view->edges[facet].start_px;
    const double amount = edge_px * (1.0 - rim->exposed_frac) * c->job.movie->scale.nm_per_px * dt;
    if (!isfinite(amount))
        return LCT_OK;
    size_t i = 0;
    while (i < c->n_risks && (c->risks[i].particle != view->set->particle || c->risks[i].facet != facet))
        i++;
    if (i == c->risks_capacity) {
        struct lct_crack_risk *more = realloc(c->risks, (2 * i + 16) * sizeof *more);
        if (!more)
            return lct_fail(err, LCT_E_LIMIT, "cracks: no memory for %zu facets", 2 * i + 16);
        c->risks = more;
        c->risks_capacity = 2 * i + 16;
    }
    if (i == c->n_risks)
        c->risks[c->n_risks++] = (struct lct_crack_risk){ .particle = view->set->particle, .facet = facet };
    c->risks[i].edge_nm_s += amount;
    return LCT_OK;
}

static enum lct_status visit_rim(
    struct cracks *c, size_t i, const struct cracks_view *view, struct lct_rim_facet *rims, struct lct_err *err)
{
    const struct rim_record *r = &c->rims.records[i];
    const struct lct_rim *rim = &r->rim;
    const size_t at = first_sighting(c, i);
    struct lct_rim_order order[LCT_FACET_MAX];
    enum lct_status status = mark_open(c, i, err);
    if (status == LCT_OK)
        status = lct_rim_order_measure(rim, c->open, c->job.layer_px, view->set, view->edges, order, err);
    for (int f = 0; status == LCT_OK && f < view->set->n; f++) {
        rims[f] = lct_rim_facet_measure(rim, c->open, view->set, f, &view->edges[f], &view->inner, &view->outer);
        lct_rim_facet_count_layers(&rims[f], c->job.layer_px);
        rims[f].order = order[f];
        status = watch(c, view, f, &rims[f], err);
    }
    for (size_t g = 0; status == LCT_OK && g < r->n_gaps; g++)
        if (c->life_of[c->ids[at + g]])
            status = write_crack(c, &r->gaps[g], c->ids[at + g], view, err);
    return status == LCT_OK ? write_voids(c, rim, view, err) : status;
}

enum lct_status cracks_visit(
    struct cracks *c, const struct cracks_view *view, struct lct_rim_facet *rims, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && c->k < view->k)
        status = next_frame(c, err);
    for (int f = 0; f < view->set->n; f++)
        rims[f] = lct_rim_facet_none();
    for (size_t i = 0; status == LCT_OK && i < c->rims.n; i++)
        if (c->rims.records[i].particle == view->set->particle)
            return visit_rim(c, i, view, rims, err);
    return status;
}

enum lct_status cracks_end(struct cracks *c, struct lct_err *err)
{
    const enum lct_status status = lct_table_close(&c->table, err);
    return status == LCT_OK ? lct_table_close(&c->voids, err) : status;
}

const struct crack_life *cracks_lives(const struct cracks *cracks, size_t *n)
{
    *n = cracks->n_lives;
    return cracks->lives;
}

const struct lct_crack_risk *cracks_risks(const struct cracks *cracks, size_t *n)
{
    *n = cracks->n_risks;
    return cracks->risks;
}
