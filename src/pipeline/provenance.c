#include "provenance.h"

#include "laps.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/versions.h>

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

static const double MOST_NM_PER_PX = 20.0; /* beyond that no electron microscope sees a shell */

enum { SCHEMA = 1 };

static const char *const contents[] = { "areas.csv", "drift.csv", "frames.csv", "events.csv", "lattice.csv",
    "moire.csv", "order.csv", "contours.csv", "facets.csv", "profiles.csv", "cracks.csv", "voids.csv",
    "crack_lives.csv", "onsets.csv", "volumes.csv", "concentration.csv", "stages.csv", "rates.csv", "labels.tif",
    "overlay.mp4", "plots/areas.svg", "plots/areas.png", "report.html", "recipe.yaml", "log.jsonl" };

static void put_time(struct lct_json *json, const char *key, double unix_s)
{
    char text[LCT_TIME_TEXT];
    lct_json_text(json, key, isfinite(unix_s) ? lct_time_format(unix_s, text) : NULL);
}

static void put_head(struct lct_json *json, const struct provenance *p)
{
    const double now_s = p->hooks->clock ? p->hooks->clock(p->hooks->clock_context) : (double)NAN;
    lct_json_integer(json, "schema", SCHEMA);
    lct_json_text(json, "program", "lctem");
    lct_json_text(json, "version", p->hooks->version);
    lct_json_text(json, "command", p->hooks->command);
    lct_json_text(json, "status", p->status);
    if (p->reason)
        lct_json_text(json, "reason", p->reason);
    put_time(json, "started", p->started_s);
    if (p->status[0] != 'r') {
        put_time(json, "ended", now_s);
        lct_json_number(json, "wall_s", now_s - p->started_s);
    }
    lct_json_integer(json, "threads", p->threads);
    lct_json_integer(json, "processes", lct_comm_size(p->hooks->comm));
    if (p->status[0] != 'r')
        laps_put(p->laps, json);
}

static void put_input(struct lct_json *json, const struct provenance *p)
{
    const struct lct_source_info *info = p->movie->info;
    lct_json_open_object(json, "input");
    lct_json_text(json, "path", info->path);
    lct_json_text(json, "sha256", p->input->sha256);
    lct_json_integer(json, "bytes", p->input->bytes);
    lct_json_integer(json, "files", (long long)p->input->n_files);
    lct_json_text(json, "format", info->format);
    lct_json_text(json, "dtype", lct_dtype_name(info->dtype));
    lct_json_integer(json, "width", info->width);
    lct_json_integer(json, "height", info->height);
    lct_json_integer(json, "frames_in_file", info->n_frames);
    lct_json_integer(json, "first_frame", p->movie->first);
    lct_json_integer(json, "frame_step", p->movie->step);
    lct_json_integer(json, "frames", p->movie->n);
    lct_json_close(json);
}

static const char *origin(bool from_user, bool lent, double value)
{
    return !isfinite(value) ? "unknown" : from_user ? "user" : lent ? "masks" : "file";
}

static void put_scale(struct lct_json *json, const struct provenance *p)
{
    const struct movie *m = p->movie;
    lct_json_open_object(json, "scale");
    lct_json_number(json, "pixel_size_nm", m->scale.nm_per_px);
    lct_json_number(json, "pixel_size_y_nm", m->scale.nm_per_px_y);
    lct_json_text(
        json, "pixel_size_from", origin(isfinite(p->recipe->pixel_size_nm), m->lent_pixel_size, m->scale.nm_per_px));
    lct_json_number(json, "frame_time_s", m->scale.s_per_frame);
    lct_json_text(json, "frame_time_from", origin(m->time_from_user, m->lent_frame_time, m->scale.s_per_frame));
    lct_json_close(json);
}

static void put_recipe(struct lct_json *json, const struct provenance *p)
{
    const struct lct_options *options = p->hooks->options;
    if (!options)
        return;
    lct_json_text(json, "recipe_sha256", p->recipe_sha256);
    lct_json_open_object(json, "recipe");
    for (size_t i = 0; i < options->table->n; i++) {
        const struct lct_option *row = &options->table->rows[i];
        if (!(row->commands & options->commands) || row->session)
            continue;
        char *value = lct_options_value(options, row);
        lct_json_text(json, row->key, value);
        free(value);
    }
    lct_json_close(json);
}

static void put_library(void *context, const char *library, const char *version)
{
    lct_json_text(context, library, version);
}

static void put_libraries(struct lct_json *json)
{
    lct_json_open_object(json, "libraries");
    lct_io_versions(put_library, json);
    lct_spectral_versions(put_library, json);
    lct_report_versions(put_library, json);
    lct_json_close(json);
}

/* What is common to the frames of a plan. */
struct tally {
    long ambiguous, no_drift, duplicate, no_liquid, no_time;
};

static struct tally count_flags(const struct plan *plan)
{
    struct tally t = { 0 };
    for (long k = 0; k < plan->n; k++) {
        t.ambiguous += plan->frames[k].ambiguous;
        t.no_drift += plan->frames[k].no_drift;
        t.duplicate += plan->frames[k].duplicate;
        t.no_liquid += plan->frames[k].no_liquid;
        t.no_time += !isfinite(plan->frames[k].time_s);
    }
    return t;
}

/* Distance at which the covariance of the liquid's noise has fallen to half of its variance; NaN where it does not. */
static double noise_half_length_px(const struct lct_grain *g)
{
    const double half = 0.5 * g->covariance[0];
    for (int lag = 1; lag < LCT_GRAIN_LAGS && half > 0.0; lag++)
        if (g->covariance[lag] < half)
            return g->step_px * (lag - (half - g->covariance[lag]) / (g->covariance[lag - 1] - g->covariance[lag]));
    return NAN;
}

static void put_levels(struct lct_json *json, const struct plan *plan)
{
    const struct lct_levels *l = &plan->levels;
    const double none = NAN;
    lct_json_open_object(json, "levels");
    lct_json_number(json, "liquid", 1.0);
    lct_json_number(json, "shell", l->has_shell ? l->shell : none);
    lct_json_number(json, "shell_sd", l->has_shell ? l->shell_sd : none);
    lct_json_number(json, "core", plan->no_particle ? none : l->core);
    lct_json_number(json, "core_sd", plan->no_particle ? none : l->core_sd);
    lct_json_number(json, "film_sd", plan->no_particle ? none : l->film_sd);
    lct_json_number(json, "light_sd", plan->no_particle ? none : l->light_sd);
    lct_json_number(json, "noise_sd", plan->no_particle ? none : l->noise_sd);
    lct_json_number(json, "blur_px", plan->no_particle ? none : l->blur_px * plan->bin);
    lct_json_number(json, "noise_half_length_px", noise_half_length_px(&plan->grain));
    const bool shell = l->has_shell && !plan->no_particle;
    lct_json_number(json, "edge_core_liquid", plan->no_particle ? none : lct_levels_edge(l, LCT_CORE, LCT_LIQUID));
    lct_json_number(json, "edge_core_shell", shell ? lct_levels_edge(l, LCT_CORE, LCT_SHELL) : none);
    lct_json_number(json, "edge_shell_liquid", shell ? lct_levels_edge(l, LCT_SHELL, LCT_LIQUID) : none);
    lct_json_number(json, "bare_rim_px",
        shell && l->bare_rims > 0.0 ? l->bare_rims * lct_levels_false_rim_px(l) * plan->bin : none);
    lct_json_number(json, "edge_sd_px", l->edge_soft_px > 0.0 ? l->edge_soft_px * plan->bin : none);
    lct_json_close(json);
}

static void put_background(struct lct_json *json, const struct plan *plan)
{
    const struct lct_background *b = &plan->background;
    lct_json_open_object(json, "background");
    lct_json_text(json, "form", b->ratio ? "ratio" : "difference");
    lct_json_integer(json, "order", b->order);
    lct_json_text(json, "contrast", b->contrast == LCT_CONTRAST_BRIGHT ? "bright" : "dark");
    lct_json_number(json, "noise", b->noise);
    lct_json_number(json, "liquid_frac", b->liquid_frac);
    lct_json_close(json);
}

static void put_plan(struct lct_json *json, const struct plan *plan)
{
    if (!plan || plan->n == 0)
        return;
    const struct tally t = count_flags(plan);
    lct_json_open_object(json, "plan");
    lct_json_integer(json, "bin", plan->bin);
    lct_json_number(json, "smoothing_px", plan->sigma_px * plan->bin);
    lct_json_integer(json, "frames_in_mean", 2 * plan->reach + 1);
    lct_json_number(json, "frame_noise_sd", plan->frame_noise_sd);
    put_levels(json, plan);
    put_background(json, plan);
    lct_json_open_object(json, "static");
    lct_json_integer(json, "border_px", (long long)plan->still.border_px);
    lct_json_integer(json, "burnt_px", (long long)plan->still.burnt_px);
    lct_json_close(json);
    lct_json_text(json, "drift_from", plan->drift_given ? "file" : "movie");
    lct_json_integer(json, "frames_drift_ambiguous", t.ambiguous);
    lct_json_integer(json, "frames_without_drift", t.no_drift);
    lct_json_integer(json, "frames_duplicate", t.duplicate);
    lct_json_integer(json, "frames_without_liquid", t.no_liquid);
    lct_json_close(json);
}

static void put_results(struct lct_json *json, const struct provenance *p)
{
    const bool complete = p->status[0] == 'c';
    lct_json_open_object(json, "results");
    lct_json_integer(json, "frames_done", p->frames_done);
    lct_json_integer(json, "particles", p->found.n_particles);
    lct_json_integer(json, "events", p->found.n_events);
    lct_json_integer(json, "frames_flagged", p->found.n_flagged);
    lct_json_close(json);
    lct_json_open_array(json, "files");
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct stat st;
        char *path = lct_file_join(p->dir, contents[i]);
        const bool there = path && stat(path, &st) == 0;
        free(path);
        if (!there)
            continue;
        lct_json_open_object(json, NULL);
        lct_json_text(json, "name", contents[i]);
        lct_json_bool(json, "partial", !complete);
        lct_json_close(json);
    }
    lct_json_close(json);
}

enum lct_status provenance_write(const struct provenance *p, struct lct_err *err)
{
    struct lct_json *json = NULL;
    enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    put_head(json, p);
    put_input(json, p);
    put_scale(json, p);
    put_recipe(json, p);
    put_libraries(json);
    put_plan(json, p->plan);
    put_results(json, p);
    lct_json_open_array(json, "warnings");
    for (size_t i = 0; i < p->journal->n_warnings; i++)
        lct_json_text(json, NULL, p->journal->warnings[i]);
    lct_json_close(json);
    char *path = lct_file_join(p->dir, "run.json");
    status = path ? lct_json_write(json, path, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", p->dir);
    free(path);
    lct_json_destroy(&json);
    return status;
}

static void warn_frames(const struct plan *plan, const struct lct_log *log)
{
    const struct tally t = count_flags(plan);
    if (t.duplicate > 0)
        lct_log_say(log, LCT_LOG_WARNING, "%ld of %ld frames are duplicates of the one before; see flags in frames.csv",
            t.duplicate, plan->n);
    if (t.ambiguous > 0 && !plan->drift_given)
        lct_log_say(log, LCT_LOG_WARNING,
            "the drift is ambiguous in %ld of %ld frames; see drift.csv, or give it with --drift", t.ambiguous,
            plan->n);
    if (t.no_drift > 0 && !plan->drift_given)
        lct_log_say(log, LCT_LOG_WARNING,
            "%ld of %ld frames show nothing by which the drift could be followed; see drift.csv", t.no_drift, plan->n);
    if (t.no_liquid > 0)
        lct_log_say(log, LCT_LOG_WARNING,
            "no empty background was found in %ld of %ld frames; that of their neighbours is used", t.no_liquid,
            plan->n);
    if (plan->no_particle)
        lct_log_say(log, LCT_LOG_WARNING,
            "no particle was found; areas.csv has no rows. Look at overlay.mp4, and try --contrast or "
            "--smoothing");
}

void provenance_warn(const struct movie *movie, const struct plan *plan, const struct lct_log *log)
{
    for (size_t i = 0; i < movie->info->n_warnings; i++)
        lct_log_say(log, LCT_LOG_WARNING, "%s: %s", movie->info->path, movie->info->warnings[i]);
    if (!isfinite(movie->scale.nm_per_px))
        lct_log_say(log, LCT_LOG_WARNING,
            "%s: no pixel size is known: areas are in px, the columns in nm stay empty; give it "
            "with --pixel-size NM",
            movie->info->path);
    else if (movie->scale.nm_per_px > MOST_NM_PER_PX)
        lct_log_say(log, LCT_LOG_WARNING,
            "%s: a pixel of %.4g nm makes the frame %.4g um wide; if that is not so, give the right one with "
            "--pixel-size",
            movie->info->path, movie->scale.nm_per_px, 1e-3 * movie->scale.nm_per_px * movie->roi.width_px);
    if (plan->n > 1 && count_flags(plan).no_time > 0)
        lct_log_say(log, LCT_LOG_WARNING,
            "%s: no frame times are known: time_s stays empty; give them with --frame-time S or "
            "--fps F",
            movie->info->path);
    warn_frames(plan, log);
}
