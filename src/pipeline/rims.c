#include "rims.h"

#include "result.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* As they lie in the spool, for the same program on the same machine. */
struct packed_head {
    int32_t particle;
    uint32_t n;
    float spacing_px, side_px;
};
struct packed_point {
    float x_px, y_px, liquid, thickness_px, void_px;
};

static double side_of(double core_px2)
{
    return sqrt(core_px2 * 2.0 / (3.0 * sqrt(3.0)));
}

enum lct_status rims_pack(struct sketch *packed, const struct result *result, struct lct_err *err)
{
    size_t need = 0;
    for (size_t i = 0; i < result->n_particles; i++)
        need += sizeof(struct packed_head) + result->rims[i].n * sizeof(struct packed_point);
    if (need > packed->capacity) {
        unsigned char *grown = realloc(packed->bytes, need);
        if (!grown)
            return lct_fail(err, LCT_E_LIMIT, "no memory for the rims of a frame");
        packed->bytes = grown;
        packed->capacity = need;
    }
    packed->n = 0;
    for (size_t i = 0; i < result->n_particles; i++) {
        const struct lct_rim *rim = &result->rims[i];
        const struct packed_head head = { .particle = result->particles[i].id,
            .n = (uint32_t)rim->n,
            .spacing_px = (float)rim->spacing_px,
            .side_px = (float)side_of(result->rows[i].core_px2) };
        memcpy(packed->bytes + packed->n, &head, sizeof head);
        packed->n += sizeof head;
        for (size_t k = 0; k < rim->n; k++) {
            const struct lct_rim_point *p = &rim->points[k];
            const struct packed_point point = { (float)p->x_px, (float)p->y_px, (float)p->liquid,
                (float)p->thickness_px, (float)p->void_px };
            memcpy(packed->bytes + packed->n, &point, sizeof point);
            packed->n += sizeof point;
        }
    }
    return LCT_OK;
}

void rims_finish(struct rims *rims)
{
    for (size_t i = 0; i < rims->n; i++)
        lct_rim_finish(&rims->records[i].rim);
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
            .void_px = (double)p.void_px };
    }
    lct_rim_measure_steps(rim);
    return true;
}

enum lct_status rims_unpack(struct rims *out, const struct sketch *packed, struct lct_err *err)
{
    struct rims r = { 0 };
    size_t at = 0;
    r.records = calloc(packed->n / sizeof(struct packed_head) + 1, sizeof *r.records);
    enum lct_status status = r.records ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the rims of a frame");
    while (status == LCT_OK && at < packed->n) {
        struct packed_head head = { 0 };
        const bool whole = packed->n - at >= sizeof head;
        if (whole)
            memcpy(&head, packed->bytes + at, sizeof head);
        if (!whole || head.n > (packed->n - at - sizeof head) / sizeof(struct packed_point)) {
            status = lct_fail(err, LCT_E_INPUT, "the stored rims are damaged; start again with --force");
            break;
        }
        struct rim_record *record = &r.records[r.n++];
        record->particle = head.particle;
        record->side_px = (double)head.side_px;
        record->rim.spacing_px = (double)head.spacing_px;
        at += sizeof head;
        if (!unpack_points(&record->rim, head.n, packed->bytes + at))
            status = lct_fail(err, LCT_E_LIMIT, "no memory for the rims of a frame");
        at += head.n * sizeof(struct packed_point);
    }
    if (status == LCT_OK)
        *out = r;
    else
        rims_finish(&r);
    return status;
}
