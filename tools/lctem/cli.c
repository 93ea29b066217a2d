#include "cli.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/report.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <spawn.h>
#include <sys/wait.h>

/* Signals and the terminal belong to the process: the tool may keep its state here, the library may not. */
static volatile sig_atomic_t stop_asked;
static struct bar {
    bool drawn;
    char stage[24];
    double began_s, drawn_s;
    long first; /* steps done when the stage began: a resumed run does not begin at 0 */
} bar;

static void ask_to_stop(int signal)
{
    (void)signal;
    stop_asked = 1;
}

void cli_signals_init(void)
{
    stop_asked = 0;
    /* After the first one the default is back, so that a second one ends a run that does not listen. */
    struct sigaction stop = { .sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails */
    /* A stream that the caller has closed must not become a file of results; read-only, so that writing to it still fails. */
    for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY))
        if (fd > STDERR_FILENO) {
            close(fd);
            break;
        }
}

bool cli_cancelled(void)
{
    return stop_asked != 0;
}

bool cli_pause(void *context, double seconds)
{
    (void)context;
    const struct timespec span = { .tv_sec = (time_t)seconds,
        .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds)) };
    if (!cli_cancelled())
        (void)nanosleep(&span, NULL); /* a signal ends it */
    return !cli_cancelled();
}

double cli_clock(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double steady_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void clear_bar(void)
{
    if (bar.drawn)
        fputs("\r\033[K", stderr);
    bar.drawn = false;
}

static bool coloured(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
}

/* What a file says must not steer the terminal. */
static void print_plain(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        fputc(*c < 0x20 || *c == 0x7f ? '?' : *c, stderr);
    fputc('\n', stderr);
}

void cli_error(const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    clear_bar();
    fputs(coloured() ? "\033[31mlctem:\033[0m " : "lctem: ", stderr);
    print_plain(text);
}

static void log_to_stderr(void *context, enum lct_log_level level, const char *text)
{
    const struct lct_recipe *recipe = context;
    const bool loud =
        level == LCT_LOG_ERROR || (level == LCT_LOG_WARNING && !recipe->quiet) || (recipe->verbose && !recipe->quiet);
    if (!loud)
        return;
    clear_bar();
    fprintf(stderr, "lctem: %s: ", lct_log_level_name(level));
    print_plain(text);
}

struct lct_log cli_log(struct lct_recipe *recipe)
{
    return (struct lct_log){ log_to_stderr, recipe };
}

static void draw_bar(const char *stage, long done, long total, double now_s)
{
    enum { WIDTH = 24 };
    const double elapsed_s = now_s - bar.began_s, rate = elapsed_s > 0 ? (double)(done - bar.first) / elapsed_s : 0;
    clear_bar();
    fprintf(stderr, "%-10s ", stage);
    if (total > 0) {
        const int full = (int)((double)WIDTH * (double)done / (double)total);
        fputc('[', stderr);
        for (int i = 0; i < WIDTH; i++)
            fputc(i < full ? '#' : '.', stderr);
        fprintf(stderr, "] %3d %%  %ld/%ld", (int)(100.0 * (double)done / (double)total), done, total);
    } else
        fprintf(stderr, "%ld", done);
    if (rate > 0)
        fprintf(stderr, "  %.3g/s", rate);
    if (rate > 0 && total > done) {
        const long left_s = (long)((double)(total - done) / rate + 0.5);
        if (left_s >= 3600)
            fprintf(stderr, "  %ld:%02ld:%02ld left", left_s / 3600, left_s / 60 % 60, left_s % 60);
        else
            fprintf(stderr, "  %ld:%02ld left", left_s / 60, left_s % 60);
    }
    fflush(stderr);
    bar.drawn = true;
    bar.drawn_s = now_s;
}

static bool report(void *context, const char *stage, long done, long total)
{
    const struct lct_recipe *recipe = context;
    const double now_s = steady_s();
    if (recipe->quiet || !isatty(STDERR_FILENO))
        return !cli_cancelled();
    if (strcmp(stage, bar.stage) != 0) {
        snprintf(bar.stage, sizeof bar.stage, "%s", stage);
        bar.began_s = now_s;
        bar.first = done;
        bar.drawn_s = 0;
    }
    if (now_s - bar.drawn_s > 0.1)
        draw_bar(stage, done, total, now_s);
    if (done == total)
        clear_bar();
    return !cli_cancelled();
}

struct lct_progress cli_progress(struct lct_recipe *recipe)
{
    return (struct lct_progress){ report, recipe };
}

int cli_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < 120 ? size.ws_col : 120;
    return 80;
}

enum lct_status cli_json(struct lct_json **json, struct lct_err *err)
{
    char *text = NULL;
    const enum lct_status status = lct_json_string(*json, 0, &text, err);
    if (status == LCT_OK)
        puts(text);
    free(text);
    lct_json_destroy(json);
    return status;
}

enum lct_status cli_flush(struct lct_err *err)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return LCT_OK;
    return lct_fail(err, LCT_E_OUTPUT, "stdout: cannot write%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
}

static bool is_plain(const char *word)
{
    return word[0]
        && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,=%@")] == '\0';
}

char *cli_command_line(int argc, char **argv)
{
    char *line = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&line, &n);
    if (!f)
        return NULL;
    for (int i = 0; i < argc; i++) {
        if (i > 0)
            fputc(' ', f);
        if (is_plain(argv[i])) {
            fputs(argv[i], f);
            continue;
        }
        fputc('\'', f);
        for (const char *c = argv[i]; *c; c++)
            fputs(*c == '\'' ? "'\\''" : (char[]){ *c, '\0' }, f);
        fputc('\'', f);
    }
    if (fclose(f) != 0) {
        free(line);
        return NULL;
    }
    return line;
}

int cli_exit_status(enum lct_status status)
{
    return status == LCT_E_NODATA ? LCT_E_INPUT : status == LCT_END ? LCT_E_INTERNAL : (int)status;
}

enum lct_status cli_make_folders(const char *path, struct lct_err *err)
{
    char *copy = strdup(path);
    if (!copy)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status s = LCT_OK;
    for (char *at = copy + 1; s == LCT_OK; at++) {
        const char old = *at;
        if (old != '/' && old != '\0')
            continue;
        *at = '\0';
        s = lct_folder_make(copy, err);
        *at = old;
        if (old == '\0')
            break;
    }
    free(copy);
    return s;
}

extern char **environ;

bool cli_gnuplot(const char *dir, const char *script)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, dir);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char program[] = "gnuplot", *file = strdup(script);
    char *arguments[] = { program, file, NULL };
    pid_t pid;
    int outcome = -1;
    if (file && posix_spawnp(&pid, program, &actions, NULL, arguments, environ) == 0)
        waitpid(pid, &outcome, 0);
    posix_spawn_file_actions_destroy(&actions);
    free(file);
    return outcome == 0;
}

void cli_refresh_report(const struct lct_log *log, const char *dir)
{
    char *page = lct_file_join(dir, "report.html");
    if (page && access(page, F_OK) == 0) {
        struct lct_report_params params = lct_report_defaults();
        struct lct_report made;
        struct lct_err why = { 0 };
        params.version = LCT_VERSION;
        if (lct_report_make(&made, dir, &params, &why) != LCT_OK)
            lct_log_say(log, LCT_LOG_WARNING, "%s is that of before: %s", page, why.text);
    }
    free(page);
}
