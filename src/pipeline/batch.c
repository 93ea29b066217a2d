#include <lctem/batch.h>

#include "batch_sums.h"

#include <lctem/farm.h>
#include <lctem/file.h>
#include <lctem/recipe.h>
#include <lctem/table.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lct_column columns[] = {
    { "movie", "", "path of the movie" },
    { "folder", "", "folder of its results, in this one" },
    { "status", "", "done or failed" },
    { "exit_status", "", "what lctem analyze would have returned" },
    { "frames", "", "frames analysed" },
    { "particles", "", "particles found" },
    { "events", "", "rows of events.csv" },
    { "frames_flagged", "", "frames with a flag" },
    { "cracks", "", "gaps in shells, each counted once over its life" },
    { "core_first_nm2", "nm2", "area of all cores in the first frame with particles" },
    { "core_last_nm2", "nm2", "area of all cores in the last frame with particles" },
    { "shell_first_nm2", "nm2", "area of all shells in the first frame with particles" },
    { "shell_last_nm2", "nm2", "area of all shells in the last frame with particles" },
    { "seconds", "s", "that the analysis took; of a run that was resumed, its last part" },
    { "message", "", "why it failed" },
};
static const struct lct_table_spec spec = { "batch", "what came out of each movie", 1, columns,
    sizeof columns / sizeof *columns };

struct batch {
    const struct lct_batch_list *list;
    const struct lct_options *options;
    const struct lct_batch_hooks *hooks;
    const struct lct_recipe *recipe; /* that of `options` */
    struct lct_table *table;         /* rank 0 */
    struct lct_batch_summary summary;
    struct lct_err first_fault;
};

/* ---- settings of one movie ---- */

/* What everybody has that is not as by default, under the weight of him who gave it; a value that was worked out from one that was given
 * (a frame time from a rate) has the user's. */
static enum lct_status inherit(struct lct_options *own, const struct lct_options *all, struct lct_err *err)
{
    static const char *const not [] = { "output", "config", "set", "dump_config", "help" };
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < all->table->n; i++) {
        const struct lct_option *row = &all->table->rows[i];
        bool skip = !(row->commands & all->commands);
        for (size_t k = 0; k < sizeof not / sizeof *not ; k++)
            skip |= strcmp(row->key, not [k]) == 0;
        if (skip)
            continue;
        char *theirs = lct_options_value(all, row), *mine = lct_options_value(own, row);
        const enum lct_origin origin = lct_options_origin(all, row->key);
        if (!theirs || !mine)
            status = lct_fail(err, LCT_E_LIMIT, "no memory");
        else if (strcmp(theirs, mine) != 0)
            status =
                lct_options_set(own, row->key, theirs, origin == LCT_ORIGIN_DEFAULT ? LCT_ORIGIN_USER : origin, err);
        free(theirs);
        free(mine);
    }
    return status;
}

/* lct_options_finish(out) in any case. */
static enum lct_status settle(const struct batch *b, const struct lct_batch_entry *e, struct lct_options *out,
    struct lct_recipe *recipe, struct lct_err *err)
{
    enum lct_status status = lct_recipe_init(out, recipe, b->options->commands, err);
    if (status == LCT_OK)
        status = inherit(out, b->options, err);
    for (size_t i = 0; status == LCT_OK && i < e->n_settings; i++) {
        const char *text = e->settings[i];
        status = strncmp(text, "config=", 7) == 0 ? lct_options_read_recipe(out, text + 7, err)
                                                  : lct_options_assign(out, text, err);
    }
    if (status == LCT_OK)
        status = lct_recipe_check(recipe, err);
    if (status == LCT_OK && recipe->output)
        status = lct_fail(err, LCT_E_ARG, "output: the folder of a movie in a batch is its name; give name=NAME");
    if (status == LCT_OK && !(recipe->output = lct_file_join(b->recipe->output, e->name)))
        status = lct_fail(err, LCT_E_LIMIT, "no memory");
    return status;
}

/* Before hours of work. */
static enum lct_status check_settings(const struct batch *b, struct lct_err *err)
{
    enum lct_status status = b->list->n > 0 ? LCT_OK : lct_fail(err, LCT_E_ARG, "batch: no movie");
    for (size_t i = 0; status == LCT_OK && i < b->list->n; i++) {
        const struct lct_batch_entry *e = &b->list->entries[i];
        struct lct_options options = { 0 };
        struct lct_recipe recipe = { 0 };
        status = settle(b, e, &options, &recipe, err);
        lct_options_finish(&options);
        if (status != LCT_OK && e->line > 0) {
            char place[300];
            snprintf(place, sizeof place, "%.250s:%zu", b->list->source, e->line);
            status = lct_fail_in(err, status, place);
        }
    }
    return status;
}

/* ---- one movie ---- */

/* A movie's own words say whose they are. */
struct voice {
    const struct batch *batch;
    size_t i;
};

static void say(void *context, enum lct_log_level level, const char *text)
{
    const struct voice *v = context;
    lct_log_say(v->batch->hooks->analyze.log, level, "%s: %s", v->batch->list->entries[v->i].name, text);
}

static bool progress(void *context, const char *stage, long done, long total)
{
    const struct voice *v = context;
    const struct lct_progress *outer = v->batch->hooks->analyze.progress;
    char text[64];
    snprintf(text, sizeof text, "%zu/%zu %s", v->i + 1, v->batch->list->n, stage);
    return !outer || !outer->report || outer->report(outer->context, text, done, total);
}

static void fill_row(struct lct_batch_row *row, enum lct_status status, const struct lct_analysis *found,
    const char *dir, const struct lct_err *why)
{
    row->core_first_nm2 = row->core_last_nm2 = row->shell_first_nm2 = row->shell_last_nm2 = NAN;
    row->seconds = batch_sums_seconds(dir);
    row->status = status;
    snprintf(row->message, sizeof row->message, "%.250s", status == LCT_OK ? "" : why->text);
    if (status != LCT_OK)
        return;
    row->frames = found->n_frames;
    row->particles = found->n_particles;
    row->events = found->n_events;
    row->flagged = found->n_flagged;
    row->cracks = found->n_crack_rows > 0 ? found->cracks[0].n : 0;
    batch_sums_areas(row, dir);
}

static enum lct_status one(void *context, size_t i, int worker, void *result, struct lct_err *err)
{
    (void)worker;
    const struct batch *b = context;
    const struct lct_batch_entry *e = &b->list->entries[i];
    struct voice voice = { b, i };
    const struct lct_log log = { say, &voice };
    const struct lct_progress told = { progress, &voice };
    struct lct_options options = { 0 };
    struct lct_recipe recipe = { 0 };
    struct lct_analyze_hooks hooks = b->hooks->analyze;
    struct lct_analysis found = { 0 };
    struct lct_err why = { 0 };
    hooks.log = &log;
    hooks.progress = &told;
    hooks.options = &options;
    enum lct_status status = settle(b, e, &options, &recipe, &why);
    if (status == LCT_OK)
        status = lct_progress_step(&told, "open", 0, -1, &why);
    if (status == LCT_OK)
        status = lct_analyze(&found, e->movie, &recipe, &hooks, &why);
    if (recipe.output)
        fill_row(result, status, &found, recipe.output, &why);
    lct_options_finish(&options);
    if (status == LCT_E_CANCELLED && err)
        *err = why;
    return status == LCT_E_CANCELLED ? status : LCT_OK;
}

static enum lct_status keep(void *context, size_t i, const void *result, struct lct_err *err)
{
    struct batch *b = context;
    struct lct_batch_row row;
    memcpy(&row, result, sizeof row);
    const struct lct_batch_entry *e = &b->list->entries[i];
    const bool ok = row.status == LCT_OK;
    const double none = (double)NAN;
    const struct lct_cell cells[] = { lct_text(e->movie), lct_text(e->name), lct_text(ok ? "done" : "failed"),
        lct_int(row.status), ok ? lct_int(row.frames) : lct_num(none), ok ? lct_int(row.particles) : lct_num(none),
        ok ? lct_int(row.events) : lct_num(none), ok ? lct_int(row.flagged) : lct_num(none),
        ok ? lct_int(row.cracks) : lct_num(none), lct_num(row.core_first_nm2), lct_num(row.core_last_nm2),
        lct_num(row.shell_first_nm2), lct_num(row.shell_last_nm2), lct_num(row.seconds), lct_text(row.message) };
    enum lct_status status = lct_table_row(b->table, cells, err);
    if (status == LCT_OK)
        status = lct_table_flush(b->table, NULL, err);
    b->summary.done += ok;
    b->summary.failed += !ok;
    b->summary.flagged += row.flagged;
    if (!ok && b->first_fault.code == LCT_OK) {
        b->first_fault.code = row.status;
        snprintf(b->first_fault.text, sizeof b->first_fault.text, "%.200s: %.250s", e->name, row.message);
    }
    if (b->hooks->tell)
        b->hooks->tell(b->hooks->context, e, &row);
    return status;
}

/* ---- the whole ---- */

static enum lct_status open_table(struct batch *b, struct lct_err *err)
{
    const char *dir = b->recipe->output;
    if (lct_folder_make(dir, err) != LCT_OK)
        return LCT_E_OUTPUT;
    char *path = lct_file_join(dir, "batch.csv");
    enum lct_status status = path ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (status == LCT_OK && !b->recipe->force && !b->recipe->resume && access(path, F_OK) == 0)
        status = lct_fail(
            err, LCT_E_OUTPUT, "%s: holds a batch already; --resume goes on with it, --force begins again", dir);
    free(path);
    return status == LCT_OK ? lct_table_create(&b->table, dir, &spec, err) : status;
}

enum lct_status lct_batch_run(struct lct_batch_summary *out, const struct lct_batch_list *list,
    const struct lct_options *options, const struct lct_batch_hooks *hooks, struct lct_err *err)
{
    struct batch b = { .list = list, .options = options, .hooks = hooks, .recipe = options->settings };
    b.summary.movies = list->n;
    enum lct_status status = b.recipe->output ? check_settings(&b, err)
                                              : lct_fail(err, LCT_E_ARG, "batch: where to? give a folder with -o DIR");
    if (status == LCT_OK && lct_comm_rank(hooks->comm) == 0)
        status = open_table(&b, err);
    status = lct_comm_agree(hooks->comm, status, err);
    const struct lct_farm farm = { .comm = hooks->comm,
        .end = list->n,
        .result_bytes = sizeof(struct lct_batch_row),
        .threads = 1,
        .work = one,
        .each = keep,
        .context = &b };
    if (status == LCT_OK)
        status = lct_farm_run(&farm, err);
    const enum lct_status closed = lct_table_close(&b.table, status == LCT_OK ? err : NULL);
    status = status == LCT_OK ? closed : status;
    if (status == LCT_OK)
        *out = b.summary;
    if (status != LCT_OK || b.first_fault.code == LCT_OK)
        return status;
    return lct_fail(err, b.first_fault.code, "%zu of %zu movies failed, see batch.csv; the first: %.300s",
        b.summary.failed, b.summary.movies, b.first_fault.text);
}
