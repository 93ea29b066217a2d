#include "stage_internal.h"

#include <lctem/rate.h>

#include <math.h>
#include <stdlib.h>

static const double MOVES_FRAC = 0.01; /* of the largest range: curves that move less say nothing about change points */

const char *lct_stage_name(enum lct_stage_label label)
{
    static const char *const names[] = { "", "I", "II", "III", "IV" };
    return names[label];
}

/* All curves of the particles that count; those that move at all come into the bundle. */
struct movers {
    const double **values;
    double *sd;
    size_t *index; /* 2 p + (shell) of each curve in the bundle */
    struct lct_curve_bundle bundle;
};

static double range_of(const double *y, size_t n)
{
    double low = y[0], high = y[0];
    for (size_t t = 1; t < n; t++) {
        low = fmin(low, y[t]);
        high = fmax(high, y[t]);
    }
    return high - low;
}

enum { QUICK_LAGS = 2, ALL_LAGS = 3 };

/* Noise that wanders shows more over some frames than from one to the next; over the longest lag, so do real bends. */
static double scatter_of(const struct lct_curves *c, const double *all, size_t p, size_t n_lags)
{
    static const size_t lags[ALL_LAGS] = { 1, 4, 12 };
    double sd = 0.0;
    for (size_t i = 0; i < n_lags; i++)
        sd = fmax(sd, lct_curves_scatter(c, all, p, lags[i]));
    return sd;
}

static enum lct_status gather(struct movers *m, const struct lct_curves *c, size_t n_lags, struct lct_err *err)
{
    const size_t n = 2 * c->n_particles;
    m->values = calloc(n, sizeof *m->values);
    m->sd = calloc(n, sizeof *m->sd);
    m->index = calloc(n, sizeof *m->index);
    if (!m->values || !m->sd || !m->index)
        return lct_fail(err, LCT_E_LIMIT, "stages: no memory");
    double largest = 0.0;
    for (size_t k = 0; k < n; k++)
        if (!c->particles[k / 2].cut)
            largest = fmax(largest, range_of(lct_curves_row(c, k % 2 ? c->shell_nm2 : c->core_nm2, k / 2), c->n_times));
    size_t used = 0;
    for (size_t k = 0; k < n; k++) {
        const double *all = k % 2 ? c->shell_nm2 : c->core_nm2, *y = lct_curves_row(c, all, k / 2);
        const double range = range_of(y, c->n_times);
        if (c->particles[k / 2].cut || range < MOVES_FRAC * largest || !(range > 0.0))
            continue;
        m->values[used] = y;
        m->sd[used] = scatter_of(c, all, k / 2, n_lags);
        m->index[used++] = k;
    }
    m->bundle = (struct lct_curve_bundle){
        .n_times = c->n_times, .n_curves = used, .times_s = c->times_s, .values = m->values, .sd = m->sd
    };
    return LCT_OK;
}

static void movers_finish(struct movers *m)
{
    free(m->values);
    free(m->sd);
    free(m->index);
}

static double edge(const struct lct_curves *c, const struct lct_change *changes, size_t n, size_t i)
{
    return i == 0 ? c->times_s[0] : i <= n ? changes[i - 1].time_s : c->times_s[c->n_times - 1];
}

/* Slopes of all curves between the change points. */
static enum lct_status measure_segments(struct segment **out, double **memory, const struct lct_curves *c,
    const struct lct_change *changes, size_t n_changes, struct lct_err *err)
{
    const size_t n = n_changes + 1, curves = 2 * c->n_particles;
    struct segment *s = calloc(n, sizeof *s);
    double *slopes = calloc(2 * n * curves, sizeof *slopes);
    if (!s || !slopes) {
        free(s);
        free(slopes);
        return lct_fail(err, LCT_E_LIMIT, "stages: no memory");
    }
    for (size_t i = 0; i < n; i++) {
        s[i] = (struct segment){ .start_s = edge(c, changes, n_changes, i),
            .end_s = edge(c, changes, n_changes, i + 1),
            .slope = slopes + 2 * i * curves,
            .slope_sd = slopes + (2 * i + 1) * curves };
        size_t from = 0, to = c->n_times;
        while (from < to && c->times_s[from] < s[i].start_s)
            from++;
        while (to > from && c->times_s[to - 1] > s[i].end_s)
            to--;
        for (size_t k = 0; k < curves; k++) {
            const double *y = lct_curves_row(c, k % 2 ? c->shell_nm2 : c->core_nm2, k / 2);
            struct lct_rate rate = { 0 };
            if (lct_rate_fit(c->times_s + from, y + from, to - from, &rate, NULL) != LCT_OK)
                rate = (struct lct_rate){ 0 };
            s[i].slope[k] = rate.rate;
            s[i].slope_sd[k] = rate.rate_sd;
        }
    }
    *out = s;
    *memory = slopes;
    return LCT_OK;
}

/* The instant between two named stages, from the curves that define it: who stops, who starts, who ends. */
static enum lct_status sharpen(struct lct_change *change, const struct lct_curves *c, const struct cast *cast,
    enum lct_stage_label after, double from_s, double to_s, struct lct_err *err)
{
    const double *const core_g = lct_curves_row(c, c->core_nm2, cast->grower),
                        *const shell_g = lct_curves_row(c, c->shell_nm2, cast->grower);
    const double *const core_l = lct_curves_row(c, c->core_nm2, cast->loser),
                        *const shell_l = lct_curves_row(c, c->shell_nm2, cast->loser);
    const double *rows[3];
    size_t n = 0;
    rows[n++] = core_l;
    rows[n++] = shell_l;
    if (after == LCT_STAGE_II)
        rows[n++] = shell_g;
    if (after == LCT_STAGE_III)
        rows[n++] = core_g;
    double sd[3], largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, range_of(rows[i], c->n_times));
    for (size_t i = 0; i < n; i++)
        sd[i] = 0.5 * MOVES_FRAC * largest;
    const struct lct_curve_bundle bundle = {
        .n_times = c->n_times, .n_curves = n, .times_s = c->times_s, .values = rows, .sd = sd
    };
    const double window = 0.06 * (c->times_s[c->n_times - 1] - c->times_s[0]);
    struct lct_change sharper = *change;
    const enum lct_status status = lct_change_refine(&sharper, &bundle, from_s, to_s, window, err);
    if (status == LCT_OK && sharper.n_curves > 0)
        *change = sharper;
    return status;
}

/* Between stages I and II the defining curves are straight on both sides, so that the one best break over both stages is a surer
 * start than the segmentation of all curves, which noise may have led astray. */
static enum lct_status replace_border(struct lct_change *border, const struct lct_curves *c, const struct cast *cast,
    double from_s, double to_s, struct lct_err *err)
{
    const size_t index[3] = { 2 * cast->loser, 2 * cast->loser + 1, 2 * cast->grower + 1 };
    const double *rows[3];
    double sd[3];
    size_t from = 0, to = c->n_times, n = 0;
    while (from < to && c->times_s[from] < from_s)
        from++;
    while (to > from && c->times_s[to - 1] > to_s)
        to--;
    for (int i = 0; i < 3; i++) {
        const double *all = index[i] % 2 ? c->shell_nm2 : c->core_nm2;
        rows[i] = lct_curves_row(c, all, index[i] / 2) + from;
        sd[i] = scatter_of(c, all, index[i] / 2, QUICK_LAGS);
    }
    const struct lct_curve_bundle bundle = {
        .n_times = to - from, .n_curves = 3, .times_s = c->times_s + from, .values = rows, .sd = sd
    };
    struct lct_change_params params = lct_change_defaults();
    params.max_changes = 1;
    struct lct_change *found = NULL;
    const enum lct_status status = lct_change_find(&found, &n, &bundle, &params, err);
    if (status == LCT_OK && n == 1)
        *border = found[0];
    free(found);
    return status == LCT_E_NODATA ? LCT_OK : status;
}

/* How far a border may look: to the next change point that is not just another view of the same one. */
static void limits(const struct lct_stages *out, const struct lct_curves *c, double at_s, double *from_s, double *to_s)
{
    const double first = c->times_s[0], last = c->times_s[c->n_times - 1], near = 0.03 * (last - first);
    *from_s = first;
    *to_s = last;
    for (size_t i = 0; i < out->n_changes; i++) {
        const double t = out->changes[i].time_s;
        if (t < at_s - near)
            *from_s = fmax(*from_s, t);
        if (t > at_s + near)
            *to_s = fmin(*to_s, t);
    }
}

/* Stages with names: segments of one label become one, and their borders are sharpened. */
static enum lct_status merge(struct lct_stages *out, const struct lct_curves *c, const struct cast *cast,
    const struct segment *segments, size_t n, const enum lct_stage_label *labels, struct lct_err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (count == 0 || out->stages[count - 1].label != labels[i])
            out->stages[count++] = (struct lct_stage){
                .start_s = segments[i].start_s, .label = labels[i], .start_sd_s = i ? out->changes[i - 1].sd_s : 0.0
            };
        out->stages[count - 1].end_s = segments[i].end_s;
    }
    out->n = count;
    for (size_t i = 1; i < count; i++) {
        struct lct_change border = { .time_s = out->stages[i].start_s, .sd_s = out->stages[i].start_sd_s };
        double from_s, to_s;
        enum lct_status status = LCT_OK;
        if (out->stages[i].label == LCT_STAGE_II)
            status = replace_border(&border, c, cast, out->stages[i - 1].start_s, out->stages[i].end_s, err);
        limits(out, c, border.time_s, &from_s, &to_s);
        if (status == LCT_OK)
            status = sharpen(&border, c, cast, out->stages[i].label, fmax(from_s, out->stages[i - 1].start_s),
                fmin(to_s, out->stages[i].end_s), err);
        if (status != LCT_OK)
            return status;
        if (out->stages[i].label == LCT_STAGE_IV)
            stage_find_end(&border, c, cast->loser);
        out->stages[i].start_s = out->stages[i - 1].end_s = border.time_s;
        out->stages[i].start_sd_s = border.sd_s;
    }
    return LCT_OK;
}

static void keep_plain(struct lct_stages *out, const struct segment *segments, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out->stages[i] = (struct lct_stage){
            .start_s = segments[i].start_s, .end_s = segments[i].end_s, .start_sd_s = i ? out->changes[i - 1].sd_s : 0.0
        };
    out->n = n;
}

/* Onset of shell growth: stage II where there is one, else the first change after which a shell grows for sure. */
static void find_onset(struct lct_stages *out, const struct lct_curves *c, const struct segment *segments, size_t n)
{
    out->shell_onset_s = out->shell_onset_sd_s = (double)NAN;
    for (size_t i = 1; i < out->n; i++)
        if (out->stages[i].label == LCT_STAGE_II) {
            out->shell_onset_s = out->stages[i].start_s;
            out->shell_onset_sd_s = out->stages[i].start_sd_s;
            return;
        }
    double fastest = 0.0;
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < c->n_particles; p++)
            fastest = c->particles[p].cut ? fastest : fmax(fastest, fabs(segments[i].slope[2 * p + 1]));
    for (size_t i = 1; i < n; i++)
        for (size_t p = 0; p < c->n_particles; p++) {
            const size_t k = 2 * p + 1;
            const double least = fmax(0.05 * fastest, 4.0 * segments[i].slope_sd[k]);
            if (c->particles[p].cut || !(segments[i].slope[k] > least) || segments[i - 1].slope[k] > least)
                continue;
            out->shell_onset_s = out->changes[i - 1].time_s;
            out->shell_onset_sd_s = out->changes[i - 1].sd_s;
            return;
        }
}

static enum lct_status assemble(struct lct_stages *out, const struct lct_curves *c, struct lct_err *err)
{
    const size_t n = out->n_changes + 1;
    struct segment *segments = NULL;
    double *memory = NULL;
    enum lct_stage_label *labels = calloc(n, sizeof *labels);
    out->stages = calloc(n, sizeof *out->stages);
    enum lct_status status = labels && out->stages
        ? measure_segments(&segments, &memory, c, out->changes, out->n_changes, err)
        : lct_fail(err, LCT_E_LIMIT, "stages: no memory");
    struct cast cast = { 0 };
    const bool two = status == LCT_OK && stage_cast(&cast, c, segments, n);
    out->grower = cast.has_grower ? c->particles[cast.grower].id : 0;
    out->loser = cast.has_loser ? c->particles[cast.loser].id : 0;
    if (two) {
        for (size_t i = 0; i < n; i++)
            segments[i].core_at_start = lct_curves_at(
                c, lct_curves_row(c, c->core_nm2, cast.loser), 0.5 * (segments[i].start_s + segments[i].end_s));
        out->named = stage_name_segments(&cast, segments, n, labels);
    }
    if (status == LCT_OK && out->named)
        status = merge(out, c, &cast, segments, n, labels, err);
    else if (status == LCT_OK)
        keep_plain(out, segments, n);
    if (status == LCT_OK)
        find_onset(out, c, segments, n);
    for (size_t i = 0; status == LCT_OK && i < out->n; i++)
        stage_describe(out->stages[i].description, sizeof out->stages[i].description, c, out->stages[i].start_s,
            out->stages[i].end_s);
    free(segments);
    free(memory);
    free(labels);
    return status;
}

/* One try with one floor. */
static enum lct_status find_with(struct lct_stages *out, const struct lct_curves *curves, const struct movers *m,
    const struct lct_change_params *params, struct lct_err *err)
{
    struct lct_stages s = { 0 };
    enum lct_status status = LCT_OK;
    if (m->bundle.n_curves > 0) {
        struct lct_err why = { 0 };
        status = lct_change_find(&s.changes, &s.n_changes, &m->bundle, params, &why);
        if (status == LCT_E_NODATA)
            status = LCT_OK; /* too few frames for any change: one stage */
        else if (status != LCT_OK && err)
            *err = why;
    }
    if (status == LCT_OK)
        status = assemble(&s, curves, err);
    if (status == LCT_OK)
        *out = s;
    else
        lct_stages_finish(&s);
    return status;
}

/* Noise that wanders looks like many bends: where the finest segmentation shows no pattern, coarser ones may. */
static enum lct_status find_best(struct lct_stages *out, const struct lct_curves *curves, const struct movers *m,
    const struct lct_change_params *params, struct lct_err *err)
{
    enum { TRIES = 4, PLAIN_TRY = 1 };
    struct lct_stages plain = { 0 };
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < TRIES; i++) {
        struct lct_stages s = { 0 };
        struct lct_change_params p = *params;
        p.floor_frac *= (double)(1 << i);
        status = find_with(&s, curves, m, &p, err);
        if (status == LCT_OK && s.named) {
            lct_stages_finish(&plain);
            *out = s;
            return LCT_OK;
        }
        if (status == LCT_OK && i == PLAIN_TRY)
            plain = s;
        else
            lct_stages_finish(&s);
    }
    if (status == LCT_OK)
        *out = plain;
    else
        lct_stages_finish(&plain);
    return status;
}

static enum lct_status find_with_lags(struct lct_stages *out, const struct lct_curves *curves,
    const struct lct_change_params *params, size_t n_lags, struct lct_err *err)
{
    struct movers m = { 0 };
    enum lct_status status = gather(&m, curves, n_lags, err);
    if (status == LCT_OK)
        status = find_best(out, curves, &m, params, err);
    movers_finish(&m);
    return status;
}

enum lct_status lct_stages_find(struct lct_stages *out, const struct lct_curves *curves,
    const struct lct_change_params *params, struct lct_err *err)
{
    enum { MANY = 12 }; /* stretches that nobody would call stages */
    struct lct_stages quick = { 0 }, slow = { 0 };
    bool all_cut = true;
    for (size_t p = 0; p < curves->n_particles; p++)
        all_cut &= curves->particles[p].cut;
    if (all_cut)
        return lct_fail(err, LCT_E_NODATA, "stages: every particle is cut by the border of the image");
    enum lct_status status = find_with_lags(&quick, curves, params, QUICK_LAGS, err);
    if (status == LCT_OK && !quick.named && quick.n > MANY)
        status = find_with_lags(&slow, curves, params, ALL_LAGS, err);
    if (status != LCT_OK) {
        lct_stages_finish(&quick);
        return status;
    }
    const bool take_slow = slow.n > 0 && (slow.named || slow.n < quick.n);
    *out = take_slow ? slow : quick;
    lct_stages_finish(take_slow ? &quick : &slow);
    return LCT_OK;
}

void lct_stages_finish(struct lct_stages *stages)
{
    free(stages->stages);
    free(stages->changes);
    *stages = (struct lct_stages){ 0 };
}
