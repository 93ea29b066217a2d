#include "batch_sums.h"

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/number.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* areas.csv as a stream: its length is that of the movie. */
struct columns {
    int frame, core, shell;
};

static struct columns find_columns(char *header)
{
    struct columns c = { -1, -1, -1 };
    int at = 0;
    char *rest = NULL;
    for (char *name = strtok_r(header, ",\n", &rest); name; name = strtok_r(NULL, ",\n", &rest), at++) {
        c.frame = strcmp(name, "frame") == 0 ? at : c.frame;
        c.core = strcmp(name, "core_area_nm2") == 0 ? at : c.core;
        c.shell = strcmp(name, "shell_area_nm2") == 0 ? at : c.shell;
    }
    return c;
}

/* Cell `column` of a line of numbers; NaN: empty. */
static double cell(const char *line, int column)
{
    double value = NAN;
    const char *end;
    for (; column > 0 && line; column--)
        line = (line = strchr(line, ',')) ? line + 1 : NULL;
    return line && *line != ',' && lct_number_parse(line, &value, &end) ? value : (double)NAN;
}

void batch_sums_areas(struct lct_batch_row *row, const char *dir)
{
    char *path = lct_file_join(dir, "areas.csv"), *line = NULL;
    size_t room = 0;
    FILE *f = path ? fopen(path, "r") : NULL;
    struct columns c = { -1, -1, -1 };
    if (f && getline(&line, &room, f) > 0)
        c = find_columns(line);
    double first = NAN, last = NAN, core = NAN, shell = NAN;
    while (f && c.frame >= 0 && c.core >= 0 && c.shell >= 0 && getline(&line, &room, f) > 0) {
        const double frame = cell(line, c.frame);
        if (frame != last) {
            last = frame;
            core = shell = 0.0;
        }
        core += cell(line, c.core);
        shell += cell(line, c.shell);
        if (isnan(first))
            first = frame;
        if (frame == first) {
            row->core_first_nm2 = core;
            row->shell_first_nm2 = shell;
        }
    }
    row->core_last_nm2 = core;
    row->shell_last_nm2 = shell;
    if (f)
        fclose(f);
    free(line);
    free(path);
}

double batch_sums_seconds(const char *dir)
{
    char *path = lct_file_join(dir, "run.json");
    struct lct_json *json = NULL;
    double seconds = NAN;
    if (path && lct_json_read(&json, path, NULL) == LCT_OK)
        seconds = lct_json_to_number(lct_json_member(lct_json_root(json), "wall_s"));
    lct_json_destroy(&json);
    free(path);
    return seconds;
}
