#include <lctem/segment.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PIECES = 4096, PROFILE = 16 }; /* PROFILE: px on either side of a supposed gap */
static const double WEAK_SHARE = 0.2,
                    WEAK_SIGMAS = 3.0; /* how much paler than the core's level a gap must look by itself */
static const double SHELL_BLURS = 2.0; /* so near to a shell, a core is paler by the blur of its edge */
static const double PART_SHARE = 0.2;  /* of a core: a part that a gap may cut off */
static const double VALLEY_SHARE = 0.03,
                    VALLEY_SIGMAS = 5.0; /* how much paler a foreseen gap must be, along all its length */
static const int VALLEY_OFF_PX = 3;      /* how far it may lie from the middle of the later gap */

int lct_segment_weak(const struct lct_image *plane, const struct lct_levels *levels,
    const struct lct_segment_params *params, struct lct_mask_work *work, const uint8_t *phase, uint8_t *weak)
{
    const size_t n = lct_mask_words(work->width) * (size_t)work->height;
    const double edge = lct_levels_edge(levels, LCT_CORE, LCT_LIQUID);
    const double pale = levels->core + fmax(WEAK_SHARE * (1.0 - levels->core), WEAK_SIGMAS * levels->noise_sd);
    uint64_t *const core = work->bits[0], *const shell = work->bits[1], *const wide = work->bits[2],
                    *const near = work->bits[3], *const dark = work->bits[4];
    lct_mask_pack_equal(work, phase, LCT_CORE, core);
    lct_mask_pack_equal(work, phase, LCT_SHELL, shell);
    memcpy(wide, shell, n * sizeof *wide);
    if (levels->has_shell)
        lct_mask_open(work, shell, levels->blur_px, wide); /* spots are no shell */
    lct_mask_dilate(work, wide, SHELL_BLURS * levels->blur_px, near);
    lct_mask_below(work, plane, (float)pale, dark);
    for (size_t i = 0; i < n; i++) {
        const uint64_t spot = shell[i] & ~wide[i], gap = pale < edge ? core[i] & ~dark[i] & ~near[i] : 0;
        shell[i] = spot | gap;
        core[i] &= ~gap;
    }
    lct_mask_unpack(work, shell, weak);
    return lct_mask_keep(work, core, NULL, params->min_core_px);
}

/* Two parts of one core, as they lie in the later frame; 0 where neither is. */
struct parts {
    int width, height;
    uint8_t *side; /* 1, 2 inside the core of this frame; 0: not decided yet, or not of it */
    uint32_t *queue;
};

static size_t at(const struct parts *p, int x, int y)
{
    return (size_t)y * (size_t)p->width + (size_t)x;
}

/* Strong core of a segmented plane: labels in work->label, pieces filled. */
static int label_strong(const struct lct_segmented *s, struct lct_mask_work *work, struct lct_piece *pieces)
{
    for (size_t i = 0; i < lct_image_count(s->plane); i++)
        work->plane[i] = s->phase[i] == LCT_CORE && !s->weak[i];
    lct_mask_pack(work, work->plane, work->bits[0]);
    return lct_mask_label(work, work->bits[0], pieces, MAX_PIECES);
}

/* Which two pieces of the later frame lie in piece `box` of this one: the two that share most pixels; false: no two large ones. */
static bool find_parts(const int32_t *label_now, int32_t piece, const struct lct_piece *box, const int32_t *label_later,
    int width, int height, int dx, int dy, int32_t *shared, int32_t part[2])
{
    memset(shared, 0, (MAX_PIECES + 1) * sizeof *shared);
    for (int y = box->y0; y <= box->y1; y++)
        for (int x = box->x0; x <= box->x1; x++) {
            const int xl = x + dx, yl = y + dy;
            if (label_now[(size_t)y * (size_t)width + (size_t)x] == piece && xl >= 0 && yl >= 0 && xl < width
                && yl < height)
                shared[label_later[(size_t)yl * (size_t)width + (size_t)xl]]++;
        }
    part[0] = part[1] = 0;
    for (int32_t k = 1; k <= MAX_PIECES; k++) {
        if (shared[k] > shared[part[0]] || (part[0] == 0 && shared[k] > 0)) {
            part[1] = part[0];
            part[0] = k;
        } else if (part[1] == 0 ? shared[k] > 0 : shared[k] > shared[part[1]]) {
            part[1] = k;
        }
    }
    return part[0] && part[1] && shared[part[0]] < box->area_px && shared[part[1]] > PART_SHARE * box->area_px;
}

/* Give every pixel of the piece the nearer of the two parts, breadth first from where they are known. */
static void divide(struct parts *p, const int32_t *label_now, int32_t piece, const struct lct_piece *box,
    const int32_t *label_later, int dx, int dy, const int32_t part[2])
{
    uint32_t head = 0, tail = 0;
    memset(p->side, 0, (size_t)p->width * (size_t)p->height);
    for (int y = box->y0; y <= box->y1; y++)
        for (int x = box->x0; x <= box->x1; x++) {
            const int xl = x + dx, yl = y + dy;
            if (label_now[at(p, x, y)] != piece || xl < 0 || yl < 0 || xl >= p->width || yl >= p->height)
                continue;
            const int32_t l = label_later[at(p, xl, yl)];
            p->side[at(p, x, y)] = l == part[0] ? 1 : l == part[1] ? 2 : 0;
            if (p->side[at(p, x, y)])
                p->queue[tail++] = (uint32_t)at(p, x, y);
        }
    const uint32_t w = (uint32_t)p->width, h = (uint32_t)p->height;
    while (head < tail) {
        const uint32_t i = p->queue[head++], x = i % w, y = i / w;
        const uint32_t near[4] = { x > 0 ? i - 1 : i, x < w - 1 ? i + 1 : i, y > 0 ? i - w : i, y < h - 1 ? i + w : i };
        for (int k = 0; k < 4; k++)
            if (label_now[near[k]] == piece && !p->side[near[k]]) {
                p->side[near[k]] = p->side[i];
                p->queue[tail++] = near[k];
            }
    }
}

/* Mean grey by signed distance from the line between the parts; only well inside the core (`inner` in chamfer units). */
struct profile {
    double sum[2 * PROFILE + 1];
    double n[2 * PROFILE + 1];
};

static void measure_profile(struct profile *f, const struct parts *p, const struct lct_piece *box,
    const struct lct_image *plane, const uint16_t *to_line, const uint8_t *inner)
{
    *f = (struct profile){ 0 };
    for (int y = box->y0; y <= box->y1; y++)
        for (int x = box->x0; x <= box->x1; x++) {
            const size_t i = at(p, x, y);
            if (!p->side[i] || !inner[i])
                continue;
            const int d = (to_line[i] + 1) / LCT_CHAMFER_PX;
            if (d > PROFILE)
                continue;
            const int s = PROFILE + (p->side[i] == 1 ? d : -d);
            f->sum[s] += (double)plane->px[i];
            f->n[s] += 1.0;
        }
}

/* Where the valley is and whether it stands out from the scatter beside it. */
static bool find_valley(const struct profile *f, double depth, double blur_px, int *offset)
{
    double mean = 0.0, square = 0.0, n = 0.0, best = -1.0;
    for (int s = 0; s <= 2 * PROFILE; s++) {
        const int d = s - PROFILE;
        if (f->n[s] < 1.0 || abs(d) < VALLEY_OFF_PX + 2.0 * blur_px)
            continue;
        mean += f->sum[s] / f->n[s];
        square += pow(f->sum[s] / f->n[s], 2.0);
        n += 1.0;
    }
    if (n < 6.0)
        return false;
    mean /= n;
    const double sd = sqrt(fmax(0.0, square / n - mean * mean));
    for (int d = -VALLEY_OFF_PX; d <= VALLEY_OFF_PX; d++) {
        const int s = PROFILE + d;
        if (f->n[s] >= 1.0 && f->sum[s] / f->n[s] - mean > best) {
            best = f->sum[s] / f->n[s] - mean;
            *offset = d;
        }
    }
    return best > VALLEY_SHARE * depth && best > VALLEY_SIGMAS * sd;
}

/* Memory of one call. */
struct foresight {
    struct parts parts;
    int32_t *label_now, *label_later, *shared;
    struct lct_piece *now, *later;
    uint8_t *inner;
};

static bool foresight_alloc(struct foresight *f, int width, int height)
{
    const size_t n = (size_t)width * (size_t)height;
    *f = (struct foresight){ .parts = { .width = width, .height = height } };
    f->parts.side = malloc(n);
    f->parts.queue = malloc(n * sizeof *f->parts.queue);
    f->label_now = malloc(n * sizeof *f->label_now);
    f->label_later = malloc(n * sizeof *f->label_later);
    f->shared = malloc((MAX_PIECES + 1) * sizeof *f->shared);
    f->now = malloc(MAX_PIECES * sizeof *f->now);
    f->later = malloc(MAX_PIECES * sizeof *f->later);
    f->inner = malloc(n);
    return f->parts.side && f->parts.queue && f->label_now && f->label_later && f->shared && f->now && f->later
        && f->inner;
}

static void foresight_free(struct foresight *f)
{
    free(f->parts.side);
    free(f->parts.queue);
    free(f->label_now);
    free(f->label_later);
    free(f->shared);
    free(f->now);
    free(f->later);
    free(f->inner);
}

/* Pixels beside the line between the two sides. */
static void mark_line(const struct parts *p, const struct lct_piece *box, uint8_t *line)
{
    memset(line, 0, (size_t)p->width * (size_t)p->height);
    for (int y = box->y0; y <= box->y1; y++)
        for (int x = box->x0; x <= box->x1; x++) {
            const uint8_t s = p->side[at(p, x, y)];
            const uint8_t right = x < box->x1 ? p->side[at(p, x + 1, y)] : 0;
            const uint8_t down = y < box->y1 ? p->side[at(p, x, y + 1)] : 0;
            if (s && ((right && right != s) || (down && down != s)))
                line[at(p, x, y)] = 1;
        }
}

static bool cut_piece(struct foresight *f, const struct lct_segmented *now, const struct lct_piece *box,
    const struct lct_levels *levels, struct lct_mask_work *work)
{
    const struct parts *p = &f->parts;
    const size_t n = (size_t)p->width * (size_t)p->height;
    for (size_t i = 0; i < n; i++)
        work->plane[i] = now->phase[i] != LCT_CORE;
    lct_mask_distance(work, work->plane);
    const double inside = 2.0 * levels->blur_px * LCT_CHAMFER_PX;
    for (size_t i = 0; i < n; i++)
        f->inner[i] = work->distance[i] > inside;
    mark_line(p, box, work->plane);
    lct_mask_distance(work, work->plane);
    struct profile profile;
    measure_profile(&profile, p, box, now->plane, work->distance, f->inner);
    int offset = 0;
    if (!find_valley(&profile, 1.0 - levels->core, levels->blur_px, &offset))
        return false;
    for (int y = box->y0; y <= box->y1; y++)
        for (int x = box->x0; x <= box->x1; x++) {
            const size_t i = at(p, x, y);
            const int d = (work->distance[i] + 1) / LCT_CHAMFER_PX;
            if (p->side[i] && abs((p->side[i] == 1 ? d : -d) - offset) <= 1)
                now->weak[i] = 1;
        }
    return true;
}

bool lct_segment_foresee(const struct lct_segmented *now, const struct lct_segmented *later, int dx, int dy,
    const struct lct_levels *levels, const struct lct_segment_params *params, struct lct_mask_work *work)
{
    struct foresight f;
    const size_t n = lct_image_count(now->plane);
    bool cut = false;
    if (foresight_alloc(&f, now->plane->width, now->plane->height)) {
        label_strong(later, work, f.later);
        memcpy(f.label_later, work->label, n * sizeof *f.label_later);
        const int count = label_strong(now, work, f.now);
        memcpy(f.label_now, work->label, n * sizeof *f.label_now);
        for (int32_t k = 1; k <= count; k++) {
            int32_t part[2];
            if (f.now[k - 1].area_px < 2.0 * params->min_core_px
                || !find_parts(f.label_now, k, &f.now[k - 1], f.label_later, f.parts.width, f.parts.height, dx, dy,
                    f.shared, part))
                continue;
            divide(&f.parts, f.label_now, k, &f.now[k - 1], f.label_later, dx, dy, part);
            cut |= cut_piece(&f, now, &f.now[k - 1], levels, work);
        }
    }
    foresight_free(&f);
    return cut;
}
