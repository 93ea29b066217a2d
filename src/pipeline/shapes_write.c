#include "shapes.h"

#include "shape_tables.h"
#include "shapes_plot.h"
#include "tables.h"

#include <lctem/gap.h>
#include <lctem/stats.h>

#include <math.h>
#include <stdlib.h>

static const double PROFILE_STEP_NM = 0.25, PROFILE_STEP_PX = 2.0;
static const double MIDDLE = 0.5;           /* of a profile: where the rim's usual thickness is that of */
static const double LEAST_RIM_BLURS = 1.0;  /* a rim that is thinner is none */
static const double LEAST_VOID_BLURS = 0.5; /* rims are rough: less is no void */
enum { LEAST_RIM_COLUMNS = 3, LINES = 4 };

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
    double *columns;            /* LINES n_columns: height of the core, what of it is covered, height of the rim, scratch */
    size_t n_columns;
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

/* Width of a profile's columns: a whole number of quarters of a nanometre, one pixel at least. */
double shapes_profile_step_px(const struct shapes *shapes)
{
    const double nm = shapes->movie->scale.nm_per_px;
    return isfinite(nm) ? PROFILE_STEP_NM * ceil(nm / PROFILE_STEP_NM - 1e-9) / nm : PROFILE_STEP_PX;
}

/* Columns whose rim reaches farther out than that of the facet's middle stand over a void, which the outline of the core
 * does not know. A thin void below the whole facet is not told from a thicker rim. */
static void look_below_rim(
    double *core, double *whole, const struct shapes *s, const struct lct_facet_columns *columns)
{
    const double blur = s->params.blur_px, half = 0.5 * MIDDLE * (double)columns->n * columns->step_px;
    const double middle = columns->from_px + 0.5 * (double)columns->n * columns->step_px;
    double *const rim = whole + columns->n; /* n: thickness where the facet has one */
    size_t n = 0;
    for (size_t i = 0; i < columns->n; i++) {
        const double t = columns->from_px + ((double)i + 0.5) * columns->step_px, thick = whole[i] - core[i];
        if (fabs(t - middle) < half && thick > LEAST_RIM_BLURS * blur)
            rim[n++] = thick;
    }
    if (n < LEAST_RIM_COLUMNS)
        return;
    const double usual = lct_stats_median(rim, n);
    for (size_t i = 0; i < columns->n; i++)
        if (whole[i] - usual - core[i] > LEAST_VOID_BLURS * blur)
            core[i] = lct_void_core_edge_px(&s->plan->levels, blur, whole[i] - usual, core[i]);
}

/* The outline's shape at the height that the picture across the edge gives (`raised_px` above the outline's own).
 * Columns are centred on multiples of the step, so that their places are the same in all frames; none reaches into a
 * corner. */
static enum lct_status write_profile(struct writing *w, const struct shapes *s, const struct shapes_view *view,
    int facet, double raised_px, struct lct_err *err)
{
    const struct lct_facet_edge *edge = &record_of(slot_of(w, view->k), view->k, view->particle)->edges[facet];
    const double step = shapes_profile_step_px(s), corner = s->params.blur_px;
    const double first = ceil((edge->start_px + corner) / step + 0.5),
                 last = floor((edge->end_px - corner) / step - 0.5);
    if (!(last >= first))
        return LCT_OK;
    const size_t n = (size_t)(last - first) + 1;
    if (n > w->n_columns) {
        double *more = realloc(w->columns, LINES * n * sizeof *more);
        if (!more)
            return lct_fail(err, LCT_E_LIMIT, "no memory for a profile of %zu columns", n);
        w->columns = more;
        w->n_columns = n;
    }
    const struct lct_facet_set *set = &view->particle->set;
    const struct lct_facet_columns columns = {
        .from_px = (first - 0.5) * step, .step_px = step, .n = n, .floor_px = lct_facet_floor(set, facet, view->core)
    };
    lct_facet_profile(set, facet, view->whole, &columns, w->columns + n, w->columns + 2 * n);
    lct_facet_profile(set, facet, view->core, &columns, w->columns + n, w->columns);
    if (s->plan->levels.has_shell)
        look_below_rim(w->columns, w->columns + 2 * n, s, &columns);
    const struct shape_place place = place_of(s, view->k, view->particle);
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < n; i++) {
        const double x_px = (first + (double)i) * step, height_px = w->columns[i] + raised_px;
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
    e.height_px = shapes_series_at(&series, (double)w->lag, shapes_frames_in_mean(s->plan, w->emitted), &gain);
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

static enum lct_status write_view(struct shapes *s, void *context, const struct shapes_view *view, struct lct_err *err)
{
    struct writing *w = context;
    const struct shapes_particle *p = view->particle;
    const struct lct_edge_error error = shapes_edge_error(s, view->k, LCT_CORE);
    enum lct_status status = advance(s, w, view->k, err);
    if (status != LCT_OK)
        return status;
    struct record *r = new_record(w, view->k);
    if (!r)
        return lct_fail(err, LCT_E_LIMIT, "no memory for the facets of a frame");
    *r = (struct record){ .k = view->k, .particle = view->particle, .flags = view->flags };
    lct_facet_measure(&p->set, view->core, &s->params, &error, r->edges);
    double outline_px[LCT_FACET_MAX];
    for (int i = 0; i < p->set.n; i++)
        outline_px[i] = r->edges[i].height_px;
    shapes_refine(s, view, r->edges);
    const struct cracks_view rim_view = { .k = view->k,
        .set = &p->set,
        .edges = r->edges,
        .inner = error,
        .outer = shapes_edge_error(s, view->k, LCT_SHELL) };
    if (s->plots)
        status = shapes_plots_view(s->plots, view, err);
    if (status == LCT_OK)
        status = cracks_visit(s->cracks, &rim_view, r->rims, err);
    for (int i = 0; status == LCT_OK && i < p->set.n; i++)
        if (r->edges[i].present)
            status = write_profile(w, s, view, i, r->edges[i].height_px - outline_px[i], err);
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
        status = shapes_each(shapes, &(struct shapes_walk){ .visit = write_view, .context = &w, .with_bands = true }, err);
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
    free(w.columns);
    return status != LCT_OK ? status : closed != LCT_OK ? closed : also;
}
