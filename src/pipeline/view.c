#include "view.h"

static const size_t KEPT_BYTES = 256u << 20; /* larger stretches are read again when they are needed */
enum {
    HALF_STRETCH = 8, /* frames on either side: more than a time mean ever takes, few enough to wait for */
    STRETCH_KEYS = 2, /* of 8 frames each: as quiet as the key planes of a whole run */
    SURVEY_REACH = 8, /* frames before the stretch that the survey sees: a video has to be read from there anyway */
};

void view_finish(struct view *v)
{
    result_finish(&v->result);
    lct_mask_work_finish(&v->work);
    lct_track_destroy(&v->track);
    window_destroy(&v->window);
    plan_finish(&v->plan);
    movie_close(&v->movie);
}

/* From here on the movie is its frames from .. from + count - 1. */
static void narrow(struct movie *m, long from, long count)
{
    m->first = movie_frame(m, from);
    m->n = m->n - from < count ? m->n - from : count;
}

/* What stands still and the background come from frames spread over a longer stretch, everything else from the few around the one
 * that is shown. */
static enum lct_status plan_around(struct view *v, long k, const struct lct_progress *progress, struct lct_err *err)
{
    struct movie *m = &v->movie;
    const long survey = k > HALF_STRETCH + SURVEY_REACH ? k - HALF_STRETCH - SURVEY_REACH : 0;
    narrow(m, survey, SURVEY_REACH + 2 * HALF_STRETCH + 1);
    k -= survey;
    const long from = k > HALF_STRETCH ? k - HALF_STRETCH : 0;
    const long count = (k + HALF_STRETCH + 1 < m->n ? k + HALF_STRETCH + 1 : m->n) - from;
    const size_t bytes = sizeof(float) * (size_t)count * (size_t)m->roi.width_px * (size_t)m->roi.height_px;
    enum lct_status status = bytes <= KEPT_BYTES ? movie_keep(m, from, count, err) : LCT_OK;
    if (status == LCT_OK)
        status = plan_begin(&v->plan, m, v->recipe, progress, err);
    if (status != LCT_OK)
        return status;
    narrow(m, from, count);
    v->k = k - from;
    v->plan.n = m->n;
    v->plan.n_keys = STRETCH_KEYS;
    if (v->k < m->n)
        status = plan_complete(&v->plan, m, v->recipe, v->threads, progress, err);
    if (status == LCT_OK && v->k >= v->plan.n)
        return lct_fail(err, LCT_E_INPUT, "%s: the movie ends before frame %ld", m->info->path, v->frame);
    return status;
}

static enum lct_status plan_view(
    struct view *v, const char *path, const struct lct_progress *progress, struct lct_err *err)
{
    long k = 0;
    enum lct_status status = movie_open(&v->movie, path, v->recipe, err);
    if (status == LCT_OK)
        status = movie_find(&v->movie, v->frame, &k, err);
    return status == LCT_OK ? plan_around(v, k, progress, err) : status;
}

static enum lct_status segment_view(struct view *v, struct lct_err *err)
{
    const struct plan *plan = &v->plan;
    enum lct_status status = window_create(&v->window, plan, &v->movie, 1, v->threads, err);
    if (status == LCT_OK)
        status = lct_mask_work_init(&v->work, plan->width, plan->height, err);
    if (status == LCT_OK)
        status = result_init(&v->result, plan, NULL, err);
    v->result.k = v->k;
    if (status == LCT_OK)
        status = plan_track(&v->track, plan, &v->movie, v->recipe, err);
    if (status == LCT_OK)
        status = window_advance(v->window, v->k, 1, err);
    if (status == LCT_OK)
        status = result_segment(&v->result, plan, v->window, &v->work, err);
    if (status != LCT_OK)
        return status;
    const struct plane_shift shift = plan_shift(plan, v->k);
    const struct lct_track_input in = { v->result.phase, v->result.weak, &v->result.plane, shift.x, shift.y };
    status = lct_track_frame(v->track, v->k, &in, &plan->levels, v->result.labels, err);
    if (status != LCT_OK)
        return status;
    size_t n;
    const struct lct_track_particle *particles = lct_track_particles(v->track, &n);
    status = result_take_particles(&v->result, particles, n, err);
    return status == LCT_OK ? result_measure(&v->result, plan, err) : status;
}

enum lct_status view_make(struct view *out, const char *path, const struct lct_progress *progress, struct lct_err *err)
{
    const enum lct_status status = plan_view(out, path, progress, err);
    return status == LCT_OK ? segment_view(out, err) : status;
}
