#include <lctem/live.h>

#include "budget.h"
#include "live_growth.h"
#include "live_plan.h"
#include "run.h"

#include <lctem/file.h>
#include <lctem/live_page.h>
#include <lctem/parallel.h>
#include <lctem/picture.h>

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_FRAMES = 8, LIVE_REACH = 3 }; /* for a first plan; to either side that a live mean takes in */

struct live {
    const char *movie;
    const struct lct_recipe *recipe;
    const struct lct_analyze_hooks *hooks;
    const struct lct_live_hooks *live;
    struct lct_recipe own; /* of the provisional runs */
    char *dir, *page, *picture;
    struct growth growth;
    struct run run;
    struct live_plan *extend;
    long planned;   /* frames of the present plan; 0: there is none */
    long failed;    /* whole frames when the last plan failed: it waits for more of them */
    double words_s; /* when the page was written */
};

static double now_s(const struct live *l)
{
    return l->hooks->clock(l->hooks->clock_context);
}

/* The last frame that is asked for, in frames of the movie; -1: none is. */
static long wanted_end(const struct live *l)
{
    return l->recipe->frames.end;
}

static void drop_run(struct live *l)
{
    live_plan_destroy(&l->extend);
    run_finish(&l->run);
    l->planned = 0;
}

/* The frames that are whole by now, as a movie. */
static enum lct_status open_movie(struct live *l, struct movie *out, struct lct_err *err)
{
    const long end = wanted_end(l);
    l->own.frames.end = end >= 0 && end < l->growth.whole ? end : l->growth.whole;
    return movie_open(out, l->movie, &l->own, err);
}

/* A plan from all frames that are there, and all of them again from the first one on. */
static enum lct_status plan_anew(struct live *l, struct lct_err *err)
{
    struct run *run = &l->run;
    drop_run(l);
    *run = (struct run){ .recipe = &l->own, .hooks = l->hooks, .session = { .lock = -1 }, .sharing = true };
    run->threads = l->own.threads > 0 ? (int)l->own.threads : lct_parallel_cores();
    laps_begin(&run->laps, NULL, NULL);
    enum lct_status status = open_movie(l, &run->movie, err);
    if (status == LCT_OK)
        movie_remember(&run->movie, budget_store_bytes(l->own.memory_limit_bytes), NULL, NULL);
    if (status == LCT_OK)
        status = session_visit(&run->session, &l->own, err);
    if (status == LCT_OK && mkdir(run->session.folder, 0777) != 0 && errno != EEXIST)
        status = lct_fail(
            err, LCT_E_OUTPUT, "%s: cannot be written: %s; choose another folder with -o", l->dir, strerror(errno));
    if (status == LCT_OK)
        status = plan_make(&run->plan, &run->movie, &l->own, run->threads, l->hooks->progress, err);
    run->plan.span = 0; /* what comes later is not known */
    run->plan.reach = run->plan.reach < LIVE_REACH ? run->plan.reach : LIVE_REACH;
    if (status == LCT_OK)
        status = run_make_room(run, err);
    if (status == LCT_OK)
        status = run_open_outputs(run, NULL, false, err);
    if (status == LCT_OK)
        status = live_plan_create(&l->extend, &run->plan, &run->movie, err);
    l->planned = status == LCT_OK ? run->plan.n : 0;
    return status;
}

static enum lct_status extend(struct live *l, struct lct_err *err)
{
    struct movie grown;
    const enum lct_status status = open_movie(l, &grown, err);
    if (status != LCT_OK)
        return status;
    movie_close(&l->run.movie);
    l->run.movie = grown;
    return live_plan_extend(l->extend, &l->run.plan, &l->run.movie, err);
}

static enum lct_status draw_latest(struct live *l, struct lct_err *err)
{
    struct run *run = &l->run;
    const long k = run->next - 1;
    const struct result *r = &run->results[k % run->slots];
    if (k < 0 || !r->picture)
        return LCT_OK;
    const struct sketch_place place = { .plan = &run->plan,
        .layout = &run->layout,
        .frame = window_frame(run->window, k),
        .k = k,
        .number = movie_frame(&run->movie, k) };
    const struct lct_picture picture = { run->layout.width, run->layout.height, r->picture };
    const enum lct_status status = sketch_draw(&r->sketch, &place, r->picture, err);
    return status == LCT_OK ? lct_picture_write(&picture, l->picture, err) : status;
}

static enum lct_status write_page(struct live *l, const char *words, struct lct_err *err)
{
    char *areas = lct_file_join(l->dir, "areas.csv"), picture[64];
    snprintf(picture, sizeof picture, "live/frame.png?%ld", l->run.next);
    const struct lct_live_page page = { .title = l->movie,
        .areas = areas,
        .words = words,
        .refresh_s = l->recipe->follow_every_s,
        .picture = l->run.next > 0 ? picture : NULL };
    const enum lct_status status =
        areas ? lct_live_page_write(l->page, &page, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    free(areas);
    l->words_s = now_s(l);
    return status;
}

static enum lct_status tell(struct live *l, struct lct_err *err)
{
    char words[256];
    if (l->planned > 0)
        snprintf(words, sizeof words,
            "%ld frames so far; levels from the first %ld; provisional until the movie is complete", l->run.next,
            l->planned);
    else
        snprintf(words, sizeof words, "%ld frames are there, %d are needed to begin%s%.150s", l->growth.whole,
            FIRST_FRAMES, l->growth.why.code != LCT_OK ? "; " : "", l->growth.why.text);
    const enum lct_status status = l->planned > 0 ? draw_latest(l, err) : LCT_OK;
    return status == LCT_OK ? write_page(l, words, err) : status;
}

/* Frames that are there and not measured yet. The page keeps up within a long stretch too. */
static enum lct_status catch_up(struct live *l, struct lct_err *err)
{
    struct run *run = &l->run;
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && run->next < run->plan.n) {
        const long left = run->plan.n - run->next, count = left < run->chunk ? left : run->chunk;
        status = run_segment(run, run->next, count, err);
        if (status == LCT_OK)
            status = run_track_and_measure(run, count, err);
        if (status == LCT_OK)
            status = run_write(run, count, err);
        if (status == LCT_OK)
            status = lct_progress_step(l->hooks->progress, "live", run->next, -1, err);
        if (status == LCT_OK && now_s(l) - l->words_s >= l->recipe->follow_every_s)
            status = tell(l, err);
    }
    return status;
}

/* What has come since the last look. */
static enum lct_status take_in(struct live *l, struct lct_err *err)
{
    const long from = l->recipe->frames.first, step = l->recipe->frames.step > 0 ? l->recipe->frames.step : 1,
               end = wanted_end(l);
    const long whole = end >= 0 && end < l->growth.whole ? end : l->growth.whole,
               n = whole > from ? (whole - from + step - 1) / step : 0;
    enum lct_status status = LCT_OK;
    if (l->planned > 0 ? n <= l->run.plan.n : l->growth.whole <= l->failed)
        return LCT_OK;
    const double factor = l->run.plan.no_particle ? 1.25 : 2.0; /* what was not there yet is looked for sooner */
    if (l->planned > 0 ? (double)n >= factor * (double)l->planned : n >= FIRST_FRAMES)
        status = plan_anew(l, err);
    else if (l->planned > 0)
        status = extend(l, err);
    if (status == LCT_OK && l->planned > 0)
        status = catch_up(l, err);
    return status == LCT_OK ? tell(l, err) : status;
}

/* A fault of the provisional pass is a remark, for the frames to come may mend it; what is not is the disk, the memory, the user. */
static enum lct_status forgive(struct live *l, enum lct_status status, struct lct_err *err)
{
    if (status == LCT_OK || status == LCT_E_OUTPUT || status == LCT_E_LIMIT || status == LCT_E_CANCELLED
        || status == LCT_E_ARG)
        return status;
    lct_log_say(l->hooks->log, LCT_LOG_INFO, "live: %s", err->text);
    l->failed = l->growth.whole;
    drop_run(l);
    return LCT_OK;
}

static bool is_complete(const struct live *l)
{
    return wanted_end(l) >= 0 && l->growth.whole >= wanted_end(l);
}

static enum lct_status loop(struct live *l, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    l->growth.changed_s = now_s(l);
    do {
        status = growth_look(&l->growth, now_s(l), err);
        const bool rests = now_s(l) - l->growth.changed_s >= l->recipe->follow_timeout_s;
        if (status == LCT_OK)
            status = forgive(l, take_in(l, err), err);
        if (status == LCT_OK && l->planned == 0 && now_s(l) - l->words_s >= l->recipe->follow_every_s)
            status = tell(l, err);
        if (status != LCT_OK || rests || is_complete(l))
            break;
        status = lct_progress_step(l->hooks->progress, "live", l->run.next, -1, err);
    } while (status == LCT_OK && l->live->pause(l->live->context, l->recipe->follow_every_s));
    if (status == LCT_E_CANCELLED) /* the user has seen enough, which is no fault */
        status = LCT_OK;
    if (status == LCT_OK && l->growth.whole == 0)
        status = l->growth.why.code != LCT_OK ? lct_fail(err, l->growth.why.code, "%s", l->growth.why.text)
                                              : lct_fail(err, LCT_E_INPUT, "%s: no whole frame has come", l->movie);
    return status;
}

/* The provisional folder, which holds nothing but our own files. */
static void remove_folder(const char *path)
{
    char *kept = lct_file_join(path, CHECKPOINT_FOLDER);
    if (kept)
        checkpoint_remove(kept);
    free(kept);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char *file = lct_file_join(path, entry->d_name);
        if (file && entry->d_name[0] != '.')
            (void)unlink(file);
        free(file);
    }
    if (folder)
        closedir(folder);
    (void)rmdir(path);
}

static enum lct_status prepare(struct live *l, struct lct_err *err)
{
    const struct lct_recipe *r = l->recipe;
    if (!r->output || r->resume || r->labels)
        return lct_fail(err, LCT_E_ARG, "follow: %s",
            !r->output ? "where to? give a folder with -o DIR"
                       : "a movie is followed from its beginning; without resume, without labels");
    enum lct_status status = session_check_folder(r->output, r, err);
    if (status != LCT_OK)
        return status;
    l->dir = lct_file_join(r->output, "live");
    l->page = lct_file_join(r->output, "live.html");
    l->picture = l->dir ? lct_file_join(l->dir, "frame.png") : NULL;
    if (!l->dir || !l->page || !l->picture)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", r->output);
    if (mkdir(l->dir, 0777) != 0 && errno != EEXIST)
        return lct_fail(
            err, LCT_E_OUTPUT, "%s: cannot be made: %s; choose another folder with -o", l->dir, strerror(errno));
    l->own = *r;
    l->own.output = l->dir;
    l->own.drift = NULL; /* that of frames to come is in no file */
    l->growth =
        (struct growth){ .movie = l->movie, .recipe = r, .settle_s = fmax(1.0, r->follow_every_s), .frames = -1 };
    return LCT_OK;
}

enum lct_status lct_live_run(const char *movie, const struct lct_recipe *recipe, const struct lct_analyze_hooks *hooks,
    const struct lct_live_hooks *live, struct lct_err *err)
{
    struct live l = {
        .movie = movie, .recipe = recipe, .hooks = hooks, .live = live, .run = { .session = { .lock = -1 } }
    };
    struct lct_err own = { 0 };
    enum lct_status status = hooks->clock ? prepare(&l, &own) : lct_fail(&own, LCT_E_ARG, "follow: needs a clock");
    const bool prepared = status == LCT_OK;
    if (status == LCT_OK)
        status = loop(&l, &own);
    if (status == LCT_OK)
        status = write_page(&l, "the movie is complete; its analysis is being made", &own);
    drop_run(&l);
    if (prepared)
        remove_folder(l.dir);
    growth_finish(&l.growth);
    free(l.dir);
    free(l.page);
    free(l.picture);
    if (status != LCT_OK && err)
        *err = own;
    return status;
}

enum lct_status lct_live_close(const char *movie, const struct lct_recipe *recipe, struct lct_err *err)
{
    const struct lct_live_page page = { .title = movie, .words = "the movie is complete", .over = "report.html" };
    char *path = lct_file_join(recipe->output, "live.html");
    const enum lct_status status =
        path ? lct_live_page_write(path, &page, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", recipe->output);
    free(path);
    return status;
}
