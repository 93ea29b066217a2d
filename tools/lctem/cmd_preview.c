/* lctem preview MOVIE -o PNG: one frame with what is found in it, to tune before the long run
 *
 * stdout is the beginning of a recipe: the keys that decide what is found, with what `auto` has become behind them. */
#include "cli.h"

#include <lctem/json.h>
#include <lctem/preview.h>
#include <lctem/number.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NOTE_COLUMN = 26 };

static const char *contrast_name(const struct lct_preview_found *f)
{
    return f->contrast == LCT_CONTRAST_BRIGHT ? "bright" : "dark";
}

static const char *phases_name(const struct lct_preview_found *f)
{
    return f->levels.has_shell ? "core+shell" : "core";
}

/* One line "key: value   # what it means here". */
static void print_key(const struct call *call, const char *key, const char *note)
{
    const struct lct_option *row = lct_options_find(&call->options, key);
    char *value = row ? lct_options_value(&call->options, row) : NULL;
    if (value && note[0])
        printf("%s: %-*s # %s\n", key, NOTE_COLUMN - (int)strlen(key), value, note);
    else if (value)
        printf("%s: %s\n", key, value);
    free(value);
}

static void print_particles(const struct lct_preview_found *f)
{
    const bool in_nm = isfinite(f->nm_per_px);
    const double unit = in_nm ? f->nm_per_px * f->nm_per_px_y : 1.0;
    const char *name = in_nm ? "nm2" : "px2";
    printf("# frame %ld", f->frame);
    if (isfinite(f->time_s))
        printf(" at %.6g s", f->time_s);
    printf(": %zu particle%s\n", f->n_particles, f->n_particles == 1 ? "" : "s");
    for (size_t i = 0; i < f->n_particles; i++) {
        const struct lct_preview_particle *p = &f->particles[i];
        char core[LCT_NUMBER_PAIR], shell[LCT_NUMBER_PAIR];
        printf("#   %d at (%.0f, %.0f) px: core %s %s, shell %s %s%s%s\n", p->number, p->x_px, p->y_px,
            lct_number_pair(core, p->core_px2 * unit, p->core_sd_px2 * unit, " +- "), name,
            lct_number_pair(shell, p->shell_px2 * unit, p->shell_sd_px2 * unit, " +- "), name,
            p->contact ? ", touches another" : "", p->border ? ", cut by the border" : "");
    }
    if (f->no_particle)
        printf("#   found nothing that stands out from the liquid\n");
    else
        printf("# levels: liquid 1, shell %.4g, core %.4g, noise %.2g, edges soft by %.2g px (frames %ld to %ld, mean "
               "of %d)\n",
            f->levels.shell, f->levels.core, f->levels.noise_sd, f->levels.edge_soft_px, f->first, f->last,
            f->mean_frames);
}

static void print_recipe(const struct call *call, const struct lct_preview_found *f)
{
    const bool in_nm = isfinite(f->nm_per_px);
    char note[96];
    print_particles(f);
    if (in_nm)
        snprintf(note, sizeof note, "%.6g nm", f->nm_per_px);
    else
        snprintf(note, sizeof note, "not known: areas are in px");
    print_key(call, "pixel_size", note);
    print_key(call, "roi", "");
    print_key(call, "background_order", "");
    if (in_nm)
        snprintf(note, sizeof note, "sigma %.3g nm = %.3g px", f->smoothing_px * f->nm_per_px, f->smoothing_px);
    else
        snprintf(note, sizeof note, "sigma %.3g px", f->smoothing_px);
    print_key(call, "smoothing", note);
    print_key(call, "contrast", contrast_name(f));
    print_key(call, "phases", f->no_particle ? "" : phases_name(f));
    note[0] = '\0';
    if (!f->no_particle)
        snprintf(note, sizeof note, "cores from %.4g %s on",
            in_nm ? f->min_area_px2 * f->nm_per_px * f->nm_per_px_y : f->min_area_px2, in_nm ? "nm2" : "px2");
    print_key(call, "min_area_nm2", note);
}

static void add_particles(struct lct_json *json, const struct lct_preview_found *f)
{
    const double unit = f->nm_per_px * f->nm_per_px_y;
    lct_json_open_array(json, "particles");
    for (size_t i = 0; i < f->n_particles; i++) {
        const struct lct_preview_particle *p = &f->particles[i];
        lct_json_open_object(json, NULL);
        lct_json_integer(json, "number", p->number);
        lct_json_number(json, "cx_px", p->x_px);
        lct_json_number(json, "cy_px", p->y_px);
        lct_json_number(json, "core_area_px", p->core_px2);
        lct_json_number(json, "shell_area_px", p->shell_px2);
        lct_json_number(json, "core_area_nm2", p->core_px2 * unit);
        lct_json_number(json, "core_area_sd_nm2", p->core_sd_px2 * unit);
        lct_json_number(json, "shell_area_nm2", p->shell_px2 * unit);
        lct_json_number(json, "shell_area_sd_nm2", p->shell_sd_px2 * unit);
        lct_json_close(json);
    }
    lct_json_close(json);
}

static enum lct_status print_json(const struct lct_preview_found *f, struct lct_err *err)
{
    const bool any = !f->no_particle;
    struct lct_json *json = NULL;
    const enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_json_integer(json, "frame", f->frame);
    lct_json_number(json, "time_s", f->time_s);
    lct_json_number(json, "pixel_size_nm", f->nm_per_px);
    lct_json_text(json, "contrast", contrast_name(f));
    lct_json_text(json, "phases", any ? phases_name(f) : NULL);
    lct_json_number(json, "shell_level", any && f->levels.has_shell ? f->levels.shell : (double)NAN);
    lct_json_number(json, "core_level", any ? f->levels.core : (double)NAN);
    lct_json_number(json, "noise", any ? f->levels.noise_sd : (double)NAN);
    lct_json_number(json, "smoothing_px", f->smoothing_px);
    lct_json_integer(json, "mean_frames", f->mean_frames);
    add_particles(json, f);
    return cli_json(&json, err);
}

/* A picture whose name says something else would be opened as what it is not. */
static enum lct_status check_name(const char *path, struct lct_err *err)
{
    static const char *const others[] = { ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".svg", ".pdf", ".mp4" };
    const char *ending = path ? strrchr(path, '.') : NULL;
    for (size_t i = 0; ending && i < sizeof others / sizeof *others; i++)
        if (strcasecmp(ending, others[i]) == 0)
            return lct_fail(err, LCT_E_ARG, "%s: the picture is a PNG; give a name that ends with .png", path);
    return LCT_OK;
}

enum lct_status cmd_preview(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    if (check_name(recipe->output, err) != LCT_OK)
        return LCT_E_ARG;
    struct lct_preview_found found;
    enum lct_status status = lct_preview_make(&found, call->words[0], recipe, &call->progress, err);
    if (status != LCT_OK)
        return status;
    if (!isfinite(found.nm_per_px))
        lct_log_say(&call->log, LCT_LOG_WARNING,
            "%s: the pixel size is not known, areas are in px; give it with --pixel-size NM", call->words[0]);
    if (recipe->json)
        status = print_json(&found, err);
    else if (!recipe->quiet)
        print_recipe(call, &found);
    lct_preview_found_finish(&found);
    return status;
}
