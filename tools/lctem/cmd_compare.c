/* lctem compare DIR... --mc MCDIR...: films against simulations, on the same columns */
#include "cli.h"

#include <lctem/compare.h>
#include <lctem/file.h>
#include <lctem/option.h>
#include <lctem/stats.h>
#include <lctem/table.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    char *output;
    long particle;
    bool force, quiet, help, no_pictures;
};

#define AT(member) offsetof(struct settings, member)
// clang-format off
static const struct lct_option rows[] = {
    { .key = "output", .letter = 'o', .type = LCT_OPTION_TEXT, .offset = AT(output), .choices = "DIR", .commands = 1, .session = true,
        .help = "folder for compare.csv, compare.json and the plot (default: the first film's)" },
    { .key = "particle", .type = LCT_OPTION_INT, .offset = AT(particle), .fallback = "0", .min = 0, .max = 1e9, .commands = 1,
        .help = "which particle of the films; 0: the one whose core grows most" },
    { .key = "no_pictures", .type = LCT_OPTION_BOOL, .offset = AT(no_pictures), .commands = 1, .session = true, .help = "tables only" },
    { .key = "force", .letter = 'f', .type = LCT_OPTION_BOOL, .offset = AT(force), .commands = 1, .session = true,
        .help = "overwrite what is there" },
    { .key = "quiet", .letter = 'q', .type = LCT_OPTION_BOOL, .offset = AT(quiet), .commands = 1, .session = true, .help = "errors only" },
    { .key = "help", .letter = 'h', .type = LCT_OPTION_BOOL, .offset = AT(help), .commands = 1, .session = true, .help = "this text" },
};
// clang-format on
const struct lct_option_table compare_options = { rows, sizeof rows / sizeof *rows };

struct side {
    struct lct_trace *traces;
    struct lct_trace_features *features; /* of the traces, and of the passages behind them */
    size_t n, n_passages;
    struct lct_trace_features *passages;
};

struct job {
    struct settings settings;
    char **films, **models;
    int n_films, n_models;
    struct side film, model;
    struct lct_comparison result;
    double nm_per_site;
    bool drawn;
};

static void side_finish(struct side *s)
{
    for (size_t i = 0; i < s->n; i++)
        lct_trace_finish(&s->traces[i]);
    free(s->traces);
    free(s->features);
    free(s->passages);
}

/* The words behind --mc are the models; without it the last word is. */
static void split_words(struct job *j, char **words, int *n)
{
    int kept = 0;
    bool models = false;
    for (int i = 0; i < *n; i++) {
        char *word = words[i];
        if (strcmp(word, "--mc") == 0)
            models = true;
        else if (models && word[0] != '-')
            j->models[j->n_models++] = word;
        else {
            models = false;
            words[kept++] = word;
        }
    }
    *n = kept;
}

static enum lct_status add(struct side *s, const struct lct_trace *traces, size_t n, struct lct_err *err)
{
    struct lct_trace *all = realloc(s->traces, (s->n + n) * sizeof *all);
    if (!all)
        return lct_fail(err, LCT_E_LIMIT, "compare: no memory for %zu traces", s->n + n);
    memcpy(all + s->n, traces, n * sizeof *traces);
    s->traces = all;
    s->n += n;
    return LCT_OK;
}

static bool holds(const char *dir, const char *name)
{
    char *path = lct_file_join(dir, name);
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

static enum lct_status add_passages(struct side *s, const char *dir, struct lct_err *err)
{
    struct lct_trace_features *f = NULL;
    size_t n = 0;
    const enum lct_status status = lct_passages_model(&f, &n, dir, err);
    if (status != LCT_OK)
        return status;
    struct lct_trace_features *all = realloc(s->passages, (s->n_passages + n) * sizeof *all);
    if (all) {
        memcpy(all + s->n_passages, f, n * sizeof *f);
        s->passages = all;
        s->n_passages += n;
    }
    free(f);
    return all ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "compare: no memory for %zu passages", s->n_passages + n);
}

/* growth.csv, doubling.csv, or both. */
static enum lct_status read_model(struct side *side, const char *dir, struct lct_err *err)
{
    const bool passages = holds(dir, "doubling.csv");
    enum lct_status s = LCT_OK;
    if (!passages || holds(dir, "growth.csv")) {
        struct lct_trace *t = NULL;
        size_t n = 0;
        s = lct_traces_model(&t, &n, dir, err);
        if (s == LCT_OK && (s = add(side, t, n, err)) != LCT_OK)
            for (size_t k = 0; k < n; k++)
                lct_trace_finish(&t[k]);
        free(t);
    }
    return s == LCT_OK && passages ? add_passages(side, dir, err) : s;
}

static enum lct_status read_all(struct job *j, struct lct_err *err)
{
    enum lct_status s = LCT_OK;
    for (int i = 0; s == LCT_OK && i < j->n_films; i++) {
        struct lct_trace t;
        s = lct_trace_film(&t, j->films[i], j->settings.particle, err);
        if (s == LCT_OK && (s = add(&j->film, &t, 1, err)) != LCT_OK)
            lct_trace_finish(&t);
    }
    for (int i = 0; s == LCT_OK && i < j->n_models; i++)
        s = read_model(&j->model, j->models[i], err);
    if (s == LCT_OK && j->model.n == 0)
        s = lct_fail(err, LCT_E_NODATA,
            "compare: doubling.csv has waits but no curves, from which the seconds per step come; name a folder of "
            "'lctem mc grow' too");
    return s;
}

static enum lct_status measure(struct side *side, const double *level, struct lct_err *err)
{
    side->features = calloc(side->n + side->n_passages, sizeof *side->features);
    enum lct_status s = side->features ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    for (size_t i = 0; s == LCT_OK && i < side->n; i++)
        s = lct_trace_measure(&side->features[i], &side->traces[i], level, err);
    if (s == LCT_OK && side->n_passages)
        memcpy(side->features + side->n, side->passages, side->n_passages * sizeof *side->passages);
    return s;
}

/* At which the film's first core is as large as the model's: columns of a hexagonal lattice cover sqrt(3)/2 a^2 each. */
static double site_nm(const struct job *j, double *scratch)
{
    for (size_t i = 0; i < j->film.n; i++)
        scratch[i] = sqrt(j->film.traces[i].first_core / j->model.traces[0].first_core / sqrt(0.75));
    return lct_stats_median(scratch, j->film.n);
}

/* ---- compare.csv ---- */

static const struct lct_column columns[] = {
    { "film", "", "folder and particle" },
    { "time_s", "s", "of the film" },
    { "since_onset_s", "s", "since the film's core had grown by 5 %" },
    { "since_onset_steps", "steps",
        "the same in the model, by the fitted seconds per step; each replica from its own onset" },
    { "core_film_rel", "", "core area over its first value" },
    { "core_film_sd_rel", "", "its sigma" },
    { "core_mc_rel", "", "core sites over their first value: median of the replicas" },
    { "core_mc_low_rel", "", "5 % of the replicas lie below" },
    { "core_mc_high_rel", "", "95 % of the replicas lie below" },
    { "shell_film_rel", "", "shell area over its first value" },
    { "shell_mc_rel", "", "shell sites over their first value: median of the replicas" },
    { "shell_mc_low_rel", "", "5 %" },
    { "shell_mc_high_rel", "", "95 %" },
    { "exposed_film_frac", "frac", "mean over the facets of the share that meets the liquid" },
    { "exposed_mc_frac", "frac", "share of the core sites that have an empty neighbour: mean of the replicas" },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };
static const struct lct_table_spec compare_table = { "compare", "film and simulation side by side on one time base", 1,
    columns, N_COLUMNS };

/* The replicas that were there `steps` after (before) their onset; out: low, median, high, mean. */
static void band(const struct job *j, double steps, ptrdiff_t curve, double *scratch, double out[4])
{
    size_t n = 0;
    double sum = 0;
    for (size_t i = 0; i < j->model.n; i++) {
        const struct lct_trace *t = &j->model.traces[i];
        const double x =
            lct_trace_at(t, t->time + curve * (ptrdiff_t)t->n, t->time[0] + j->model.features[i].onset + steps);
        if (isnan(x))
            continue;
        scratch[n++] = x;
        sum += x;
    }
    out[0] = out[1] = out[2] = out[3] = (double)NAN;
    if (2 * n < j->model.n || n == 0) /* of a band that few replicas make, the rest has gone one way */
        return;
    out[3] = sum / (double)n;
    out[0] = lct_stats_quantile(scratch, n, 0.05);
    out[1] = lct_stats_quantile(scratch, n, 0.5);
    out[2] = lct_stats_quantile(scratch, n, 0.95);
}

static enum lct_status write_rows(const struct job *j, double *scratch, struct lct_err *err)
{
    struct lct_table *out = NULL;
    enum lct_status s = lct_table_create(&out, j->settings.output, &compare_table, err);
    for (size_t f = 0; s == LCT_OK && f < j->film.n; f++) {
        const struct lct_trace *t = &j->film.traces[f];
        for (size_t i = 0; s == LCT_OK && i < t->n; i++) {
            const double since = t->time[i] - t->time[0] - j->film.features[f].onset,
                         steps = since / j->result.seconds_per_step.value;
            double core[4], shell[4], exposed[4];
            band(j, steps, 1, scratch, core);
            band(j, steps, 3, scratch, shell);
            band(j, steps, 4, scratch, exposed);
            const struct lct_cell cells[N_COLUMNS] = { lct_text(t->name), lct_num(t->time[i]), lct_num(since),
                lct_num(steps), lct_num(t->core[i]), lct_num(t->core_sd[i]), lct_num(core[1]), lct_num(core[0]),
                lct_num(core[2]), lct_num(t->shell[i]), lct_num(shell[1]), lct_num(shell[0]), lct_num(shell[2]),
                lct_num(t->exposed[i]), lct_num(exposed[3]) };
            s = lct_table_row(out, cells, err);
        }
    }
    const enum lct_status closed = lct_table_close(&out, s == LCT_OK ? err : NULL);
    return s == LCT_OK ? closed : s;
}

/* ---- compare.json, plot, words ---- */

static void write_features(struct lct_json *json, const struct side *side, const char *key, const char *unit)
{
    char name[32];
    lct_json_open_array(json, key);
    for (size_t i = 0; i < side->n; i++) {
        const struct lct_trace_features *f = &side->features[i];
        lct_json_open_object(json, NULL);
        lct_json_text(json, "name", side->traces[i].name);
        snprintf(name, sizeof name, "onset_%s", unit);
        lct_json_number(json, name, f->onset);
        snprintf(name, sizeof name, "doubled_%s", unit);
        lct_json_number(json, name, f->doubled);
        snprintf(name, sizeof name, "growth_%s", unit);
        lct_json_number(json, name, f->cross[LCT_COMPARE_LEVELS - 1]);
        snprintf(name, sizeof name, "watched_%s", unit);
        lct_json_number(json, name, f->watched);
        lct_json_number(json, "largest_core_rel", f->top);
        lct_json_number(json, "shell_rel", f->shell);
        lct_json_number(json, "exposure_growth_correlation", f->correlation);
        lct_json_number(json, "open_over_closed_growth", f->open_ratio);
        lct_json_close(json);
    }
    lct_json_close(json);
}

static enum lct_status write_json(const struct job *j, struct lct_err *err)
{
    struct lct_json *json = NULL;
    char *path = lct_file_join(j->settings.output, "compare.json");
    enum lct_status s = path ? lct_json_create(&json, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK) {
        lct_table_describe(&compare_table, json);
        lct_comparison_json(json, &j->result);
        lct_json_number(json, "nm_per_site", j->nm_per_site);
        lct_json_text(json, "nm_per_site_is",
            "that at which the film's first core area is the model's; the lattice constant of Cd is 0.29794 nm");
        lct_json_number(json, "last_level_rel", j->result.level[LCT_COMPARE_LEVELS - 1]);
        lct_json_integer(json, "passages", (long long)j->model.n_passages);
        write_features(json, &j->film, "films", "s");
        write_features(json, &j->model, "replicas", "steps");
        s = lct_json_write(json, path, err);
    }
    lct_json_destroy(&json);
    free(path);
    return s;
}

static const char script[] =
    "set terminal svg size 760,820 dynamic font 'sans,13' background rgb 'white'\n"
    "set output 'compare.svg'\n"
    "set datafile separator ','\n"
    "d = 'compare.csv'\nof(i, c) = strcol(1) eq film[i] ? column(c) : NaN\n"
    "stats d using 3 every ::1 name 'T' nooutput\n"
    "if (exists('T_min') && T_min < T_max) { set xrange [T_min:T_max] }\n"
    "set lmargin 10; set rmargin 3 # one time axis for all\n"
    "set pointintervalbox 0.001 # no white boxes behind points; 0 would mean 1\n"
    "set errorbars 0\n"
    "set multiplot layout 3,1\n"
    "set key left top Left reverse\nset style fill transparent solid 0.25 noborder\n"
    "set ylabel 'core over its first value'\n"
    "plot for [i=1:|film|] d using 3:(of(i, 8)):(of(i, 9)) every ::1 with filledcurves lc rgb '#888888' \\\n"
    "         title (i == 1 ? 'model, 5 - 95 % of the replicas' : ''), \\\n"
    "     for [i=1:|film|] d using 3:(of(i, 5)):6 every ::1 with yerrorbars pt 7 ps 0.3 lc i title film[i] noenhanced, "
    "\\\n"
    "     for [i=1:|film|] d using 3:(of(i, 7)) every ::1 with lines lc rgb '#444444' lw 2 title (i == 1 ? 'model, "
    "median' : '')\n"
    "unset key\nset ylabel 'shell over its first value'\n"
    "plot for [i=1:|film|] d using 3:(of(i, 12)):(of(i, 13)) every ::1 with filledcurves lc rgb '#888888', \\\n"
    "     for [i=1:|film|] d using 3:(of(i, 10)) every ::1 with points pt 7 ps 0.3 lc i, \\\n"
    "     for [i=1:|film|] d using 3:(of(i, 11)) every ::1 with lines lc rgb '#444444' lw 2\n"
    "set xlabel 'time since the core had grown by 5 % / s'\n"
    "set ylabel 'exposed share'\nset yrange [0:*]\n"
    "plot for [i=1:|film|] d using 3:(of(i, 14)) every ::1 with points pt 7 ps 0.3 lc i, \\\n"
    "     for [i=1:|film|] d using 3:(of(i, 15)) every ::1 with lines lc rgb '#444444' lw 2\n"
    "unset multiplot\n";

/* The films' names as a gnuplot array; a quote within is doubled. */
static void write_names(const struct job *j, FILE *f)
{
    fprintf(f, "array film[%zu] = [", j->film.n);
    for (size_t i = 0; i < j->film.n; i++) {
        fputs(i ? ", '" : "'", f);
        for (const char *c = j->film.traces[i].name; *c; c++)
            fprintf(f, *c == '\'' ? "''" : "%c", *c);
        fputc('\'', f);
    }
    fputs("]\n", f);
}

static enum lct_status draw(struct job *j, struct lct_err *err)
{
    char *path = lct_file_join(j->settings.output, "compare.gp");
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (f) {
        write_names(j, f);
        fputs(script, f);
        fclose(f);
    }
    const enum lct_status s =
        path && text ? lct_file_write(path, text, n, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    free(text);
    free(path);
    if (s == LCT_OK)
        j->drawn = cli_gnuplot(j->settings.output, "compare.gp");
    return s;
}

static void say(const struct job *j)
{
    const struct lct_comparison *c = &j->result;
    printf("%zu film%s, %zu replica%s", j->film.n, j->film.n == 1 ? "" : "s", j->model.n, j->model.n == 1 ? "" : "s");
    if (j->model.n_passages)
        printf(", %zu waits and doublings of doubling.csv", j->model.n_passages);
    printf("\n");
    printf("a step is %.4g s (%.4g .. %.4g), from the growth alone; single replicas scatter by a factor of %.3g\n",
        c->seconds_per_step.value, c->seconds_per_step.low_95, c->seconds_per_step.high_95, exp(c->spread));
    printf("a site is %.4g nm if the cores are as large; growth curves differ by %.2g of the time of growth\n",
        j->nm_per_site, c->distance);
    for (int i = 0; i < LCT_COMPARE_TESTS; i++) {
        const struct lct_compare_test *t = &c->tests[i];
        if (isnan(t->p))
            printf("%s: nothing to test (%zu films, %zu replicas)\n", t->name, t->n_film, t->n_model);
        else
            printf(
                "%s: p = %.2g, statistic %.3g\n  %s;\n  but %s\n", t->name, t->p, t->statistic, t->shows, t->shows_not);
    }
    printf("%s: compare.csv, compare.json%s\n", j->settings.output, j->drawn ? ", compare.svg" : "");
}

static enum lct_status run(struct job *j, struct lct_err *err)
{
    enum lct_status s = read_all(j, err);
    if (s == LCT_OK)
        s = lct_compare_levels(j->result.level, j->film.traces, j->film.n, j->model.traces, j->model.n, err);
    if (s == LCT_OK)
        s = measure(&j->film, j->result.level, err);
    if (s == LCT_OK)
        s = measure(&j->model, j->result.level, err);
    if (s == LCT_OK)
        s = lct_compare_run(
            &j->result, j->film.features, j->film.n, j->model.features, j->model.n + j->model.n_passages, err);
    double *scratch = malloc((j->film.n + j->model.n + 1) * sizeof *scratch);
    if (s == LCT_OK && !scratch)
        s = lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    if (s == LCT_OK) {
        j->nm_per_site = site_nm(j, scratch);
        s = cli_make_folders(j->settings.output, err);
    }
    if (s == LCT_OK)
        s = write_rows(j, scratch, err);
    if (s == LCT_OK)
        s = write_json(j, err);
    if (s == LCT_OK && !j->settings.no_pictures)
        s = draw(j, err);
    free(scratch);
    if (s == LCT_OK && !j->settings.quiet)
        say(j);
    return s;
}

static enum lct_status check(struct job *j, struct lct_err *err)
{
    if (j->n_models == 0 && j->n_films > 1)
        j->models[j->n_models++] = j->films[--j->n_films];
    if (j->n_films < 1 || j->n_models < 1)
        return lct_fail(err, LCT_E_ARG, "compare: of what? usage: lctem compare DIR MCDIR, or DIR... --mc MCDIR...");
    if (!j->settings.output && !(j->settings.output = strdup(j->films[0]))) /* the options free it */
        return lct_fail(err, LCT_E_LIMIT, "compare: no memory");
    char *path = lct_file_join(j->settings.output, "compare.json");
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there && !j->settings.force ? lct_fail(err, LCT_E_OUTPUT,
               "%s: holds a comparison; --force overwrites it, -o DIR takes another folder", j->settings.output)
                                       : LCT_OK;
}

static enum lct_status help(const struct lct_options *options, struct lct_err *err)
{
    char *text = NULL;
    const enum lct_status s = lct_options_help(options, cli_width(), &text, err);
    if (s == LCT_OK)
        printf("usage: lctem compare DIR... --mc MCDIR... [OPTION]...\n\nDIR: of analyze; MCDIR: of mc grow, with "
               "several replicas; of mc doubling, for more waits.\n\n%s",
            text);
    free(text);
    return s;
}

enum lct_status cmd_compare(struct call *call, struct lct_err *err)
{
    struct job j = { .films = call->words, .models = calloc((size_t)call->n_words + 2, sizeof *j.models) };
    struct lct_options options = { 0 };
    int n = call->n_words;
    enum lct_status s = j.models ? lct_options_init(&options, &compare_options, 1, &j.settings, err)
                                 : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK) {
        split_words(&j, call->words, &n);
        s = lct_options_parse(&options, n, call->words, &j.n_films, err);
    }
    if (s == LCT_OK && j.settings.help) {
        s = help(&options, err);
    } else {
        if (s == LCT_OK)
            s = check(&j, err);
        if (s == LCT_OK)
            s = run(&j, err);
        if (s == LCT_OK)
            cli_refresh_report(&call->log, j.settings.output);
    }
    side_finish(&j.film);
    side_finish(&j.model);
    free(j.models);
    lct_options_finish(&options);
    return s;
}
