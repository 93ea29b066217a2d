#include "gnuplot.h"

#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void drop_picture(const char *plots, const char *name, const char *ending)
{
    char *part = NULL;
    if (asprintf(&part, "%s/%s.%s.part", plots, name, ending) >= 0)
        (void)unlink(part);
    free(part);
}

enum lct_status gnuplot_make_pictures(const char *plots, const char *name, const char *program, struct lct_err *err)
{
    if (!program)
        program = "gnuplot";
    const int code = run_gnuplot(program, plots, name);
    if (code == -ENOENT || code == -EACCES || code == 127)
        return lct_fail(err, LCT_E_NODATA, "%s/%s.gp: not drawn, for there is no %s; install the package gnuplot-nox and run "
                                           "`gnuplot %s.gp` there", plots, name, program, name);
    if (code != 0) {
        drop_picture(plots, name, "svg");
        drop_picture(plots, name, "png");
        return lct_fail(err, LCT_E_OUTPUT, "%s/%s.gp: gnuplot failed (%d); run `gnuplot %s.gp` there to see why", plots, name, code, name);
    }
    const enum lct_status status = keep_picture(plots, name, "svg", err);
    return status != LCT_OK ? status : keep_picture(plots, name, "png", err);
}
