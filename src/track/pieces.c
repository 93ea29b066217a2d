#include "pieces.h"

#include <string.h>

static void count_claim(struct piece_claims *p, uint16_t owner, bool core, int32_t pixels)
{
    int k = 0;
    while (k < p->n && p->claim[k].owner != owner)
        k++;
    if (k == TRACK_MAX_CLAIMS)
        return;
    if (k == p->n)
        p->claim[p->n++] = (struct claim){ .owner = owner };
    p->claim[k].pixels += pixels;
    p->claim[k].core += core ? pixels : 0;
}

static bool was_core(const struct lct_track *t, int x, int y)
{
    const int xb = x - t->x_offset + t->x_offset_before, yb = y - t->y_offset + t->y_offset_before;
    if (xb < 0 || yb < 0 || xb >= t->width || yb >= t->height)
        return false;
    return t->phase_before[(size_t)yb * (size_t)t->width + (size_t)xb] == LCT_CORE;
}

/* What the pixels x0 .. x1 of row y, all of one piece, were in the frame before. */
static void claim_run(const struct lct_track *t, int x0, int x1, int y, struct piece_claims *claims)
{
    const int dx = t->x_offset_before - t->x_offset, yb = y + t->y_offset_before - t->y_offset;
    if (yb < 0 || yb >= t->height)
        return;
    const int from = x0 + dx > 0 ? x0 + dx : 0, end = x1 + dx + 1 < t->width ? x1 + dx + 1 : t->width;
    const uint16_t *owner = t->owner_before + (size_t)yb * (size_t)t->width;
    const uint8_t *phase = t->phase_before + (size_t)yb * (size_t)t->width;
    for (int x = from, next; x < end; x = next) {
        const uint16_t o = owner[x];
        const bool core = phase[x] == LCT_CORE;
        for (next = x + 1; next < end && owner[next] == o && (phase[next] == LCT_CORE) == core;)
            next++;
        if (o && track_body(t, o)->alive)
            count_claim(claims, o, core, next - x);
    }
}

/* Label the pieces of strong core in t->piece_of, with what they were in the frame before; leaves core and weak places as the
 * first two masks of t->work. */
static int label_pieces(struct lct_track *t, const uint8_t *phase, const uint8_t *weak, struct piece_claims *claims)
{
    const size_t n = lct_mask_words(t->width) * (size_t)t->height;
    uint64_t *const core = t->work.bits[0], *const thin = t->work.bits[1], *const strong = t->work.bits[2];
    lct_mask_pack_equal(&t->work, phase, LCT_CORE, core);
    lct_mask_pack(&t->work, weak, thin);
    for (size_t i = 0; i < n; i++)
        strong[i] = core[i] & ~thin[i];
    const int count = lct_mask_label(&t->work, strong, t->pieces, TRACK_MAX_PIECES);
    memset(claims, 0, (size_t)count * sizeof *claims);
    for (size_t i = 0; i < t->work.n_runs; i++) {
        const struct lct_mask_run *r = &t->work.runs[i];
        const size_t at = (size_t)r->y * (size_t)t->width + (size_t)r->x0;
        const int32_t k = t->work.label[at];
        if (!k)
            continue;
        claims[k - 1].somewhere = at;
        claim_run(t, r->x0, r->x1, r->y, &claims[k - 1]);
    }
    int32_t *labels = t->work.label; /* kept, while the other plane takes the labels of what follows */
    t->work.label = t->piece_of;
    t->piece_of = labels;
    return count;
}

int track_find_pieces(struct lct_track *t, const uint8_t *phase, const uint8_t *weak, struct piece_claims *claims)
{
    const size_t n = (size_t)t->width * (size_t)t->height;
    const int count = label_pieces(t, phase, weak, claims);
    uint64_t *const core = t->work.bits[0], *const thin = t->work.bits[1], *const matter = t->work.bits[2];
    lct_mask_label(&t->work, core, NULL, TRACK_MAX_PIECES);
    for (int k = 0; k < count; k++)
        claims[k].whole = t->work.label[claims[k].somewhere];
    lct_mask_pack(&t->work, phase, matter);
    for (size_t i = 0; i < lct_mask_words(t->width) * (size_t)t->height; i++)
        matter[i] &= ~thin[i];
    lct_mask_label(&t->work, matter, NULL, TRACK_MAX_PIECES);
    for (int k = 0; k < count; k++)
        claims[k].region = t->work.label[claims[k].somewhere];
    memset(t->owner, 0, n * sizeof *t->owner);
    if (t->has_barrier)
        memset(t->barrier, 0, n);
    t->has_barrier = false;
    return count;
}

int track_strongest_claim(const struct piece_claims *p)
{
    int best = -1;
    for (int k = 0; k < p->n; k++)
        if (best < 0 || p->claim[k].core > p->claim[best].core
            || (p->claim[k].core == p->claim[best].core && p->claim[k].pixels > p->claim[best].pixels))
            best = k;
    return best;
}

void track_paint_piece(struct lct_track *t, const struct lct_piece *piece, int32_t label, uint16_t owner, bool shared)
{
    for (int y = piece->y0; y <= piece->y1; y++)
        for (int x = piece->x0; x <= piece->x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            if (t->piece_of[i] != label)
                continue;
            const uint16_t before = shared ? track_owner_before(t, x, y) : 0;
            t->owner[i] = shared ? (before && was_core(t, x, y) && track_body(t, before)->alive ? before : 0) : owner;
        }
}

double track_border_ratio(const struct lct_track *t, const struct lct_piece *piece, int32_t label,
    const struct lct_image *plane, const struct lct_levels *levels)
{
    double sum = 0.0, n = 0.0;
    for (int y = piece->y0; y < piece->y1; y++)
        for (int x = piece->x0; x < piece->x1; x++) {
            const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            if (t->piece_of[i] != label)
                continue;
            const size_t next[2] = { i + 1, i + (size_t)t->width };
            for (int k = 0; k < 2; k++)
                if (t->piece_of[next[k]] == label && t->owner[i] && t->owner[next[k]]
                    && t->owner[i] != t->owner[next[k]]) {
                    sum += 0.5 * ((double)plane->px[i] + (double)plane->px[next[k]]);
                    n += 1.0;
                }
        }
    return n > 0.0 ? (sum / n - levels->core) / (lct_levels_edge(levels, LCT_CORE, LCT_LIQUID) - levels->core) : 1.0;
}

void track_settle_piece(struct lct_track *t, const struct lct_piece *piece, int32_t label)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (int y = piece->y0; y <= piece->y1; y++)
            for (int x = piece->x0; x <= piece->x1; x++) {
                const size_t i = (size_t)y * (size_t)t->width + (size_t)x;
                if (t->piece_of[i] != label || t->owner[i])
                    continue;
                uint16_t o = 0;
                if (x > piece->x0 && t->piece_of[i - 1] == label)
                    o = t->owner[i - 1];
                if (!o && y > piece->y0 && t->piece_of[i - (size_t)t->width] == label)
                    o = t->owner[i - (size_t)t->width];
                if (!o && x < piece->x1 && t->piece_of[i + 1] == label)
                    o = t->owner[i + 1];
                if (!o && y < piece->y1 && t->piece_of[i + (size_t)t->width] == label)
                    o = t->owner[i + (size_t)t->width];
                if (o) {
                    t->owner[i] = o;
                    changed = true;
                }
            }
    }
}
