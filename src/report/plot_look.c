#include "plot_look.h"

#include <lctem/file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Curves of a table whose rows alternate. Points are kept by curve and by frame, so that a line ends at a frame without a number. */
static const char places[] =
    "number(name) = sum [i = 1:words(columns)] (word(columns, i) eq name ? i : 0) # of a column; 0: there is none\n"
    "time_s = number('time_s'); particle = number('particle')\n"
    "axis = timed ? 'Time (s)' : 'Frame'\n"
    "set datafile missing # a cell that is empty is no number; it does not join its neighbours\n"
    "cell(i) = valid(i) ? column(i) : NaN\n"
    "# curve c = 0, 1, ... has v[2 * c * slots + 1] to v[2 * c * slots + slots], at the times t[1] to t[slots]; its\n"
    "# standard deviation follows. A sum is the loop that costs least\n"
    "array t[slots]\n"
    "array v[1] # made longer below\n"
    "empty = 'done = sum [i = 1:slots] (t[i] = NaN, 0); done = sum [i = 1:|v|] (v[i] = NaN, 0)'\n"
    "slot = 0; last = NaN\n"
    "go(frame) = (slot = frame == last ? slot : slot + (frame - last > apart ? 2 : 1), last = frame, \\\n"
    "    t[slot] = timed ? column(time_s) : frame)\n"
    "put(c, x, sd) = (v[2 * c * slots + slot] = x, v[(2 * c + 1) * slots + slot] = sd)\n"
    "# block c of $curves: time, number, ends of its band, and the number again where its neighbours have none, so "
    "that\n"
    "# no line goes through it\n"
    "seen(c, i) = i < 1 || i > slots ? 0 : v[2 * c * slots + i] == v[2 * c * slots + i]\n"
    "row(t, x, sd, alone) = sprintf('%.9g,%.9g,%.9g,%.9g,%.9g', t, x, x - sd, x + sd, alone ? x : NaN)\n"
    "row_of(c, i) = row(t[i], v[2 * c * slots + i], v[(2 * c + 1) * slots + i], !seen(c, i - 1) && !seen(c, i + 1))\n"
    "some = 250 # rows at a time: a long text is slow to add to\n"
    "rows(c, from) = (text = row_of(c, from), done = sum [i = from + 1:(from + some > slots ? slots : from + some - "
    "1)] \\\n"
    "    (text = text.\"\\n\".row_of(c, i), 0), text)\n"
    "keep = 'set print $curves; do for [c = 0:curves - 1] { do for [i = 1:slots:some] { print rows(c, i) }; '. \\\n"
    "    'print \"\"; print \"\" }; set print; set datafile nocolumnheaders'\n"
    "\n";

static int column_of(const char *header, const char *name)
{
    int column = 0;
    for (const char *at = header; *at; at++) {
        const size_t n = strcspn(at, ",\r\n");
        if (n == strlen(name) && strncmp(at, name, n) == 0)
            return column;
        at += n;
        column++;
        if (*at != ',')
            break;
    }
    return -1;
}

/* The cell in a row; NULL: it is empty, or the row is too short. */
static const char *find_cell(const char *line, int column)
{
    for (; column > 0 && *line; line++)
        column -= *line == ',';
    return column == 0 && *line && !strchr(",\r\n", *line) ? line : NULL;
}

/* The frames so far, and the step that most of them are apart, found by a vote. */
struct grid {
    long last, votes;
};

static void next_frame(struct grid *g, long frame, struct plot_look *out)
{
    const long step = frame - g->last;
    if (out->frames++ > 0) {
        if (g->votes == 0)
            out->step = step;
        g->votes += step == out->step ? 1 : -1;
    }
    g->last = frame;
}

static void look_at_rows(FILE *f, const char *column, struct plot_look *out)
{
    char *line = NULL;
    size_t room = 0;
    int value = -1, time = -1;
    struct grid grid = { 0 };
    if (getline(&line, &room, f) > 0) {
        value = column ? column_of(line, column) : 0;
        time = column_of(line, "time_s");
    }
    while (value >= 0 && getline(&line, &room, f) > 0) {
        const long frame = strtol(line, NULL, 10);
        const char *cell = time >= 0 ? find_cell(line, time) : NULL;
        out->filled = out->filled || find_cell(line, value);
        if (out->frames > 0 && frame == grid.last)
            continue;
        next_frame(&grid, frame, out);
        out->timed = out->timed || cell;
        out->end = cell ? strtod(cell, NULL) : (double)frame;
        if (out->frames == 1)
            out->begin = out->end;
    }
    free(line);
}

struct plot_look plot_look_at(const char *dir, const char *table, const char *column)
{
    struct plot_look look = { .step = 1 };
    char *path = lct_file_join(dir, table);
    FILE *f = path ? fopen(path, "r") : NULL;
    if (f) {
        look_at_rows(f, column, &look);
        fclose(f);
    }
    free(path);
    return look;
}

/* The names of the columns with spaces between; to be freed. "": there is no such table. */
static char *columns_of(const char *dir, const char *table)
{
    char *path = lct_file_join(dir, table), *line = NULL;
    FILE *f = path ? fopen(path, "r") : NULL;
    size_t room = 0;
    if (f && getline(&line, &room, f) > 0)
        line[strcspn(line, "\r\n")] = '\0';
    else if (line)
        *line = '\0';
    for (char *at = line; at && (at = strchr(at, ','));)
        *at = ' ';
    if (f)
        fclose(f);
    free(path);
    return line ? line : strdup("");
}

/* What `go` will count: every `every`-th frame, and one more where it is further than `apart` from the one before.
 * gnuplot walks through all of them for each curve. */
static long count_slots(const char *dir, const char *table, long every, double apart)
{
    char *path = lct_file_join(dir, table), *line = NULL;
    FILE *f = path ? fopen(path, "r") : NULL;
    size_t room = 0;
    long slots = 0, frames = 0, last = 0, drawn = 0;
    const bool headed = f && getline(&line, &room, f) > 0;
    while (headed && getline(&line, &room, f) > 0) {
        const long frame = strtol(line, NULL, 10);
        if ((frames > 0 && frame == last) || frames++ % every != 0) {
            last = frame;
            continue;
        }
        slots += slots > 0 && (double)(frame - drawn) > apart ? 2 : 1;
        last = drawn = frame;
    }
    if (f)
        fclose(f);
    free(line);
    free(path);
    return slots > 0 ? slots : 1;
}

char *plot_look_head(const char *dir, const char *table, const struct plot_look *look, long most)
{
    const struct plot_look movie = plot_look_at(dir, "frames.csv", NULL);
    const struct plot_look *whole = movie.frames > 0 && movie.timed == look->timed ? &movie : look;
    const long every = look->frames / most + 1;
    const double apart = 1.5 * (double)look->step * (double)every;
    char *rows = NULL, *head = NULL, *columns = columns_of(dir, table);
    int n;
    if (every > 1)
        n = asprintf(&rows,
            "# of %ld frames every %ld-th is drawn; for all of them: table = '../%s'\n"
            "table = \"< awk -F, 'NR == 1 { print; next } $1 != last { last = $1; n++ } n %% %ld == 1' ../%s\"\n",
            look->frames, every, table, every, table);
    else
        n = asprintf(&rows, "table = '../%s'\n", table);
    if (n >= 0 && columns)
        n = asprintf(&head,
            "%scolumns = '%s'\ntimed = %d\nbegin = %.9g; end = %.9g\n"
            "slots = %ld # frames, and one where some are missing: those further apart than this are not joined:\n"
            "apart = %.9g\n%s",
            rows, columns, look->timed, whole->begin, whole->end > whole->begin ? whole->end : whole->begin + 1.0,
            count_slots(dir, table, every, apart), apart, places);
    free(columns);
    free(rows);
    return n >= 0 ? head : NULL;
}
