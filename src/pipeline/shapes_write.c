#include "shapes.h"

#include "shape_tables.h"
#include "shapes_plot.h"
#include "tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one frame holds of one particle. */
struct record {
    long k;
    struct shapes_particle *particle;
    unsigned flags;
    struct lct_facet_edge edges[LCT_FACET_MAX];
    struct lct_rim_facet rims[LCT_FACET_MAX];
};
struct slot {
    long k;
    struct record *records; /* n */
    size_t n, capacity;
};

struct writing {
    struct lct_table *facets, *profiles;
    struct slot *slots;         /* the last 2 lag + 1 frames: frame k in slot k % n_slots */
    long n_slots, lag, emitted; /* frames below `emitted` are written */
};

static struct shape_place place_of(const struct shapes *s, long k, const struct shapes_particle *particle)
{
    return (struct shape_place){
        .frame = movie_frame(s->movie, k), .time_s = s->plan->frames[k].time_s, .particle = particle->set.particle
    };
}

static struct slot *slot_of(const struct writing *w, long k)
{
    return &w->slots[k % w->n_slots];
}

static const struct record *record_of(const struct slot *slot, long k, const struct shapes_particle *particle)
{
    for (size_t i = 0; slot->k == k && i < slot->n; i++)
        if (slot->records[i].particle == particle)
            return &slot->records[i];
    return NULL;
}

/* The facet's profile of the view, as far as it is known. */
static enum lct_status write_profile(
    struct writing *w, const struct shapes *s, const struct shapes_view *view, int facet, struct lct_err *err)
{
    const struct shapes_seen *seen = view->product;
    const struct shapes_profile *profile = &seen->profiles[facet];
    const struct shape_place place = place_of(s, view->k, view->particle);
    const double step = shapes_profile_step_px(s);
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < profile->n; i++) {
        const double x_px = (double)(profile->first + (long)i) * step, height_px = seen->heights_px[profile->at + i];
        if (!isfinite(height_px))
            continue;
        status =
            shape_tables_write_profile(w->profiles, &place, facet, x_px, height_px, s->movie->scale.nm_per_px, err);
        if (s->plots)
            shapes_plots_profile(s->plots, view, facet, x_px, height_px);
    }
    return status;
}

/* Height of a facet in frame k0 from the frames round it. */
static struct lct_facet_edge smooth_edge(const struct shapes *s, const struct writing *w, const struct record *r, int i)
{
    struct lct_facet_edge e = r->edges[i];
    struct shapes_series series = { .n = 0 };
    for (long k = w->emitted - w->lag; k <= w->emitted + w->lag; k++) {
        const struct record *other = k >= 0 ? record_of(slot_of(w, k), k, r->particle) : NULL;
        if (!other || !other->edges[i].present || !(other->edges[i].noise_sd_px > 0.0))
            continue;
        series.x[series.n] = (double)(k - w->emitted);
        series.y[series.n] = other->edges[i].height_px;
        series.sd[series.n++] = other->edges[i].noise_sd_px;
    }
    if (series.n < 3)
        return e;
    double gain;
    e.height_px = shapes_series_at(&series, (double)w->lag, plan_frames_in_mean(s->plan, w->emitted), &gain);
    const double still = sqrt(fmax(0.0, e.height_sd_px * e.height_sd_px - e.noise_sd_px * e.noise_sd_px));
    e.noise_sd_px *= gain;
    e.height_sd_px = hypot(still, e.noise_sd_px);
    return e;
}

/* Layers that have come or gone by this frame. */
static enum lct_status write_layers(
    struct shapes *s, const struct record *r, int i, const struct facet_row *row, struct lct_err *err)
{
    struct shapes_particle *p = r->particle;
    const struct lct_facet *f = &p->set.facet[i];
    const double nm = s->movie->scale.nm_per_px, middle = 0.5 * (row->start_px + row->end_px);
    const double x = p->set.x_px + row->height_px * f->nx - middle * f->ny;
    const double y = p->set.y_px + row->height_px * f->ny + middle * f->nx;
    const double layer_px = p->spacing_nm[i] / nm;
    struct lct_layer_step step;
    enum lct_status status = LCT_OK;
    const double time_s = s->plan->frames[r->k].time_s;
    while (status == LCT_OK && s->events && lct_layer_follow(&p->layers[i], time_s, row->layers, &step)) {
        long k = r->k;
        while (k > 0 && s->plan->frames[k].time_s > step.time_s)
            k--;
        const struct event_row event = { .name = step.sign > 0 ? "layer_added" : "layer_removed",
            .frame = movie_frame(s->movie, k),
            .time_s = step.time_s,
            .particle = p->set.particle,
            .facet = i,
            .x_nm = x * nm,
            .y_nm = y * nm,
            .size_nm = 2.0 * sqrt((row->end_px - row->start_px) * layer_px / M_PI) * nm,
            .duration_s = step.duration_s,
            .score = erf(0.25 * layer_px / row->height_sd_px) };
        status = tables_write_event_row(s->events, &event, err);
        s->n_events++;
    }
    return status;
}

static enum lct_status emit_record(struct shapes *s, struct writing *w, const struct record *r, struct lct_err *err)
{
    struct shapes_particle *p = r->particle;
    const struct shape_place place = place_of(s, w->emitted, p);
    const double nm = s->movie->scale.nm_per_px;
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < p->set.n; i++) {
        struct facet_row row = { .facet = i,
            .angle_deg = p->set.facet[i].angle_deg,
            .height_px = (double)NAN,
            .height_sd_px = (double)NAN,
            .start_px = (double)NAN,
            .end_px = (double)NAN,
            .shell_thickness_px = r->rims[i].thickness_px,
            .shell_thickness_sd_px = r->rims[i].thickness_sd_px,
            .exposed_frac = r->rims[i].exposed_frac,
            .shell_layers = r->rims[i].layers,
            .fringe_snr = r->rims[i].fringe_snr,
            .order = r->rims[i].order,
            .hkil = p->hkil[i][0] ? p->hkil[i] : NULL,
            .border = r->flags & SKETCH_BORDER,
            .contact = r->flags & SKETCH_CONTACT };
        if (r->edges[i].present) {
            const struct lct_facet_edge e = smooth_edge(s, w, r, i);
            row.height_px = e.height_px;
            row.height_sd_px = e.height_sd_px;
            row.start_px = e.start_px;
            row.end_px = e.end_px;
            if (isnan(p->first_height_px[i]))
                p->first_height_px[i] = e.height_px;
        }
        row.change_px = row.height_px - p->first_height_px[i];
        row.layers = row.change_px * nm / p->spacing_nm[i];
        status = shape_tables_write_facet(w->facets, &place, &row, nm, err);
        if (status == LCT_OK)
            status = write_layers(s, r, i, &row, err);
    }
    return status;
}

/* Frame k is the next to come in: those that lie `lag` before it have all their neighbours. */
static enum lct_status advance(struct shapes *s, struct writing *w, long k, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (; status == LCT_OK && w->emitted + w->lag < k; w->emitted++) {
        const struct slot *slot = w->emitted >= 0 ? slot_of(w, w->emitted) : NULL;
        for (size_t i = 0; slot && slot->k == w->emitted && status == LCT_OK && i < slot->n; i++)
            status = emit_record(s, w, &slot->records[i], err);
    }
    return status;
}

static struct record *new_record(struct writing *w, long k)
{
    struct slot *slot = slot_of(w, k);
    if (slot->k != k)
        slot->n = 0;
    slot->k = k;
    if (slot->n == slot->capacity) {
        const size_t more = slot->capacity ? 2 * slot->capacity : 4;
        struct record *grown = realloc(slot->records, more * sizeof *grown);
        if (!grown)
            return NULL;
        slot->records = grown;
        slot->capacity = more;
    }
    return &slot->records[slot->n++];
}

/* Take out what stands where a facet was and is not it: rounded corners. */
static void judge_edges(const struct shapes *s, const struct shapes_view *view)
{
    struct shapes_particle *p = view->particle;
    struct shapes_seen *seen = view->product;
    const double least_px = lct_facet_least_edge_px(&s->params);
    const struct lct_facet_life_params params = lct_facet_life_defaults(least_px, (double)shapes_lag(s));
    for (int i = 0; i < p->set.n; i++) {
        struct lct_facet_edge *e = &seen->edges[i];
        const struct lct_facet_sighting sighting = { .time = (double)view->k,
            .height = e->height_px,
            .height_sd = e->noise_sd_px,
            .length = e->end_px - e->start_px };
        if (!e->present || lct_facet_life_follow(&p->lives[i], &params, &sighting))
            continue;
        *e = lct_facet_absent_edge(e->height_px);
        seen->profiles[i].n = 0;
    }
}

static enum lct_status write_view(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    struct writing *w = context;
    const struct shapes_particle *p = view->particle;
    const struct shapes_seen *seen = view->product;
    enum lct_status status = advance(s, w, view->k, err);
    if (status != LCT_OK)
        return status;
    judge_edges(s, view);
    struct record *r = new_record(w, view->k);
    if (!r)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the facets of a frame");
    *r = (struct record){ .k = view->k, .particle = view->particle, .flags = view->flags };
    memcpy(r->edges, seen->edges, sizeof r->edges);
    const struct cracks_view rim_view = { .k = view->k,
        .set = &p->set,
        .edges = r->edges,
        .inner = shapes_edge_error(s, view->k, LCT_CORE),
        .outer = shapes_edge_error(s, view->k, LCT_SHELL) };
    if (s->plots)
        status = shapes_plots_view(s->plots, view, err);
    if (status == LCT_OK)
        status = cracks_visit(s->cracks, &rim_view, r->rims, err);
    for (int i = 0; status == LCT_OK && i < p->set.n; i++)
        status = write_profile(w, s, view, i, err);
    return status;
}

enum lct_status shapes_write(struct shapes *shapes, struct lct_err *err)
{
    struct writing w = { .lag = shapes_lag(shapes) };
    w.n_slots = 2 * w.lag + 1;
    w.slots = calloc((size_t)w.n_slots, sizeof *w.slots);
    if (!w.slots)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the facets");
    for (long i = 0; i < w.n_slots; i++)
        w.slots[i].k = -1;
    enum lct_status status = lct_table_create(&w.facets, shapes->dir, &shape_tables_facets, err);
    if (status == LCT_OK)
        status = lct_table_create(&w.profiles, shapes->dir, &shape_tables_profiles, err);
    if (status == LCT_OK)
        status = shapes_each(shapes,
            &(struct shapes_walk){ .visit = write_view,
                .context = &w,
                .with_bands = true,
                .work = shapes_see,
                .product_size = sizeof(struct shapes_seen),
                .product_finish = shapes_seen_finish },
            err);
    if (status == LCT_OK)
        status = advance(shapes, &w, shapes->plan->n + w.lag, err);
    if (status == LCT_OK)
        status = cracks_end(shapes->cracks, err);
    struct lct_err ignored;
    const enum lct_status closed = lct_table_close(&w.facets, status == LCT_OK ? err : &ignored);
    const enum lct_status also = lct_table_close(&w.profiles, status == LCT_OK && closed == LCT_OK ? err : &ignored);
    for (long i = 0; i < w.n_slots; i++)
        free(w.slots[i].records);
    free(w.slots);
    return status != LCT_OK ? status : closed != LCT_OK ? closed : also;
}
