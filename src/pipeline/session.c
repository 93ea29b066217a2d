#include "session.h"

#include <lctem/file.h>
#include <lctem/json.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_IDENTITY_BYTES = 1 << 20 };

char *session_path(const struct session *session, const char *name)
{
    return lct_file_join(session->folder, name);
}

static bool is_there(const char *dir, const char *name)
{
    char *path = lct_file_join(dir, name);
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

static void remove_file(const char *dir, const char *name)
{
    char *path = lct_file_join(dir, name);
    if (path)
        (void)unlink(path);
    free(path);
}

enum lct_status session_check_folder(const char *dir, const struct lct_recipe *recipe, struct lct_err *err)
{
    if (lct_folder_make(dir, err) != LCT_OK)
        return LCT_E_OUTPUT;
    if (is_there(dir, "areas.csv") && !recipe->force && !recipe->resume)
        return lct_fail(err, LCT_E_OUTPUT,
            "%s: holds results already; --force overwrites them, --resume goes on with an interrupted run", dir);
    return LCT_OK;
}

/* Two runs in one folder would spoil each other's files. The lock dies with its process. */
static enum lct_status lock_folder(struct session *s, struct lct_err *err)
{
    if (mkdir(s->folder, 0777) != 0 && errno != EEXIST)
        return lct_fail(
            err, LCT_E_OUTPUT, "%s: cannot be written: %s; choose another folder with -o", s->dir, strerror(errno));
    char *path = session_path(s, CHECKPOINT_LOCK);
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->dir);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    const int why = errno;
    free(path);
    if (s->lock < 0)
        return lct_fail(
            err, LCT_E_OUTPUT, "%s: cannot be written: %s; choose another folder with -o", s->dir, strerror(why));
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return LCT_OK; /* where there are no locks, there is no lock */
    close(s->lock);
    s->lock = -1;
    return lct_fail(
        err, LCT_E_OUTPUT, "%s: another run is at work in this folder; wait for it or choose another one", s->dir);
}

/* Everything that the results depend on, one line each. */
static enum lct_status describe(struct session *s, const struct session_params *params, struct lct_err *err)
{
    char drift[LCT_SHA256_TEXT] = "";
    enum lct_status status = LCT_OK;
    if (params->recipe->drift)
        status = lct_sha256_file(params->recipe->drift, drift, err);
    size_t n = 0;
    FILE *f = status == LCT_OK ? open_memstream(&s->identity, &n) : NULL;
    if (!f)
        return status != LCT_OK ? status : lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->dir);
    const struct lct_options options = { .table = lct_recipe_options(), .settings = (void *)(uintptr_t)params->recipe };
    fprintf(f, "version: %s\ninput: %s\n", params->hooks->version ? params->hooks->version : "", s->input.sha256);
    if (drift[0])
        fprintf(f, "content of drift: %s\n", drift);
    for (size_t i = 0; i < options.table->n; i++) {
        const struct lct_option *row = &options.table->rows[i];
        if (!(row->commands & LCT_CMD_ANALYZE) || row->session)
            continue;
        char *value = lct_options_value(&options, row);
        fprintf(f, "%s: %s\n", row->key, value ? value : "");
        free(value);
    }
    if (fclose(f) != 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->dir);
    lct_sha256_bytes(s->identity, n, s->facts.recipe_sha256);
    return LCT_OK;
}

/* Say what differs between two identities, line by line. */
static enum lct_status differ(const struct session *s, const char *then, struct lct_err *err)
{
    const char *now = s->identity;
    while (*now && *then) {
        const size_t a = strcspn(now, "\n"), b = strcspn(then, "\n");
        if (a != b || memcmp(now, then, a) != 0)
            return lct_fail(err, LCT_E_ARG,
                "%s: cannot be resumed: it was begun with \"%.*s\", now it is \"%.*s\"; give the same again, or start "
                "anew with --force",
                s->dir, (int)(b < 100 ? b : 100), then, (int)(a < 100 ? a : 100), now);
        now += a + (now[a] == '\n');
        then += b + (then[b] == '\n');
    }
    return *now || *then ? lct_fail(err, LCT_E_ARG,
               "%s: cannot be resumed: it was begun with another recipe; start anew with --force", s->dir)
                         : LCT_OK;
}

/* A folder without checkpoint: a complete run, or one that had hardly begun. */
static enum lct_status look_at_results(struct session *s, struct lct_err *err)
{
    char *path = lct_file_join(s->dir, "run.json");
    struct lct_json *json = NULL;
    const bool known = path && lct_json_read(&json, path, NULL) == LCT_OK;
    const char *status_then = known ? lct_json_to_text(lct_json_member(lct_json_root(json), "status")) : NULL;
    const char *recipe_then = known ? lct_json_to_text(lct_json_member(lct_json_root(json), "recipe_sha256")) : NULL;
    enum lct_status status = LCT_OK;
    if (status_then && strcmp(status_then, "complete") == 0) {
        s->was_complete = recipe_then && strcmp(recipe_then, s->facts.recipe_sha256) == 0;
        const struct lct_json_value *results = lct_json_member(lct_json_root(json), "results");
        s->facts.found =
            (struct lct_analysis){ .n_frames = (long)lct_json_to_number(lct_json_member(results, "frames_done")),
                .n_particles = (int)lct_json_to_number(lct_json_member(results, "particles")),
                .n_flagged = (long)lct_json_to_number(lct_json_member(results, "frames_flagged")),
                .n_events = (long)lct_json_to_number(lct_json_member(results, "events")) };
        if (!s->was_complete)
            status = lct_fail(err, LCT_E_ARG,
                "%s: holds a complete run with another recipe or input; start anew with --force", s->dir);
    } else if (!status_then && is_there(s->dir, "areas.csv")) {
        status =
            lct_fail(err, LCT_E_ARG, "%s: holds results but nothing to resume from; start anew with --force", s->dir);
    }
    lct_json_destroy(&json);
    free(path);
    return status;
}

static enum lct_status decide(struct session *s, bool resume, struct lct_err *err)
{
    if (!resume)
        return LCT_OK;
    char *path = session_path(s, CHECKPOINT_IDENTITY), *then = NULL;
    size_t n;
    enum lct_status status;
    if (path && access(path, F_OK) == 0) {
        status = lct_file_read(&then, &n, path, MAX_IDENTITY_BYTES, err);
        if (status == LCT_OK)
            status = differ(s, then, err);
        s->resumes = status == LCT_OK && checkpoint_exists(s->folder);
    } else {
        status = look_at_results(s, err);
    }
    free(then);
    free(path);
    return status;
}

/* Pictures of particles that this run may not have. */
static void remove_shape_pictures(const char *dir)
{
    char *plots = lct_file_join(dir, "plots");
    DIR *folder = plots ? opendir(plots) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strncmp(entry->d_name, "contours_", 9) == 0 || strncmp(entry->d_name, "kymograph_", 10) == 0)
            remove_file(plots, entry->d_name);
    if (folder)
        closedir(folder);
    free(plots);
}

/* The order matters for a run that is killed in between: never a state beside files of another run. */
static enum lct_status start_afresh(struct session *s, struct lct_err *err)
{
    static const char *const stale[] = { "labels.tif", "labels.tif.part", "overlay.mp4", "overlay.mp4.part",
        "report.html", "plots/areas.svg", "plots/areas.png", "log.jsonl",
        /* what follows from the areas may fail this time, and must not be shown from the time before */
        "volumes.csv", "concentration.csv", "mass_budget.csv", "sensitivity.csv", "stages.csv", "change_points.csv",
        "rates.csv", "controls.csv", "correlations.csv", "dose.csv", "dose_events.csv", "assumptions.json",
        "plots/concentration.svg", "plots/concentration.png", "plots/mass_budget.svg", "plots/mass_budget.png" };
    remove_file(s->folder, CHECKPOINT_STATE);
    remove_file(s->folder, CHECKPOINT_PLAN);
    for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
        remove_file(s->dir, stale[i]);
    remove_shape_pictures(s->dir);
    char *path = session_path(s, CHECKPOINT_IDENTITY);
    const enum lct_status status = path ? lct_file_write(path, s->identity, strlen(s->identity), err)
                                        : lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->dir);
    free(path);
    return status;
}

static enum lct_status write_recipe(const struct session *s, const struct lct_analyze_hooks *hooks, struct lct_err *err)
{
    if (!hooks->options)
        return LCT_OK;
    char title[96], *text = NULL, *path = lct_file_join(s->dir, "recipe.yaml");
    snprintf(title, sizeof title, "recipe for lctem %.60s", hooks->version ? hooks->version : "");
    enum lct_status status = path ? lct_options_write_recipe(hooks->options, title, &text, err)
                                  : lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->dir);
    if (status == LCT_OK)
        status = lct_file_write(path, text, strlen(text), err);
    free(text);
    free(path);
    return status;
}

static enum lct_status open_log(struct session *s, const struct lct_analyze_hooks *hooks, struct lct_err *err)
{
    char *path = lct_file_join(s->dir, "log.jsonl");
    const enum lct_status status = path
        ? lct_log_file_create(&s->journal.file, path, hooks->clock, hooks->clock_context, err)
        : lct_fail(err, LCT_E_LIMIT, "%s: no memory", s->dir);
    free(path);
    return status;
}

static enum lct_status enter(struct session *s, const struct session_params *params, struct lct_err *err)
{
    enum lct_status status = session_check_folder(s->dir, params->recipe, err);
    if (status == LCT_OK)
        status = lock_folder(s, err);
    if (status == LCT_OK)
        status = input_identify(&s->input, params->movie->info, params->threads, err);
    if (status == LCT_OK)
        status = describe(s, params, err);
    if (status == LCT_OK)
        status = decide(s, params->recipe->resume, err);
    if (status != LCT_OK || s->was_complete)
        return status;
    s->begun = true;
    status =
        provenance_write(&s->facts, err); /* before anything is touched: what lies here is no complete run any more */
    if (status == LCT_OK && !s->resumes)
        status = start_afresh(s, err);
    if (status == LCT_OK)
        status = write_recipe(s, params->hooks, err);
    if (status == LCT_OK)
        status = open_log(s, params->hooks, err);
    return status;
}

enum lct_status session_begin(struct session *out, const struct session_params *params, struct lct_err *err)
{
    const struct lct_analyze_hooks *hooks = params->hooks;
    *out = (struct session){ .dir = params->recipe->output, .lock = -1, .journal = { .outer = hooks->log } };
    out->folder = lct_file_join(out->dir, CHECKPOINT_FOLDER);
    if (!out->folder)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", out->dir);
    out->log = journal_log(&out->journal);
    out->facts = (struct provenance){ .dir = out->dir,
        .recipe = params->recipe,
        .hooks = hooks,
        .movie = params->movie,
        .input = &out->input,
        .journal = &out->journal,
        .laps = params->laps,
        .threads = params->threads,
        .status = "running",
        .started_s = hooks->clock ? hooks->clock(hooks->clock_context) : (double)NAN };
    return enter(out, params, err);
}

enum lct_status session_visit(struct session *out, const struct lct_recipe *recipe, struct lct_err *err)
{
    *out = (struct session){
        .dir = recipe->output, .lock = -1, .folder = lct_file_join(recipe->output, CHECKPOINT_FOLDER)
    };
    return out->folder ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory", out->dir);
}

enum lct_status session_load_plan(struct session *session, struct plan *plan, struct lct_err *err)
{
    return checkpoint_load_plan(session->folder, plan, &session->truncated, err);
}

enum lct_status session_planned(struct session *session, const struct plan *plan, struct lct_err *err)
{
    const struct movie *movie = session->facts.movie;
    session->facts.plan = plan;
    const char *words = lct_source_truncated(movie->source);
    if (!session->resumes && words && !(session->truncated = strdup(words)))
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", session->dir);
    if (session->truncated)
        lct_log_say(&session->log, LCT_LOG_WARNING, "%s: %s; %ld whole frames are used", movie->info->path,
            session->truncated, plan->n);
    provenance_warn(movie, plan, &session->log);
    return session->resumes ? LCT_OK : checkpoint_save_plan(session->folder, plan, session->truncated, err);
}

enum lct_status session_complete(struct session *session, struct lct_err *err)
{
    session->facts.status = "complete";
    return provenance_write(&session->facts, err);
}

enum lct_status session_end(struct session *session, enum lct_status status, struct lct_err *err)
{
    struct provenance *p = &session->facts;
    if (!session->begun)
        return status;
    p->status = status == LCT_OK ? "complete" : status == LCT_E_CANCELLED ? "interrupted" : "failed";
    if (status != LCT_OK && err) {
        p->reason = err->text;
        lct_log_say(&session->log, LCT_LOG_INFO, "%s: %s", p->status, err->text);
    }
    if (status == LCT_OK)
        lct_log_say(&session->log, LCT_LOG_INFO, "complete: %ld frames", p->frames_done);
    struct lct_err why = { 0 };
    const enum lct_status written = provenance_write(p, &why);
    p->reason = NULL;
    if (written == LCT_OK && (status == LCT_OK || !checkpoint_exists(session->folder)))
        checkpoint_remove(session->folder);
    if (written == LCT_OK || status != LCT_OK)
        return status;
    if (err)
        *err = why;
    return written;
}

void session_finish(struct session *session)
{
    /* refused: leave the folder as it was */
    if (session->lock >= 0 && !session->begun && !is_there(session->folder, CHECKPOINT_IDENTITY))
        checkpoint_remove(session->folder);
    if (session->lock >= 0)
        close(session->lock);
    journal_finish(&session->journal);
    free(session->folder);
    free(session->identity);
    free(session->truncated);
    *session = (struct session){ .lock = -1 };
}
