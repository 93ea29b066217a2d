#include <lctem/edge_profile.h>
#include <lctem/parallel.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HALF = 40,
    SAMPLES = 2 * HALF + 1,
    NORMAL_PX = 6,
    MIN_PROFILES = 200,
    FINE = 10,
    SOFT_STEPS = 42,
    MAX_RADIUS_PX = 40
};
static const double STEP_PX = 0.5;          /* between samples of a profile */
static const double SIDE_BLURS = 4.0;       /* of one phase on either side of the edge, so much enters the fit */
static const double OTHER_EDGE_BLURS = 2.0; /* how far the blur of the next edge reaches into a shell */
static const double CLOSE_PX = 2.0;         /* nearer to the edge the phase of a pixel is chance */
static const double STRAIGHT_BLURS = 4.0;   /* to either side along the edge: nearer, a corner bends the profile */
static const double SOFT_BLURS = 0.05;      /* between the softnesses that are tried */
static const double LEAST_MISFIT = 1e-3;    /* of the step: smaller ones are equally good */
static const double SAMPLING_VARIANCE_PX2 =
    1.0 / 12.0 + 1.0 / 6.0; /* pixels are means, profiles straight lines between them */
static const double MAX_OFFSET_BLURS = 0.4, MAX_MISFIT = 0.03,
                    MAX_LEVEL_SHARE = 0.3; /* beyond: not the edge of the model */

static const enum lct_phase PAIRS[LCT_EDGE_KINDS][2] = { [LCT_EDGE_CORE_LIQUID] = { LCT_CORE, LCT_LIQUID },
    [LCT_EDGE_CORE_SHELL] = { LCT_CORE, LCT_SHELL },
    [LCT_EDGE_SHELL_LIQUID] = { LCT_SHELL, LCT_LIQUID } };

/* Sums over profiles along the outward normal, centred where the plane crosses the edge's grey. */
struct profile_sum {
    double sum[SAMPLES];
    long n;
    double straight_sum[SAMPLES]; /* of those far from corners */
    long n_straight;
    int samples_in, samples_out;      /* of the fit, from the edge on */
    double depth_in_px, depth_out_px; /* of one phase that must be there */
    double straight_px;
};

/* What one plane is looked at with. */
struct view {
    const struct lct_image *plane;
    const uint8_t *phase;
    enum lct_phase inner, outer;
    double edge;
};

static uint8_t phase_at(const struct view *v, double x, double y)
{
    return v->phase[(size_t)lround(y) * (size_t)v->plane->width + (size_t)lround(x)];
}

static double grey_at(const struct view *v, double x, double y)
{
    const int ix = (int)x, iy = (int)y;
    const double fx = x - ix, fy = y - iy;
    const float *p = v->plane->px + (size_t)iy * (size_t)v->plane->width + (size_t)ix;
    const size_t w = (size_t)v->plane->width;
    return (1.0 - fy) * ((1.0 - fx) * (double)p[0] + fx * (double)p[1])
        + fy * ((1.0 - fx) * (double)p[w] + fx * (double)p[w + 1]);
}

/* Outward normal from where the inner phase lies in a disc round the pixel. */
static bool find_normal(const struct view *v, int x, int y, double normal[2])
{
    double sx = 0.0, sy = 0.0;
    for (int dy = -NORMAL_PX; dy <= NORMAL_PX; dy++)
        for (int dx = -NORMAL_PX; dx <= NORMAL_PX; dx++) {
            if (dx * dx + dy * dy > NORMAL_PX * NORMAL_PX)
                continue;
            const uint8_t p = v->phase[(size_t)(y + dy) * (size_t)v->plane->width + (size_t)(x + dx)];
            const bool inside = v->outer == LCT_LIQUID ? p != LCT_LIQUID : p == v->inner;
            sx -= inside * dx;
            sy -= inside * dy;
        }
    const double length = hypot(sx, sy);
    if (length <= 0.0)
        return false;
    normal[0] = sx / length;
    normal[1] = sy / length;
    return true;
}

static bool is_clear(const struct view *v, const struct profile_sum *s, double x, double y, const double n[2])
{
    for (double u = CLOSE_PX; u <= s->depth_in_px; u += 1.0)
        if (phase_at(v, x - u * n[0], y - u * n[1]) != v->inner)
            return false;
    for (double u = CLOSE_PX; u <= s->depth_out_px; u += 1.0)
        if (phase_at(v, x + u * n[0], y + u * n[1]) != v->outer)
            return false;
    return true;
}

/* Does the edge go on along its tangent to either side? */
static bool is_straight(const struct view *v, const struct profile_sum *s, double x, double y, const double n[2])
{
    for (int side = -1; side <= 1; side += 2) {
        const double xt = x - side * s->straight_px * n[1], yt = y + side * s->straight_px * n[0];
        if (phase_at(v, xt - CLOSE_PX * n[0], yt - CLOSE_PX * n[1]) != v->inner
            || phase_at(v, xt + CLOSE_PX * n[0], yt + CLOSE_PX * n[1]) != v->outer)
            return false;
    }
    return true;
}

/* The profile through the edge between an inner pixel and its outer neighbour one step (dx, dy) on. */
static void add_profile(struct profile_sum *s, const struct view *v, int x, int y, int dx, int dy)
{
    const double room = MAX_RADIUS_PX + 2.0;
    double normal[2];
    if (x < room || y < room || x >= v->plane->width - room || y >= v->plane->height - room
        || !find_normal(v, x, y, normal))
        return;
    const double a = grey_at(v, x, y), b = grey_at(v, x + dx, y + dy), u = (v->edge - a) / (b - a);
    if (!(u >= 0.0 && u <= 1.0))
        return;
    const double x0 = x + u * dx, y0 = y + u * dy;
    if (!is_clear(v, s, x0, y0, normal))
        return;
    const bool straight = is_straight(v, s, x0, y0, normal);
    for (int i = HALF - s->samples_in; i <= HALF + s->samples_out; i++) {
        const double d = (i - HALF) * STEP_PX, grey = grey_at(v, x0 + d * normal[0], y0 + d * normal[1]);
        s->sum[i] += grey;
        s->straight_sum[i] += straight ? grey : 0.0;
    }
    s->n++;
    s->n_straight += straight;
}

static void add_plane(struct profile_sum *s, const struct view *v)
{
    const int w = v->plane->width, h = v->plane->height;
    for (int y = 1; y < h - 1; y++)
        for (int x = 1; x < w - 1; x++) {
            const uint8_t *p = v->phase + (size_t)y * (size_t)w + (size_t)x;
            if (*p != v->inner)
                continue;
            if (p[1] == v->outer)
                add_profile(s, v, x, y, 1, 0);
            if (p[-1] == v->outer)
                add_profile(s, v, x, y, -1, 0);
            if (p[w] == v->outer)
                add_profile(s, v, x, y, 0, 1);
            if (p[-w] == v->outer)
                add_profile(s, v, x, y, 0, -1);
        }
}

/* The model's step from 0 inside to 1 outside at distances i * STEP_PX / FINE from the edge: soft in thickness, seen through the
 * exponential of transmission (depth: log of the ratio of levels; 0: seen as it is), then smoothed. */
enum { MODEL_HALF = 2 * HALF * FINE, MODEL = 2 * MODEL_HALF + 1, KERNEL = 1200 };
struct step_model {
    double soft[MODEL], step[MODEL], weight[KERNEL + 1];
};

static void make_model(struct step_model *m, double softness_px, double smoothing_px, double depth)
{
    const double pitch = STEP_PX / FINE;
    for (int i = 0; i < MODEL; i++) {
        const double inside = 0.5 * erfc((i - MODEL_HALF) * pitch / (sqrt(2.0) * softness_px));
        m->soft[i] = depth > 0.0 ? 1.0 - expm1(-depth * inside) / expm1(-depth) : 1.0 - inside;
    }
    int reach = (int)ceil(4.0 * smoothing_px / pitch);
    reach = reach > KERNEL ? KERNEL : reach;
    double sum = 0.0;
    for (int k = 0; k <= reach; k++) {
        m->weight[k] = exp(-0.5 * pow(k * pitch / smoothing_px, 2.0));
        sum += k ? 2.0 * m->weight[k] : 1.0;
    }
    for (int i = 0; i < MODEL; i++) {
        double value = m->weight[0] * m->soft[i];
        for (int k = 1; k <= reach; k++)
            value += m->weight[k] * (m->soft[i < k ? 0 : i - k] + m->soft[i + k >= MODEL ? MODEL - 1 : i + k]);
        m->step[i] = value / sum;
    }
}

/* Straight line of the profile against the model's step, the edge at `offset` fine steps; the sum of squares left. */
static double fit_levels(
    const struct profile_sum *s, const struct step_model *m, int offset, double *inner, double *step)
{
    double n = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0, syy = 0.0;
    for (int i = HALF - s->samples_in; i <= HALF + s->samples_out; i++) {
        const double x = m->step[MODEL_HALF + (i - HALF) * FINE - offset], y = s->sum[i] / (double)s->n;
        n += 1.0;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    const double spread = sxx - sx * sx / n;
    *step = (sxy - sx * sy / n) / spread;
    *inner = (sy - *step * sx) / n;
    return fmax(0.0, syy - *inner * sy - *step * sxy) / n;
}

/* The best fit with the softness given. */
static void fit_edge(
    struct lct_edge_profile *out, const struct profile_sum *s, const struct step_model *m, double blur_px)
{
    double best = INFINITY;
    const int most = (int)(1.5 * MAX_OFFSET_BLURS * blur_px / STEP_PX * FINE);
    for (int offset = -most; offset <= most; offset++) {
        double inner, step;
        const double left = fit_levels(s, m, offset, &inner, &step);
        if (left >= best)
            continue;
        best = left;
        *out = (struct lct_edge_profile){ .n = s->n,
            .inner = inner,
            .outer = inner + step,
            .offset_px = offset * STEP_PX / FINE,
            .grey = inner + step * m->step[MODEL_HALF],
            .misfit = sqrt(left) / fabs(step) };
    }
}

static void fit(struct lct_edge_profile *out, const struct profile_sum *s, struct step_model *m, double blur_px,
    double smoothing_px, double depth)
{
    *out = (struct lct_edge_profile){ .misfit = INFINITY };
    for (int k = 1; k <= SOFT_STEPS; k++) {
        struct lct_edge_profile tried;
        const double softness = SOFT_BLURS * k * blur_px;
        make_model(m, softness, smoothing_px, depth);
        fit_edge(&tried, s, m, blur_px);
        if (tried.misfit < out->misfit) {
            *out = tried;
            out->softness_px = softness;
        }
    }
}

/* All edges of a movie are equally soft; layers of a rim that run along its edges make them look sharper or softer, and
 * spoil the fit by as much. */
static double common_softness(const struct lct_edge_profile found[LCT_EDGE_KINDS])
{
    double sum = 0.0, weight = 0.0;
    for (int kind = 0; kind < LCT_EDGE_KINDS; kind++) {
        if (found[kind].n == 0)
            continue;
        const double w = pow(fmax(found[kind].misfit, LEAST_MISFIT), -4.0);
        sum += w * found[kind].softness_px;
        weight += w;
    }
    return weight > 0.0 ? sum / weight : 0.0;
}

static struct profile_sum plan_sum(enum lct_phase inner, enum lct_phase outer, double blur_px)
{
    struct profile_sum s = { .n = 0 };
    const double side_px = fmin(SIDE_BLURS * blur_px, HALF * STEP_PX), shell_px = side_px + OTHER_EDGE_BLURS * blur_px;
    s.samples_in = s.samples_out = (int)(side_px / STEP_PX);
    s.depth_in_px = fmin(inner == LCT_SHELL ? shell_px : side_px, MAX_RADIUS_PX);
    s.depth_out_px = fmin(outer == LCT_SHELL ? shell_px : side_px, MAX_RADIUS_PX);
    s.straight_px = fmin(STRAIGHT_BLURS * blur_px, MAX_RADIUS_PX - CLOSE_PX);
    return s;
}

/* Looking at planes and fitting what they show. Each plane has sums of its own, added up in their order. */
struct learning {
    const struct lct_planes *planes;
    const struct lct_levels *levels;
    const struct lct_segment_params *segment;
    double smoothing_px;
    bool transmitted;
    struct lct_mask_work *work;                 /* threads */
    uint8_t *phase;                             /* threads x pixels */
    struct profile_sum (*seen)[LCT_EDGE_KINDS]; /* planes */
    struct profile_sum sums[LCT_EDGE_KINDS];
    struct step_model *models; /* LCT_EDGE_KINDS */
    struct lct_edge_profile *out;
};

static void learning_finish(struct learning *l)
{
    for (int i = 0; l->work && i < l->planes->threads; i++)
        lct_mask_work_finish(&l->work[i]);
    free(l->work);
    free(l->phase);
    free(l->seen);
    free(l->models);
}

static enum lct_status learning_init(struct learning *l, struct lct_err *err)
{
    const struct lct_image *first = &l->planes->plane[0];
    const size_t threads = (size_t)l->planes->threads;
    l->work = calloc(threads, sizeof *l->work);
    l->phase = malloc(threads * lct_image_count(first));
    l->seen = malloc((size_t)l->planes->n * sizeof *l->seen);
    l->models = malloc(LCT_EDGE_KINDS * sizeof *l->models);
    if (!l->work || !l->phase || !l->seen || !l->models)
        return lct_fail(err, LCT_E_LIMIT, "edge profiles: no memory");
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < threads; i++)
        status = lct_mask_work_init(&l->work[i], first->width, first->height, err);
    return status;
}

static enum lct_status look_at_plane(void *context, size_t k, int worker, struct lct_err *err)
{
    (void)err;
    struct learning *l = context;
    const struct lct_image *plane = &l->planes->plane[k];
    uint8_t *phase = l->phase + (size_t)worker * lct_image_count(plane);
    lct_segment_frame(plane, l->levels, l->segment, &l->work[worker], phase);
    for (int kind = 0; kind < LCT_EDGE_KINDS; kind++) {
        const enum lct_phase inner = PAIRS[kind][0], outer = PAIRS[kind][1];
        const struct view v = { plane, phase, inner, outer, lct_levels_edge(l->levels, inner, outer) };
        l->seen[k][kind] = plan_sum(inner, outer, l->levels->blur_px);
        add_plane(&l->seen[k][kind], &v);
    }
    return LCT_OK;
}

/* All planes together. In noise it is the number of profiles that counts, not the corners. */
static void join(struct learning *l, int kind)
{
    struct profile_sum *all = &l->sums[kind];
    *all = plan_sum(PAIRS[kind][0], PAIRS[kind][1], l->levels->blur_px);
    for (int k = 0; k < l->planes->n; k++) {
        const struct profile_sum *one = &l->seen[k][kind];
        for (int i = 0; i < SAMPLES; i++) {
            all->sum[i] += one->sum[i];
            all->straight_sum[i] += one->straight_sum[i];
        }
        all->n += one->n;
        all->n_straight += one->n_straight;
    }
    if (l->segment->despeckle_px > 0.0 || all->n_straight < MIN_PROFILES)
        return;
    memcpy(all->sum, all->straight_sum, sizeof all->sum);
    all->n = all->n_straight;
}

static double depth_of(const struct learning *l, int kind)
{
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = l->levels->core, [LCT_SHELL] = l->levels->shell };
    return l->transmitted ? log(level[PAIRS[kind][1]] / level[PAIRS[kind][0]]) : 0.0;
}

static enum lct_status fit_kind(void *context, size_t kind, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    struct learning *l = context;
    join(l, (int)kind);
    l->out[kind] = (struct lct_edge_profile){ 0 };
    if (l->sums[kind].n >= MIN_PROFILES)
        fit(&l->out[kind], &l->sums[kind], &l->models[kind], l->levels->blur_px, l->smoothing_px,
            depth_of(l, (int)kind));
    return LCT_OK;
}

static void take_common_softness(struct learning *l)
{
    const double softness = common_softness(l->out);
    for (int kind = 0; kind < LCT_EDGE_KINDS; kind++) {
        struct lct_edge_profile *p = &l->out[kind];
        if (p->n == 0)
            continue;
        make_model(&l->models[kind], softness, l->smoothing_px, depth_of(l, kind));
        p->softness_px = softness;
        p->grey = p->inner + (p->outer - p->inner) * l->models[kind].step[MODEL_HALF];
    }
}

enum lct_status lct_edge_profiles_fit(struct lct_edge_profile out[LCT_EDGE_KINDS], const struct lct_planes *planes,
    const struct lct_levels *levels, const struct lct_segment_params *segment, const struct lct_edge_params *params,
    struct lct_err *err)
{
    struct learning l = { .planes = planes,
        .levels = levels,
        .segment = segment,
        .smoothing_px = sqrt(params->smoothing_px * params->smoothing_px + SAMPLING_VARIANCE_PX2),
        .transmitted = params->transmitted,
        .out = out };
    enum lct_status status = learning_init(&l, err);
    if (status == LCT_OK)
        status = lct_parallel_for(planes->threads, (size_t)planes->n, look_at_plane, &l, err);
    if (status == LCT_OK)
        status = lct_parallel_for(planes->threads, LCT_EDGE_KINDS, fit_kind, &l, err);
    if (status == LCT_OK)
        take_common_softness(&l);
    learning_finish(&l);
    return status;
}

static bool fit_holds(const struct lct_edge_profile *p, double inner, double outer, double blur_px)
{
    const double step = outer - inner;
    return p->n > 0 && p->misfit <= MAX_MISFIT && fabs(p->offset_px) <= MAX_OFFSET_BLURS * blur_px
        && fabs(p->inner - inner) <= MAX_LEVEL_SHARE * step && fabs(p->outer - outer) <= MAX_LEVEL_SHARE * step;
}

enum lct_status lct_edge_profiles_learn(struct lct_levels *levels, const struct lct_planes *planes,
    const struct lct_segment_params *segment, const struct lct_edge_params *params, struct lct_err *err)
{
    const double level[] = { [LCT_LIQUID] = 1.0, [LCT_CORE] = levels->core, [LCT_SHELL] = levels->shell };
    struct lct_edge_profile found[LCT_EDGE_KINDS];
    const enum lct_status status = lct_edge_profiles_fit(found, planes, levels, segment, params, err);
    double soft = 0.0, weight = 0.0;
    for (int kind = 0; status == LCT_OK && kind < LCT_EDGE_KINDS; kind++) {
        const enum lct_phase inner = PAIRS[kind][0], outer = PAIRS[kind][1];
        if (!fit_holds(&found[kind], level[inner], level[outer], levels->blur_px))
            continue;
        /* plates are flat; what has no shell may be round, and paler at its edge than all through */
        const double mid =
            levels->has_shell ? 0.5 * (found[kind].inner + found[kind].outer) : 0.5 * (levels->core + 1.0);
        levels->edge_shift[kind] = found[kind].grey - mid;
        soft += (double)found[kind].n * found[kind].softness_px;
        weight += (double)found[kind].n;
    }
    if (weight > 0.0)
        levels->edge_soft_px = soft / weight;
    return status;
}
