#include "gnuplot.h"

#include "palette.h"
#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* `part` is set by lctem, so that a picture gets its name when it is whole; `colours` by the head that is written below. */
static const char script_setup[] =
    "if (!exists('part')) part = ''\n"
    "set encoding utf8\n"
    "set datafile separator comma\n"
    "set datafile columnheaders\n"
    "set datafile missing NaN\n"
    "colour(p) = word(colours, (p - 1) % words(colours) + 1)\n"
    "set style fill transparent solid 0.25 noborder\n"
    "set border 3 linewidth 1.2\n"
    "set tics out nomirror\n"
    "set grid y linetype 1 linecolor rgb '#dddddd' linewidth 0.8\n"
    "set lmargin 11\n"
    "set rmargin 22\n"
    "set key at graph 1.02, 1.0 left top reverse Left samplen 2 noautotitle\n"
    "\n"
    "do for [kind = 1:2] {\n"
    "    if (kind == 1) {\n"
    "        set terminal svg size 900,900 dynamic font 'DejaVu Sans,15' background rgb 'white'\n"
    "        set output name.'.svg'.part\n"
    "    } else {\n"
    "        set terminal pngcairo size 1350,1350 font 'DejaVu Sans,16' linewidth 1.5 background rgb 'white'\n"
    "        set output name.'.png'.part\n"
    "    }\n";

/* Run gnuplot in `plots`, silently; its exit status, or a negative errno. */
static int run_gnuplot(const char *program, const char *plots, const char *script)
{
    char name[] = "gnuplot", defaults[] = "-d", command[] = "-e", part[] = "part='.part'", file[64];
    snprintf(file, sizeof file, "%s.gp", script);
    char *const argv[] = { name, defaults, command, part, file, NULL };
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
    const enum lct_status status = part ? part_keep(part, path, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    free(part);
    free(path);
    return status;
}

enum lct_status gnuplot_make_pictures(const char *plots, const char *name, const char *program, struct lct_err *err)
{
    if (!program)
        program = "gnuplot";
    const int code = run_gnuplot(program, plots, name);
    if (code == -ENOENT || code == -EACCES || code == 127)
        return lct_fail(err, LCT_E_NODATA, "%s/%s.gp: not drawn, for there is no %s; install the package gnuplot-nox and run "
                                           "`gnuplot %s.gp` there", plots, name, program, name);
    if (code != 0)
        return lct_fail(err, LCT_E_OUTPUT, "%s/%s.gp: gnuplot failed (%d); run `gnuplot %s.gp` there to see why", plots, name, code, name);
    const enum lct_status status = keep_picture(plots, name, "svg", err);
    return status != LCT_OK ? status : keep_picture(plots, name, "png", err);
}

static enum lct_status write_script(const char *path, const char *name, const char *body, struct lct_err *err)
{
    char *part = part_name(path);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status status = LCT_OK;
    FILE *file = fopen(part, "w");
    if (file) {
        fprintf(file, "# Make the pictures again, in this folder, with: gnuplot %s.gp\nname = '%s'\ncolours = '", name, name);
        for (int i = 0; i < PALETTE_SIZE; i++)
            fprintf(file, "%s#%06X", i ? " " : "", (unsigned)palette_rgb[i]);
        fprintf(file, "'\n%s%s", script_setup, body);
        const int failed = ferror(file);
        if (fclose(file) != 0 || failed)
            status = part_fail(path, errno, err);
    } else {
        status = part_fail(path, errno, err);
    }
    if (status == LCT_OK)
        status = part_keep(part, path, err);
    free(part);
    return status;
}

enum lct_status gnuplot_draw(
    const char *dir, const char *name, const char *body, const char *program, struct lct_err *err)
{
    char *plots = NULL, *script = NULL;
    if (asprintf(&plots, "%s/plots", dir) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (asprintf(&script, "%s/%s.gp", plots, name) < 0) {
        free(plots);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    }
    enum lct_status status = mkdir(plots, 0777) != 0 && errno != EEXIST ? part_fail(plots, errno, err) : LCT_OK;
    if (status == LCT_OK)
        status = write_script(script, name, body, err);
    if (status == LCT_OK)
        status = gnuplot_make_pictures(plots, name, program, err);
    free(script);
    free(plots);
    return status;
}
