#include "shapes.h"

#include <lctem/parallel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Frames come from the spool in order, are unpacked and worked on by all threads, and visited in order again, all at once. */
enum { ITEMS = 16 };

struct item {
    long k;
    bool wanted;
    struct sketch packed;
    struct sketch_shapes frame;
    char *products; /* walk->product_size for each particle; kept for the next frame */
    size_t n_products;
};

struct walking {
    struct shapes *shapes;
    const struct shapes_walk *walk;
    struct item items[ITEMS]; /* frame k is in item k % ITEMS */
};

static struct shapes_particle *known(const struct shapes *s, int id)
{
    return id <= s->n_particles ? s->particles[id - 1] : NULL;
}

static struct shapes_particle *particle_of(struct shapes *s, int id)
{
    if (id > s->n_particles) {
        struct shapes_particle **more = realloc(s->particles, (size_t)id * sizeof *more);
        if (!more)
            return NULL;
        for (int i = s->n_particles; i < id; i++)
            more[i] = NULL;
        s->particles = more;
        s->n_particles = id;
    }
    struct shapes_particle **p = &s->particles[id - 1];
    if (!*p) {
        *p = calloc(1, sizeof **p);
        for (int i = 0; *p && i < LCT_FACET_MAX; i++)
            (*p)->first_height_px[i] = (*p)->spacing_nm[i] = (double)NAN;
        if (*p)
            (*p)->set.particle = id;
    }
    return *p;
}

static void to_sample(const struct shapes *s, long k, struct lct_outline *o)
{
    const struct plan_frame *f = &s->plan->frames[k];
    for (size_t r = 0; r < o->n_rings; r++)
        for (size_t i = 0; i < o->rings[r].n; i++) {
            o->rings[r].x_px[i] += s->movie->roi.x_px - f->dx_px;
            o->rings[r].y_px[i] = (o->rings[r].y_px[i] + s->movie->roi.y_px - f->dy_px) * s->aspect;
        }
}

static struct shapes_view view_of(const struct item *item, size_t i, size_t product_size)
{
    return (struct shapes_view){ .k = item->k,
        .core = &item->frame.outlines[2 * i],
        .whole = &item->frame.outlines[2 * i + 1],
        .band = &item->frame.bands[i],
        .flags = item->frame.flags[i],
        .product = item->products ? item->products + i * product_size : NULL };
}

static bool room_for_products(struct item *item, size_t n, size_t size)
{
    if (n <= item->n_products)
        return true;
    char *more = realloc(item->products, n * size);
    if (!more)
        return false;
    memset(more + item->n_products * size, 0, (n - item->n_products) * size);
    item->products = more;
    item->n_products = n;
    return true;
}

/* The next frame, packed as it lies in the spool. */
static enum lct_status fetch(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)worker;
    struct walking *w = context;
    struct item *item = &w->items[k % ITEMS];
    item->k = (long)k;
    item->wanted = !w->walk->wants || w->walk->wants(w->shapes, item->k);
    return spool_next(w->shapes->spool, &item->packed, err);
}

static enum lct_status prepare(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)worker;
    struct walking *w = context;
    struct item *item = &w->items[k % ITEMS];
    const struct shapes *s = w->shapes;
    const struct shapes_walk *walk = w->walk;
    if (!item->wanted)
        return LCT_OK;
    enum lct_status status =
        sketch_unpack(&item->frame, &item->packed, walk->with_bands, movie_frame(s->movie, item->k), err);
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; i < 2 * item->frame.n; i++)
        to_sample(s, item->k, &item->frame.outlines[i]);
    if (!walk->work)
        return LCT_OK;
    if (!room_for_products(item, item->frame.n, walk->product_size))
        return lct_fail(err, LCT_E_LIMIT, "no memory for the facets of %zu particles", item->frame.n);
    for (size_t i = 0; status == LCT_OK && i < item->frame.n; i++) {
        struct shapes_view view = view_of(item, i, walk->product_size);
        view.particle = known(s, item->frame.labels[i].particle);
        if (view.particle) /* all are, after a first walk */
            status = walk->work(s, &view, err);
    }
    return status;
}

static enum lct_status visit(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)worker;
    struct walking *w = context;
    struct item *item = &w->items[k % ITEMS];
    enum lct_status status = LCT_OK;
    for (size_t i = 0; item->wanted && status == LCT_OK && i < item->frame.n; i++) {
        struct shapes_view view = view_of(item, i, w->walk->product_size);
        view.particle = particle_of(w->shapes, item->frame.labels[i].particle);
        status = view.particle ? w->walk->visit(w->shapes, w->walk->context, &view, err)
                               : lct_fail(err, LCT_E_LIMIT, "no memory for the facets");
    }
    sketch_shapes_finish(&item->frame);
    const long done = item->k + 1, n = w->shapes->plan->n;
    if (status == LCT_OK && (done % ITEMS == 0 || done == n))
        status = lct_progress_step(w->shapes->progress, "facets", done, n, err);
    return status;
}

static void finish(struct walking *w)
{
    for (size_t i = 0; i < ITEMS; i++) {
        struct item *item = &w->items[i];
        for (size_t p = 0; w->walk->product_finish && p < item->n_products; p++)
            w->walk->product_finish(item->products + p * w->walk->product_size);
        free(item->products);
        sketch_shapes_finish(&item->frame); /* of a walk that was broken off */
        sketch_finish(&item->packed);
    }
}

enum lct_status shapes_each(struct shapes *shapes, const struct shapes_walk *walk, struct lct_err *err)
{
    struct walking w = { .shapes = shapes, .walk = walk };
    const struct lct_steps steps = { .before = fetch, .each = prepare, .after = visit, .room = ITEMS };
    spool_rewind(shapes->spool);
    const enum lct_status status = lct_parallel_steps(shapes->threads, (size_t)shapes->plan->n, &steps, &w, err);
    finish(&w);
    return status;
}
