#include "run.h"

#include "after.h"
#include "shapes.h"
#include "shapes_plot.h"

#include <lctem/plot.h>
#include <lctem/plot_tables.h>
#include <lctem/report.h>

#include <math.h>

enum lct_status run_measure_shapes(struct run *run, struct lct_err *err)
{
    if (run->plan.no_particle)
        return LCT_OK;
    enum lct_status status = lct_table_flush(run->outputs.lattice, NULL, err);
    struct shapes shapes = { 0 };
    const struct shapes_job shapes_job = { .movie = &run->movie,
        .plan = &run->plan,
        .spool = run->outputs.spool,
        .dir = run->recipe->output,
        .threads = run->threads,
        .progress = run->hooks->progress };
    if (status == LCT_OK)
        status = shapes_begin(&shapes, &shapes_job, err);
    const struct cracks_job job = { .dir = run->recipe->output,
        .movie = &run->movie,
        .plan = &run->plan,
        .rims = run->outputs.rims,
        .layer_px = run->layer_px };
    if (status == LCT_OK)
        status = cracks_begin(&shapes.cracks, &job, err);
    if (status == LCT_OK)
        shapes.events = run->outputs.events;
    if (status == LCT_OK)
        status = shapes_index(&shapes, run->lattices.params.name1, err);
    if (status == LCT_OK)
        status = shapes_find_origins(&shapes, err);
    if (status == LCT_OK)
        status = shapes_plots_create(&shapes.plots, &shapes, err);
    if (status == LCT_OK)
        status = shapes_write(&shapes, err);
    if (status == LCT_OK)
        status = shapes_plots_write(shapes.plots, err);
    shapes_plots_destroy(&shapes.plots);
    run->outputs.n_events += shapes.n_events;
    const struct crack_report_job report = { .dir = run->recipe->output,
        .movie = &run->movie,
        .plan = &run->plan,
        .cracks = shapes.cracks,
        .events = run->outputs.events,
        .log = &run->session.log };
    if (status == LCT_OK)
        status = crack_report_write(&run->cracks, &report, err);
    run->outputs.n_events += run->cracks.n_events;
    shapes_finish(&shapes);
    return status;
}

static enum lct_status write_plots(struct run *run, struct lct_err *err)
{
    const struct lct_plot_params params = { .title = run->movie.info->path,
        .has_pixel_size = isfinite(run->movie.scale.nm_per_px) };
    struct lct_err why = { 0 };
    const enum lct_status status = lct_plot_areas(run->recipe->output, &params, &why);
    if (status == LCT_OK)
        return lct_plot_tables(run->recipe->output, err);
    if (status == LCT_E_NODATA) {
        lct_log_say(&run->session.log, LCT_LOG_WARNING, "%s", why.text);
        return LCT_OK;
    }
    if (err)
        *err = why;
    return status;
}

/* All scripts that the run has written. The numbers stand without pictures. */
static void draw_plots(struct run *run)
{
    struct lct_err why = { 0 };
    if (lct_plot_draw(run->recipe->output, NULL, run->threads, &why) != LCT_OK)
        lct_log_say(&run->session.log, LCT_LOG_WARNING, "%s", why.text);
}

/* Concentrations and stages over the finished tables: what cannot be had here (no pixel size, every particle cut by the border) is a
 * warning, for the areas stand without it. */
static enum lct_status follow(struct run *run, struct lct_err *err)
{
    struct lct_recipe recipe = *run->recipe;
    recipe.force = true; /* the folder is ours by now */
    struct lct_err why = { 0 };
    const enum lct_status status = lct_after_run(&run->after, recipe.output, NULL, &recipe, &run->session.log, &why);
    if (status == LCT_E_NODATA || status == LCT_E_ARG) {
        lct_log_say(&run->session.log, LCT_LOG_WARNING, "no concentrations: %s", why.text);
        return LCT_OK;
    }
    run->has_after = status == LCT_OK;
    if (status != LCT_OK && err)
        *err = why;
    return status;
}

static void warn_of_nothing(const struct run *run)
{
    if (run->outputs.n_particles > 0 || run->plan.no_particle) /* of the latter the plan has warned */
        return;
    if (run->recipe->first_seed)
        lct_log_say(&run->session.log, LCT_LOG_WARNING,
            "no particle was followed: no point of --first-seed lies in a core of the first frame, or the cores are "
            "below --min-area; look at overlay.mp4, and give a point inside each particle");
    else
        lct_log_say(&run->session.log, LCT_LOG_WARNING,
            "no particle was followed: areas.csv has no rows. Look at overlay.mp4, and try --min-area or --contrast");
}

enum lct_status run_conclude(struct run *run, struct lct_err *err)
{
    warn_of_nothing(run);
    if (run->only_masks && run->cracks.n_rows > 0 && run->cracks.rows[0].n > 0)
        lct_log_say(&run->session.log, LCT_LOG_WARNING,
            "cracks come from the masks alone, where single px pass for gaps: give the movie as well, with --movie");
    enum lct_status status = write_plots(run, err);
    if (status == LCT_OK)
        status = follow(run, err);
    if (status == LCT_OK)
        draw_plots(run);
    laps_end(&run->laps, LAP_PICTURES);
    return status;
}

enum lct_status run_make_report(struct run *run, struct lct_err *err)
{
    struct lct_report_params params = lct_report_defaults();
    struct lct_report made;
    params.dygraphs = run->recipe->dygraphs;
    params.version = run->hooks->version;
    enum lct_status status = session_complete(&run->session, err);
    if (status == LCT_OK)
        status = lct_report_make(&made, run->recipe->output, &params, err);
    if (status == LCT_OK && made.no_dygraphs)
        lct_log_say(run->hooks->log, LCT_LOG_WARNING,
            "%s/report.html: has no curves to move over, for dygraphs is not there; install "
            "libjs-dygraphs and run lctem report %s",
            run->recipe->output, run->recipe->output);
    return status;
}
