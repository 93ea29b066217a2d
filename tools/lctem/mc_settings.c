#include "mc_settings.h"

#include <lctem/file.h>
#include <lctem/mc_keys.h>
#include <lctem/parallel.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(member) offsetof(struct mc_settings, member)
#define BETWEEN(a, b) .min = (a), .max = (b)

enum {
    RUNS = MC_GROW | MC_DOUBLING | MC_SCAN,
    SAMPLES = RUNS | MC_BARRIER,
    EVERY = SAMPLES | MC_RENDER,
};

// clang-format off
static const struct lct_option own_rows[] = {
    { .key = "output", .letter = 'o', .type = LCT_OPTION_TEXT, .offset = AT(output), .choices = "DIR", .commands = EVERY,
        .session = true, .help = "folder for the results" },
    { .key = "preset", .type = LCT_OPTION_TEXT, .offset = AT(preset), .fallback = "printed", .choices = "NAME", .commands = SAMPLES,
        .help = "reading of the recipe to start from; 'lctem mc --help' describes them" },
    { .key = "shell", .type = LCT_OPTION_CHOICE, .offset = AT(shell), .fallback = "auto", .choices = "auto|yes|no|both",
        .commands = SAMPLES, .help = "start with the shell, without, or both; auto: both for doubling and scan, else yes" },
    { .key = "replicas", .letter = 'n', .type = LCT_OPTION_INT, .offset = AT(replicas), .fallback = "auto", BETWEEN(1, 1e7),
        .commands = RUNS, .help = "trajectories of each kind; auto: grow 1, doubling 100, scan 24" },
    { .key = "engine", .type = LCT_OPTION_CHOICE, .offset = AT(engine), .fallback = "rejection-free",
        .choices = "rejection-free|metropolis", .commands = RUNS, .help = "how the process is run; the process is the same" },
    { .key = "max_steps", .type = LCT_OPTION_DOUBLE, .offset = AT(max_steps), .fallback = "auto", BETWEEN(1, 1e12), .unit = "steps",
        .commands = RUNS, .help = "a replica that lasts longer is censored there; auto: 1e9, scan 1e7" },
    { .key = "max_events", .type = LCT_OPTION_DOUBLE, .offset = AT(max_events), .fallback = "auto", BETWEEN(1, 1e15), .commands = RUNS,
        .help = "a replica with more accepted moves is given up; auto: 2e8, scan 3e6" },
    { .key = "every", .type = LCT_OPTION_INT, .offset = AT(every), .fallback = "100", BETWEEN(1, 1e12), .unit = "steps",
        .commands = MC_GROW, .help = "steps between two rows of growth.csv" },
    { .key = "snapshot_every", .type = LCT_OPTION_INT, .offset = AT(snapshot_every), .fallback = "auto", BETWEEN(1, 1e12),
        .unit = "steps", .commands = MC_GROW, .help = "steps between two pictures; auto: at each fifth of the growth" },
    { .key = "no_pictures", .type = LCT_OPTION_BOOL, .offset = AT(no_pictures), .commands = MC_GROW | MC_SCAN, .session = true,
        .help = "tables only" },
    { .key = "order", .type = LCT_OPTION_CHOICE, .offset = AT(order), .fallback = "auto", .choices = "auto|core|exposed",
        .commands = MC_BARRIER, .help = "what q counts: core sites beyond the start, or exposed core; auto: exposed with shell" },
    { .key = "range", .type = LCT_OPTION_TEXT, .offset = AT(range), .choices = "A:B", .commands = MC_BARRIER,
        .help = "first and last q (default -24:48 for core, 0:8 for exposed)" },
    { .key = "open", .type = LCT_OPTION_BOOL, .offset = AT(open), .commands = MC_BARRIER,
        .help = "order exposed: keep the exchanges with the liquid (default: swaps only, numbers fixed)" },
    { .key = "rounds", .type = LCT_OPTION_INT, .offset = AT(rounds), .fallback = "auto", BETWEEN(0, 1000), .commands = MC_BARRIER,
        .help = "rounds in which weights (core) or the softening (exposed) are found; auto: core 8.3 for each q of the range, exposed 12; 0: brute force" },
    { .key = "keep_start", .type = LCT_OPTION_CHOICE, .offset = AT(keep_start), .fallback = "auto", .choices = "auto|yes|no",
        .commands = MC_BARRIER, .help = "core: the start gains core or loses it, never both; exposed: see strays; auto: if it has 7 columns or more" },
    { .key = "strays", .type = LCT_OPTION_INT, .offset = AT(strays), .fallback = "auto", BETWEEN(0, 100000), .commands = MC_BARRIER,
        .help = "order exposed, start kept: at most so many core sites away from their place" },
    { .key = "width", .type = LCT_OPTION_INT, .offset = AT(width), .fallback = "auto", BETWEEN(0, 100000), .commands = MC_BARRIER,
        .help = "order core: growth by so many is as likely as dissolution by so many at the coexistence point; auto: 12" },
    { .key = "runs", .type = LCT_OPTION_INT, .offset = AT(runs), .fallback = "auto", BETWEEN(2, 1000), .commands = MC_BARRIER,
        .help = "independent runs that measure; their scatter is the sigma" },
    { .key = "events", .type = LCT_OPTION_DOUBLE, .offset = AT(events), .fallback = "auto", BETWEEN(1e3, 1e12), .commands = MC_BARRIER,
        .help = "events of each run; auto: core 2.1e5 for each q of the range, exposed 5e6" },
    { .key = "scale", .type = LCT_OPTION_DOUBLE, .offset = AT(scale_px), .fallback = "12", BETWEEN(2, 100), .unit = "px",
        .commands = MC_GROW | MC_RENDER, .session = true, .help = "size of a column in the pictures" },
    { .key = "scene", .type = LCT_OPTION_TEXT, .offset = AT(scene), .choices = "FILE", .commands = MC_RENDER,
        .help = "film: camera, light and film of this scene (docs/scene.md); default: plain liquid" },
    { .key = "replica", .type = LCT_OPTION_INT, .offset = AT(replica), .fallback = "0", BETWEEN(0, 1e9), .commands = MC_RENDER,
        .help = "film: which trajectory" },
    { .key = "site_nm", .type = LCT_OPTION_DOUBLE, .offset = AT(site_nm), .fallback = "0.29794", BETWEEN(1e-3, 1e3), .unit = "nm",
        .commands = MC_RENDER, .help = "film: distance between columns" },
    { .key = "step_s", .type = LCT_OPTION_DOUBLE, .offset = AT(step_s), .fallback = "auto", BETWEEN(1e-12, 1e9), .unit = "s",
        .commands = MC_RENDER, .help = "film: seconds per step; auto: one frame for each snapshot" },
    { .key = "fps", .type = LCT_OPTION_DOUBLE, .offset = AT(fps), .fallback = "5", BETWEEN(1e-6, 1e6), .commands = MC_RENDER,
        .help = "film: frames per second" },
    { .key = "dose", .type = LCT_OPTION_DOUBLE, .offset = AT(dose), .fallback = "auto", BETWEEN(1e-3, 1e15), .unit = "e/nm2/s",
        .commands = MC_RENDER, .help = "film: electrons per nm2 and second; auto: the scene's" },
    { .key = "pixel_size", .letter = 'p', .type = LCT_OPTION_DOUBLE, .offset = AT(pixel_size), .fallback = "auto", BETWEEN(1e-3, 1e3),
        .unit = "nm", .commands = MC_RENDER, .help = "film: size of a pixel; auto: the scene's" },
    { .key = "width_px", .type = LCT_OPTION_INT, .offset = AT(width_px), .fallback = "auto", BETWEEN(16, 16384), .unit = "px",
        .commands = MC_RENDER, .help = "film: width and height; auto: the scene's" },
    { .key = "seed", .type = LCT_OPTION_SEED, .offset = AT(seed), .fallback = "1", .commands = EVERY, .help = "seed of all random numbers" },
    { .key = "threads", .letter = 'j', .type = LCT_OPTION_INT, .offset = AT(threads), .fallback = "auto", BETWEEN(1, 1024),
        .commands = EVERY, .session = true, .help = "threads to use; auto: one for each core; the results are the same" },
    { .key = "config", .letter = 'c', .type = LCT_OPTION_TEXT, .offset = AT(config), .choices = "FILE", .commands = SAMPLES,
        .session = true, .help = "recipe to read; flags have the last word" },
    { .key = "set", .type = LCT_OPTION_TEXT, .offset = AT(set), .choices = "KEY=VALUE", .commands = SAMPLES, .session = true,
        .help = "set one key; may be repeated" },
    { .key = "dump_config", .type = LCT_OPTION_BOOL, .offset = AT(dump_config), .commands = SAMPLES, .session = true,
        .help = "print the recipe with all its keys and stop" },
    { .key = "resume", .type = LCT_OPTION_BOOL, .offset = AT(resume), .commands = RUNS, .session = true,
        .help = "go on where an interrupted run stopped" },
    { .key = "force", .letter = 'f', .type = LCT_OPTION_BOOL, .offset = AT(force), .commands = EVERY, .session = true,
        .help = "overwrite what is there" },
    { .key = "quiet", .letter = 'q', .type = LCT_OPTION_BOOL, .offset = AT(quiet), .commands = EVERY, .session = true,
        .help = "errors only" },
    { .key = "verbose", .letter = 'v', .type = LCT_OPTION_BOOL, .offset = AT(verbose), .commands = EVERY, .session = true,
        .help = "say more" },
    { .key = "help", .letter = 'h', .type = LCT_OPTION_BOOL, .offset = AT(help), .commands = EVERY, .session = true, .help = "this text" },
};
// clang-format on
enum { N_OWN = sizeof own_rows / sizeof *own_rows };

/* The model's keys become rows of the same table, as text that lct_mc_set reads. */
static enum lct_status make_table(struct mc_call *c, struct lct_err *err)
{
    size_t n = 0;
    const struct lct_mc_key *keys = lct_mc_keys();
    c->rows = calloc(N_OWN + MC_MAX_KEYS, sizeof *c->rows);
    if (!c->rows)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    memcpy(c->rows, own_rows, sizeof own_rows);
    for (; keys[n].name && n < MC_MAX_KEYS; n++)
        c->rows[N_OWN + n] = (struct lct_option){ .key = keys[n].name,
            .type = LCT_OPTION_TEXT,
            .offset = AT(key) + n * sizeof(char *),
            .choices = keys[n].values,
            .commands = SAMPLES,
            .help = keys[n].help };
    c->table = (struct lct_option_table){ .rows = c->rows, .n = N_OWN + n };
    return LCT_OK;
}

/* --grid may be repeated, which the option table does not know: taken out of argv before. */
static enum lct_status take_grids(struct mc_call *c, int *argc, char **argv, struct lct_err *err)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        const char *value = NULL;
        if (strncmp(argv[i], "--grid=", 7) == 0)
            value = argv[i] + 7;
        else if (strcmp(argv[i], "--grid") == 0)
            value = i + 1 < *argc ? argv[++i] : "";
        if (!value)
            argv[kept++] = argv[i];
        else if (c->n_grids == MC_MAX_GRIDS)
            return lct_fail(err, LCT_E_ARG, "grid: more than %d axes; scan them one after the other", MC_MAX_GRIDS);
        else
            c->grid[c->n_grids++] = value;
    }
    *argc = kept;
    return LCT_OK;
}

enum lct_status mc_call_options(struct mc_call *c, unsigned bit, struct lct_err *err)
{
    *c = (struct mc_call){ 0 };
    const enum lct_status s = make_table(c, err);
    return s == LCT_OK ? lct_options_init(&c->options, &c->table, bit, &c->settings, err) : s;
}

static enum lct_status print_and_stop(struct mc_call *c, struct lct_err *err)
{
    char *text = NULL;
    const enum lct_status s = c->settings.help
        ? lct_options_help(&c->options, cli_width(), &text, err)
        : lct_options_write_recipe(&c->options, "recipe for lctem mc", &text, err);
    if (s != LCT_OK)
        return s;
    if (c->settings.help) {
        printf("usage: lctem mc %s%s [OPTION]...\n\n%s", c->command,
            strcmp(c->command, "render") == 0 ? " GROWDIR -o MOVIE|STACK... -o DIR" : " -o DIR", text);
        if (strcmp(c->command, "scan") == 0)
            printf("  --grid KEY=A:B:STEP | KEY=a,b,c   an axis of the map; may be repeated; KEY=A:B:*N grows by the "
                   "factor N\n");
        printf("\npresets:\n");
        for (const struct lct_mc_preset *p = lct_mc_presets(); p->name; p++)
            printf("  %-17s %s\n", p->name, p->help);
    } else {
        fputs(text, stdout);
    }
    free(text);
    return LCT_E_CANCELLED;
}

static enum lct_status apply(struct mc_call *c, struct lct_err *err)
{
    const struct mc_settings *s = &c->settings;
    enum lct_status status = lct_mc_preset_find(s->preset ? s->preset : "printed", &c->params, err);
    const struct lct_mc_key *keys = lct_mc_keys();
    for (size_t k = 0; status == LCT_OK && keys[k].name; k++)
        if (s->key[k])
            status = lct_mc_set(&c->params, keys[k].name, s->key[k], err);
    if (status == LCT_OK)
        status = lct_mc_check(&c->params, err);
    if (status == LCT_OK && s->resume && s->force)
        status = lct_fail(err, LCT_E_ARG, "--resume goes on, --force starts again; give one of them");
    const bool scan = strcmp(c->command, "scan") == 0;
    c->run = lct_mc_run_defaults();
    c->run.engine = s->engine == 1 ? LCT_MC_METROPOLIS : LCT_MC_REJECTION_FREE;
    c->run.seed = s->seed;
    c->run.max_steps = isnan(s->max_steps) ? (scan ? 1e7 : 1e9) : s->max_steps;
    c->run.max_events = isnan(s->max_events) ? (scan ? 3000000 : 200000000) : (uint64_t)s->max_events;
    c->run.threads = s->threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)s->threads;
    return status;
}

enum lct_status mc_call_init(
    struct mc_call *c, const char *command, unsigned bit, int argc, char **argv, struct lct_err *err)
{
    enum lct_status s = mc_call_options(c, bit, err);
    c->command = command;
    c->words = argv;
    c->began_s = cli_clock(NULL);
    if (s == LCT_OK)
        s = take_grids(c, &argc, argv, err);
    if (s == LCT_OK && c->n_grids && bit != MC_SCAN)
        s = lct_fail(err, LCT_E_ARG, "--grid: mc %s does not take it; lctem mc scan does", command);
    if (s == LCT_OK)
        s = lct_options_parse(&c->options, argc, argv, &c->n_words, err);
    if (s == LCT_OK && c->settings.config)
        s = lct_options_read_recipe(&c->options, c->settings.config, err);
    if (s == LCT_OK && (c->settings.help || c->settings.dump_config))
        return print_and_stop(c, err);
    if (s == LCT_OK && bit != MC_RENDER && c->n_words)
        s = lct_fail(err, LCT_E_ARG, "mc %s: '%.60s' is one word too many; it takes options only, see lctem help mc",
            command, c->words[0]);
    if (s == LCT_OK)
        s = apply(c, err);
    c->session = (struct lct_recipe){ .quiet = c->settings.quiet, .verbose = c->settings.verbose };
    c->progress = cli_progress(&c->session);
    return s;
}

void mc_call_finish(struct mc_call *c)
{
    lct_options_finish(&c->options);
    free(c->rows);
    *c = (struct mc_call){ 0 };
}

enum lct_status mc_call_folder(const struct mc_call *c, struct lct_err *err)
{
    const struct mc_settings *s = &c->settings;
    if (!s->output)
        return lct_fail(err, LCT_E_ARG, "mc %s: where to? give a folder with -o DIR", c->command);
    char *json = lct_file_join(s->output, "mc.json");
    if (!json)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    enum lct_status status = LCT_OK;
    if (!s->force && !s->resume && access(json, F_OK) == 0)
        status = lct_fail(err, LCT_E_OUTPUT, "%s: holds a run; --resume goes on, --force overwrites it", s->output);
    free(json);
    if (status == LCT_OK)
        status = cli_make_folders(s->output, err);
    return status == LCT_OK ? mc_books_open(c, err) : status;
}

enum lct_status mc_call_subfolder(const struct mc_call *c, const char *name, char **out, struct lct_err *err)
{
    *out = lct_file_join(c->settings.output, name);
    return *out ? cli_make_folders(*out, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
}
