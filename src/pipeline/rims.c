#include "rims.h"

#include "movie.h"
#include "plan.h"
#include "result.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* As they lie in the spool, for the same program on the same machine. */
struct packed_head {
    int32_t particle;
    uint32_t n, n_gaps;
    float spacing_px, side_px;
};
struct packed_point {
    float x_px, y_px, liquid, thickness_px, void_px, fringe[2];
};

static double side_of(double core_px2)
{
    return sqrt(core_px2 * 2.0 / (3.0 * sqrt(3.0)));
}

struct rims_sample rims_sample_of(const struct plan *plan, const struct movie *movie)
{
    const struct lct_scale *scale = &movie->scale;
    const bool scaled = isfinite(scale->nm_per_px) && isfinite(scale->nm_per_px_y);
    return (struct rims_sample){ .x_px = movie->roi.x_px,
        .y_px = movie->roi.y_px,
        .stretch = scaled ? scale->nm_per_px_y / scale->nm_per_px : 1.0,
        .blur_px = plan->levels.blur_px * plan->bin };
}

static void to_sample(struct lct_rim *rim, const struct rims_sample *sample)
{
    for (size_t k = 0; k < rim->n; k++) {
        rim->points[k].x_px += sample->x_px;
        rim->points[k].y_px = (rim->points[k].y_px + sample->y_px) * sample->stretch;
    }
    lct_rim_measure_steps(rim);
}

static bool reserve(struct sketch *packed, size_t more)
{
    if (more <= packed->capacity - packed->n)
        return true;
    const size_t need = 2 * (packed->n + more);
    unsigned char *grown = realloc(packed->bytes, need);
    if (!grown)
        return false;
    packed->bytes = grown;
    packed->capacity = need;
    return true;
}

static void put(struct sketch *packed, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(packed->bytes + packed->n, bytes, n);
    packed->n += n;
}

static bool pack(struct sketch *packed, const struct rim_record *r)
{
    const struct packed_head head = { .particle = r->particle,
        .n = (uint32_t)r->rim.n,
        .n_gaps = (uint32_t)r->n_gaps,
        .spacing_px = (float)r->rim.spacing_px,
        .side_px = (float)r->side_px };
    if (!reserve(packed, sizeof head + r->rim.n * sizeof(struct packed_point) + r->n_gaps * sizeof *r->gaps))
        return false;
    put(packed, &head, sizeof head);
    for (size_t k = 0; k < r->rim.n; k++) {
        const struct lct_rim_point *p = &r->rim.points[k];
        const struct packed_point point = { (float)p->x_px, (float)p->y_px, (float)p->liquid, (float)p->thickness_px,
            (float)p->void_px, { (float)p->fringe[0], (float)p->fringe[1] } };
        put(packed, &point, sizeof point);
    }
    put(packed, r->gaps, r->n_gaps * sizeof *r->gaps);
    return true;
}

enum lct_status rims_pack(
    struct sketch *packed, struct result *result, const struct rims_sample *sample, struct lct_err *err)
{
    const struct lct_gap_params params = lct_gap_defaults();
    packed->n = 0;
    for (size_t i = 0; i < result->n_particles; i++) {
        to_sample(&result->rims[i], sample);
        struct rim_record r = {
            .particle = result->particles[i].id, .side_px = side_of(result->rows[i].core_px2), .rim = result->rims[i]
        };
        enum lct_status status = lct_gaps_find(&r.gaps, &r.n_gaps, &r.rim, sample->blur_px, &params, err);
        if (status == LCT_OK && !pack(packed, &r))
            status = lct_fail(err, LCT_E_LIMIT, "no memory for the rims of a frame");
        free(r.gaps);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

void rims_finish(struct rims *rims)
{
    for (size_t i = 0; i < rims->n; i++) {
        lct_rim_finish(&rims->records[i].rim);
        free(rims->records[i].gaps);
    }
    free(rims->records);
    *rims = (struct rims){ 0 };
}

static bool unpack_points(struct lct_rim *rim, size_t n, const unsigned char *bytes)
{
    if (n == 0)
        return true;
    rim->points = malloc(n * sizeof *rim->points);
    if (!rim->points)
        return false;
    rim->n = n;
    for (size_t k = 0; k < n; k++) {
        struct packed_point p;
        memcpy(&p, bytes + k * sizeof p, sizeof p);
        rim->points[k] = (struct lct_rim_point){ .x_px = (double)p.x_px,
            .y_px = (double)p.y_px,
            .liquid = (double)p.liquid,
            .thickness_px = (double)p.thickness_px,
            .void_px = (double)p.void_px,
            .fringe = { (double)p.fringe[0], (double)p.fringe[1] } };
    }
    lct_rim_measure_steps(rim);
    return true;
}

static bool unpack_gaps(struct rim_record *r, size_t n, const unsigned char *bytes)
{
    if (n == 0)
        return true;
    r->gaps = malloc(n * sizeof *r->gaps);
    if (!r->gaps)
        return false;
    memcpy(r->gaps, bytes, n * sizeof *r->gaps);
    r->n_gaps = n;
    return true;
}

/* The record at `*at`, which is left behind it. */
static enum lct_status unpack(struct rim_record *record, const struct sketch *packed, size_t *at, struct lct_err *err)
{
    struct packed_head head = { 0 };
    const bool headed = packed->n - *at >= sizeof head;
    if (headed)
        memcpy(&head, packed->bytes + *at, sizeof head);
    const size_t points = head.n * sizeof(struct packed_point), gaps = head.n_gaps * sizeof *record->gaps;
    if (!headed || points + gaps > packed->n - *at - sizeof head)
        return lct_fail(err, LCT_E_INPUT, "the stored rims are damaged; start again with --force");
    record->particle = head.particle;
    record->side_px = (double)head.side_px;
    record->rim.spacing_px = (double)head.spacing_px;
    const unsigned char *bytes = packed->bytes + *at + sizeof head;
    *at += sizeof head + points + gaps;
    if (!unpack_points(&record->rim, head.n, bytes) || !unpack_gaps(record, head.n_gaps, bytes + points))
        return lct_fail(err, LCT_E_LIMIT, "no memory for the rims of a frame");
    return LCT_OK;
}

enum lct_status rims_unpack(struct rims *out, const struct sketch *packed, struct lct_err *err)
{
    struct rims r = { 0 };
    r.records = calloc(packed->n / sizeof(struct packed_head) + 1, sizeof *r.records);
    enum lct_status status = r.records ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the rims of a frame");
    for (size_t at = 0; status == LCT_OK && at < packed->n; r.n++)
        status = unpack(&r.records[r.n], packed, &at, err);
    if (status == LCT_OK)
        *out = r;
    else
        rims_finish(&r);
    return status;
}
