#include "plot_script.h"

#include "palette.h"
#include "part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* `part` is set by lctem, so that a picture gets its name when it is whole; `colours` by the head that is written below. */
static const char script_setup[] = "if (!exists('part')) part = ''\n"
                                   "set encoding utf8\n"
                                   "set datafile separator comma\n"
                                   "set datafile columnheaders\n"
                                   "set datafile missing NaN\n"
                                   "colour(p) = word(colours, (p - 1) % words(colours) + 1)\n"
                                   "set style fill transparent solid 0.25 noborder\n"
                                   "set border 3 linewidth 1.2\n"
                                   "set tics out nomirror\n"
                                   "set grid y linetype 1 linecolor rgb '#dddddd' linewidth 0.8\n"
                                   "set pointintervalbox 0.001 # bars go through their points; 0 would mean 1\n"
                                   "set lmargin 11\n"
                                   "set rmargin 22\n"
                                   "set key at graph 1.02, 1.0 left top reverse Left samplen 2 noautotitle\n"
                                   "\n";

static const char script_loop[] =
    "do for [kind = 1:2] {\n"
    "    if (kind == 1) {\n"
    "        set terminal svg size 900,900 dynamic font 'DejaVu Sans,15' background rgb 'white'\n"
    "        set output name.'.svg'.part\n"
    "    } else {\n"
    "        set terminal pngcairo size 1000,1000 font 'DejaVu Sans,12' linewidth 1.2 background rgb 'white'\n"
    "        set output name.'.png'.part\n"
    "    }\n";

static enum lct_status write_file(const char *path, const struct plot_script *script, struct lct_err *err)
{
    char *part = part_name(path);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status status = LCT_OK;
    FILE *file = fopen(part, "w");
    if (file) {
        fprintf(file, PLOT_SCRIPT_MARK "%s.gp\nname = '%s'\ncolours = '", script->name, script->name);
        for (int i = 0; i < PALETTE_SIZE; i++)
            fprintf(file, "%s#%06X", i ? " " : "", (unsigned)palette_rgb[i]);
        fprintf(file, "'\n%s%s%s%s", script_setup, script->head, script_loop, script->body);
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

enum lct_status plot_script_write(const char *dir, const struct plot_script *script, struct lct_err *err)
{
    char *plots = NULL, *path = NULL;
    if (asprintf(&plots, "%s/plots", dir) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (asprintf(&path, "%s/%s.gp", plots, script->name) < 0) {
        free(plots);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    }
    enum lct_status status = mkdir(plots, 0777) != 0 && errno != EEXIST ? part_fail(plots, errno, err) : LCT_OK;
    if (status == LCT_OK)
        status = write_file(path, script, err);
    free(path);
    free(plots);
    return status;
}
