#include <lctem/live_page.h>

#include "palette.h"

#include <lctem/file.h>
#include <lctem/number.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARTICLES = 64, POINTS = 600, WIDTH = 900, HEIGHT = 360, LEFT = 64, BOTTOM = 40, TOP = 12, RIGHT = 12 };

/* What is drawn of one particle: every stride-th row. */
struct curve {
    int particle;
    double time_s[POINTS], core[POINTS], shell[POINTS];
    int n;
    long stride, rows;
    double last_core, last_core_sd, last_shell, last_shell_sd;
    double last_time_s;
};

struct curves {
    struct curve *curve; /* MAX_PARTICLES */
    int n;
    bool in_px, by_frame; /* no pixel size, no times */
};

/* Room for POINTS of any number of rows: when it is full, every second one goes. */
static void add_point(struct curve *c, double time_s, double core, double shell)
{
    if (c->rows++ % c->stride != 0)
        return;
    if (c->n == POINTS) {
        for (int i = 0; i < POINTS / 2; i++) {
            c->time_s[i] = c->time_s[2 * i];
            c->core[i] = c->core[2 * i];
            c->shell[i] = c->shell[2 * i];
        }
        c->n = POINTS / 2;
        c->stride *= 2;
        if ((c->rows - 1) % c->stride != 0)
            return;
    }
    c->time_s[c->n] = time_s;
    c->core[c->n] = core;
    c->shell[c->n++] = shell;
}

static struct curve *curve_of(struct curves *all, int particle)
{
    for (int i = 0; i < all->n; i++)
        if (all->curve[i].particle == particle)
            return &all->curve[i];
    if (all->n == MAX_PARTICLES)
        return NULL;
    struct curve *c = &all->curve[all->n++];
    *c = (struct curve){ .particle = particle, .stride = 1 };
    return c;
}

/* The columns that are wanted, by name. */
enum wanted { FRAME, TIME, PARTICLE, CORE, CORE_SD, SHELL, SHELL_SD, CORE_PX, SHELL_PX, WANTED };
static const char *const names[WANTED] = { "frame", "time_s", "particle", "core_area_nm2", "core_area_sd_nm2",
    "shell_area_nm2", "shell_area_sd_nm2", "core_area_px", "shell_area_px" };

static void find_columns(const char *header, int column[WANTED])
{
    for (int w = 0; w < WANTED; w++) {
        const size_t n = strlen(names[w]);
        int at = 0;
        column[w] = -1;
        for (const char *c = header; c && column[w] < 0; c = strchr(c, ','), c = c ? c + 1 : NULL, at++)
            if (strncmp(c, names[w], n) == 0 && strchr(",\r\n", c[n]))
                column[w] = at;
    }
}

static void add_row(struct curves *all, const char *line, const int column[WANTED])
{
    double value[WANTED];
    for (int w = 0; w < WANTED; w++)
        value[w] = NAN;
    int at = 0;
    for (const char *c = line; c; c = strchr(c, ','), c = c ? c + 1 : NULL, at++)
        for (int w = 0; w < WANTED; w++) {
            const char *end;
            if (column[w] == at && (*c == ',' || !lct_number_parse(c, &value[w], &end)))
                value[w] = NAN;
        }
    struct curve *c = isfinite(value[PARTICLE]) ? curve_of(all, (int)value[PARTICLE]) : NULL;
    if (!c)
        return;
    all->in_px = !isfinite(value[CORE]);
    all->by_frame = !isfinite(value[TIME]);
    c->last_time_s = all->by_frame ? value[FRAME] : value[TIME];
    c->last_core = all->in_px ? value[CORE_PX] : value[CORE];
    c->last_shell = all->in_px ? value[SHELL_PX] : value[SHELL];
    c->last_core_sd = all->in_px ? (double)NAN : value[CORE_SD];
    c->last_shell_sd = all->in_px ? (double)NAN : value[SHELL_SD];
    add_point(c, c->last_time_s, c->last_core, c->last_shell);
}

static void read_curves(struct curves *all, const char *path)
{
    FILE *f = path ? fopen(path, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    int column[WANTED];
    if (f && getline(&line, &room, f) > 0) {
        find_columns(line, column);
        while (getline(&line, &room, f) > 0)
            add_row(all, line, column);
    }
    if (f)
        fclose(f);
    free(line);
}

/* ---- drawing ---- */

static void write_text(FILE *f, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '&': fputs("&amp;", f); break;
        case '"': fputs("&quot;", f); break;
        default: fputc(*text, f);
        }
}

/* 1, 2 or 5 times a power of ten, so that about `n` of them make `range`. */
static double tick_of(double range, int n)
{
    const double raw = range / n, power = pow(10.0, floor(log10(raw))), digit = raw / power;
    return power * (digit < 1.5 ? 1.0 : digit < 3.5 ? 2.0 : digit < 7.5 ? 5.0 : 10.0);
}

struct frame_of {
    double t0, t1, top;
};

static double x_of(const struct frame_of *a, double t)
{
    return LEFT + (t - a->t0) / (a->t1 - a->t0) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct frame_of *a, double v)
{
    return HEIGHT - BOTTOM - v / a->top * (HEIGHT - BOTTOM - TOP);
}

static void write_axes(FILE *f, const struct frame_of *a, const struct curves *all)
{
    const double dx = tick_of(a->t1 - a->t0, 8), dy = tick_of(a->top, 5);
    for (double t = ceil(a->t0 / dx) * dx; t <= a->t1 * (1 + 1e-9); t += dx)
        fprintf(f, "<path d='M%.1f %d V%d' class='grid'/><text x='%.1f' y='%d' text-anchor='middle'>%g</text>\n",
            x_of(a, t), TOP, HEIGHT - BOTTOM, x_of(a, t), HEIGHT - BOTTOM + 16, fabs(t) < 1e-9 * dx ? 0.0 : t);
    for (double v = 0.0; v <= a->top * (1 + 1e-9); v += dy)
        fprintf(f, "<path d='M%d %.1f H%d' class='grid'/><text x='%d' y='%.1f' text-anchor='end'>%g</text>\n", LEFT,
            y_of(a, v), WIDTH - RIGHT, LEFT - 6, y_of(a, v) + 4, v);
    fprintf(f,
        "<text x='%d' y='%d' text-anchor='middle'>%s</text><text transform='translate(14 %d) rotate(-90)' "
        "text-anchor='middle'>area / "
        "%s</text>\n",
        (LEFT + WIDTH) / 2, HEIGHT - 6, all->by_frame ? "frame" : "time / s", HEIGHT / 2, all->in_px ? "px" : "nm²");
}

static void write_curve(FILE *f, const struct frame_of *a, const struct curve *c, bool shell)
{
    const double *v = shell ? c->shell : c->core;
    fprintf(f, "<path fill='none' stroke='#%06X' stroke-width='1.6'%s d='", (unsigned)palette_particle(c->particle),
        shell ? " stroke-dasharray='5 3'" : "");
    bool pen = false;
    for (int i = 0; i < c->n; i++) {
        if (!isfinite(v[i])) {
            pen = false;
            continue;
        }
        fprintf(f, "%c%.1f %.1f", pen ? 'L' : 'M', x_of(a, c->time_s[i]), y_of(a, v[i]));
        pen = true;
    }
    fputs("'/>\n", f);
}

static void write_curves(FILE *f, const struct curves *all)
{
    struct frame_of a = { .t0 = HUGE_VAL, .t1 = -HUGE_VAL };
    for (int k = 0; k < all->n; k++)
        for (int i = 0; i < all->curve[k].n; i++) {
            const struct curve *c = &all->curve[k];
            a.t0 = fmin(a.t0, c->time_s[i]);
            a.t1 = fmax(a.t1, c->last_time_s);
            a.top =
                fmax(a.top, fmax(isfinite(c->core[i]) ? c->core[i] : 0.0, isfinite(c->shell[i]) ? c->shell[i] : 0.0));
        }
    if (!(a.t1 > a.t0) || !(a.top > 0.0))
        return;
    a.top *= 1.05;
    fprintf(f, "<svg viewBox='0 0 %d %d' role='img' aria-label='areas so far'>\n", WIDTH, HEIGHT);
    write_axes(f, &a, all);
    for (int k = 0; k < all->n; k++) {
        write_curve(f, &a, &all->curve[k], false);
        write_curve(f, &a, &all->curve[k], true);
    }
    fputs("</svg>\n<p class='key'>solid: core; dashed: shell</p>\n", f);
}

static void write_pair(FILE *f, double value, double sd)
{
    char text[LCT_NUMBER_PAIR];
    fprintf(f, "<td>%s</td>", isfinite(value) ? lct_number_pair(text, value, sd, " ± ") : "");
}

static void write_table(FILE *f, const struct curves *all)
{
    if (all->n == 0)
        return;
    const char *unit = all->in_px ? "px" : "nm²";
    fprintf(f, "<table><tr><th>particle</th><th>last seen%s</th><th>core / %s</th><th>shell / %s</th></tr>\n",
        all->by_frame ? ", frame" : " / s", unit, unit);
    for (int k = 0; k < all->n; k++) {
        const struct curve *c = &all->curve[k];
        fprintf(f, "<tr><td><span style='color:#%06X'>■</span> %d</td><td>%.6g</td>",
            (unsigned)palette_particle(c->particle), c->particle, c->last_time_s);
        write_pair(f, c->last_core, c->last_core_sd);
        write_pair(f, c->last_shell, c->last_shell_sd);
        fputs("</tr>\n", f);
    }
    fputs("</table>\n", f);
}

static void write_page(FILE *f, const struct lct_live_page *page, const struct curves *all)
{
    fputs("<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>\n", f);
    if (page->over) {
        fputs("<meta http-equiv='refresh' content='0; url=", f);
        write_text(f, page->over);
        fputs("'>\n", f);
    } else {
        fprintf(f, "<meta http-equiv='refresh' content='%g'>\n", page->refresh_s > 1.0 ? page->refresh_s : 1.0);
    }
    fputs("<title>live: ", f);
    write_text(f, page->title);
    fputs("</title>\n<style>body{font:15px system-ui,sans-serif;max-width:60rem;margin:1rem auto;padding:0 "
          "1rem;color:#222}"
          "svg{width:100%}svg "
          "text{font-size:12px;fill:#555}.grid{stroke:#ddd}img{max-width:100%}table{border-collapse:collapse}"
          "td,th{padding:.2rem "
          ".8rem;text-align:right}.key,.words{color:#555}h1{font-size:1.2rem}</style></head><body>\n<h1>",
        f);
    write_text(f, page->title);
    fputs("</h1>\n<p class='words'>", f);
    write_text(f, page->words);
    fputs("</p>\n", f);
    if (page->over) {
        fputs("<p><a href='", f);
        write_text(f, page->over);
        fputs("'>results</a></p>\n", f);
    }
    write_curves(f, all);
    write_table(f, all);
    if (page->picture) {
        fputs("<p><img src='", f);
        write_text(f, page->picture);
        fputs("' alt='latest frame'></p>\n", f);
    }
    fputs("</body></html>\n", f);
}

enum lct_status lct_live_page_write(const char *path, const struct lct_live_page *page, struct lct_err *err)
{
    struct curves all = { .curve = malloc(MAX_PARTICLES * sizeof *all.curve) };
    char *text = NULL;
    size_t n = 0;
    FILE *f = all.curve ? open_memstream(&text, &n) : NULL;
    enum lct_status status = f ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    if (f) {
        read_curves(&all, page->areas);
        write_page(f, page, &all);
        if (fclose(f) != 0)
            status = lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    if (status == LCT_OK)
        status = lct_file_write(path, text, n, err);
    free(text);
    free(all.curve);
    return status;
}
