#include <lctem/plot.h>

#include "part.h"
#include "plot_script.h"

#include <lctem/file.h>
#include <lctem/parallel.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Scripts for one process: starting it takes as long as a small picture. Always as many, for the marks in an SVG are numbered through. */
enum { SHEAF = 7 };

/* Scripts that one process draws, one after the other. */
struct sheaf {
    const char *name[SHEAF];
    int n;
};

/* Run gnuplot in `plots`, silently; its exit status, or a negative errno. Each script finds gnuplot as it starts. */
static int run_gnuplot(const char *program, const char *plots, const struct sheaf *sheaf)
{
    char name[] = "gnuplot", defaults[] = "-d", command[] = "-e", fresh[] = "reset session", part[] = "part='.part'";
    char file[SHEAF][64], *argv[3 + 5 * SHEAF] = { name, defaults };
    for (int i = 0; i < sheaf->n; i++) {
        snprintf(file[i], sizeof file[i], "%s.gp", sheaf->name[i]);
        char **next = argv + 2 + 5 * (ptrdiff_t)i;
        next[0] = command;
        next[1] = fresh;
        next[2] = command;
        next[3] = part;
        next[4] = file[i];
    }
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return -code;
    code = posix_spawn_file_actions_addchdir_np(&actions, plots);
    for (int fd = 0; fd < 3 && code == 0; fd++)
        code = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
    pid_t child = 0;
    if (code == 0)
        code = posix_spawnp(&child, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0)
        return -code;
    int outcome = 0;
    while (waitpid(child, &outcome, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 1;
}

static enum lct_status keep_picture(const char *plots, const char *name, const char *ending, struct lct_err *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s.%s", plots, name, ending) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", plots);
    char *part = part_name(path);
    const enum lct_status status =
        part ? part_keep(part, path, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    free(part);
    free(path);
    return status;
}

static void drop_picture(const char *plots, const char *name, const char *ending)
{
    char *part = NULL;
    if (asprintf(&part, "%s/%s.%s.part", plots, name, ending) >= 0)
        (void)unlink(part);
    free(part);
}

static enum lct_status fail_to_draw(
    int code, const char *plots, const char *name, const char *program, struct lct_err *err)
{
    if (code == -ENOENT || code == -EACCES || code == 127)
        return lct_fail(err, LCT_E_NODATA,
            "%s: no picture is drawn, for there is no %s; install the package gnuplot-nox and run "
            "`gnuplot *.gp` there",
            plots, program);
    drop_picture(plots, name, "svg");
    drop_picture(plots, name, "png");
    return lct_fail(err, LCT_E_OUTPUT, "%s/%s.gp: gnuplot failed (%d); run `gnuplot %s.gp` there to see why", plots,
        name, code, name);
}

/* Is it a script that lctem wrote? Others in the folder are the user's own business. */
static bool is_ours(const char *plots, const char *file)
{
    char *path = lct_file_join(plots, file), line[sizeof PLOT_SCRIPT_MARK] = "";
    FILE *script = path ? fopen(path, "r") : NULL;
    const bool ours = script && fgets(line, sizeof line, script) && strcmp(line, PLOT_SCRIPT_MARK) == 0;
    if (script)
        fclose(script);
    free(path);
    return ours;
}

struct script {
    char *name; /* without its ending */
    enum lct_status status;
    struct lct_err why;
};

struct drawing {
    struct script *scripts;
    size_t n;
    const char *plots, *program;
};

static void drawing_finish(struct drawing *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->scripts[i].name);
    free(d->scripts);
}

static int by_name(const void *a, const void *b)
{
    const struct script *p = a, *q = b;
    return strcmp(p->name, q->name);
}

static enum lct_status find_scripts(struct drawing *d, DIR *folder, struct lct_err *err)
{
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        const size_t length = strlen(e->d_name);
        if (length < 4 || strcmp(e->d_name + length - 3, ".gp") != 0 || !is_ours(d->plots, e->d_name))
            continue;
        struct script *more = realloc(d->scripts, (d->n + 1) * sizeof *more);
        if (more)
            d->scripts = more;
        if (!more || !(more[d->n] = (struct script){ .name = strndup(e->d_name, length - 3) }).name)
            return lct_fail(err, LCT_E_LIMIT, "%s: no memory for the plots", d->plots);
        d->n++;
    }
    if (d->n > 0)
        qsort(d->scripts, d->n, sizeof *d->scripts, by_name);
    return LCT_OK;
}

static enum lct_status keep_pictures(const char *plots, const char *name, struct lct_err *err)
{
    const enum lct_status status = keep_picture(plots, name, "svg", err);
    return status != LCT_OK ? status : keep_picture(plots, name, "png", err);
}

static void draw_alone(const struct drawing *d, struct script *s)
{
    const struct sheaf alone = { { s->name }, 1 };
    const int code = run_gnuplot(d->program, d->plots, &alone);
    s->status = code == 0 ? keep_pictures(d->plots, s->name, &s->why)
                          : fail_to_draw(code, d->plots, s->name, d->program, &s->why);
}

static size_t sheaves(size_t scripts)
{
    return (scripts + SHEAF - 1) / SHEAF;
}

/* Some scripts by one process, not neighbours, for those are alike and take as long; where one of them fails each is drawn by its own,
 * so that it does not keep the others from it. */
static enum lct_status draw_sheaf(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    const struct drawing *d = context;
    const size_t step = sheaves(d->n);
    struct sheaf sheaf = { .n = 0 };
    for (size_t k = i; k < d->n; k += step)
        sheaf.name[sheaf.n++] = d->scripts[k].name;
    const bool drawn = run_gnuplot(d->program, d->plots, &sheaf) == 0;
    for (size_t k = i; k < d->n; k += step)
        if (drawn)
            d->scripts[k].status = keep_pictures(d->plots, d->scripts[k].name, &d->scripts[k].why);
        else
            draw_alone(d, &d->scripts[k]);
    return LCT_OK;
}

enum lct_status lct_plot_draw(const char *dir, const char *gnuplot, int threads, struct lct_err *err)
{
    char *plots = lct_file_join(dir, "plots");
    if (!plots)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    struct drawing d = { .plots = plots, .program = gnuplot ? gnuplot : "gnuplot" };
    DIR *folder = opendir(plots);
    enum lct_status status = folder ? find_scripts(&d, folder, err) : LCT_OK;
    if (folder)
        closedir(folder);
    if (status == LCT_OK)
        status = lct_parallel_for(threads, sheaves(d.n), draw_sheaf, &d, err);
    for (size_t i = 0; status == LCT_OK && i < d.n; i++)
        if ((status = d.scripts[i].status) != LCT_OK && err)
            *err = d.scripts[i].why;
    drawing_finish(&d);
    free(plots);
    return status;
}
