#include <lctem/moire_run.h>

#include "mean_picture.h"
#include "moire_ignore.h"
#include "moire_maps.h"
#include "moire_picture.h"
#include "moire_region.h"
#include "moire_tables.h"

#include <lctem/crystal.h>
#include <lctem/file.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum lct_status spacing_of(
    double *out, const char *text, const char *fallback, const struct lct_crystal *user, struct lct_err *err)
{
    return lct_crystal_known_spacing(out, text ? text : fallback, user, err);
}

enum lct_status lct_moire_params_make(
    struct lct_moire_params *out, const struct lct_recipe *recipe, struct lct_err *err)
{
    struct lct_moire_params p = lct_moire_defaults();
    struct lct_crystal user = { .name = "" };
    enum lct_status status = LCT_OK;
    if (recipe->blind && (recipe->d1 || recipe->d2))
        return lct_fail(
            err, LCT_E_ARG, "--blind looks for whatever is there, --d1 and --d2 for something; give one of them");
    if (recipe->average && recipe->frame)
        return lct_fail(err, LCT_E_ARG, "--average looks at the mean of all frames, --frame at one; give one of them");
    if (!recipe->d1 != !recipe->d2)
        return lct_fail(err, LCT_E_ARG, "d1 and d2 are the spacings of two lattices; give both or none");
    if (recipe->lattice)
        status = lct_crystal_parse(&user, recipe->lattice, err);
    if (status == LCT_OK && !recipe->blind) {
        /* the paper's numbers: 0.14885 and 0.192295 nm */
        status = spacing_of(&p.d1_nm, recipe->d1, "0.14885", &user, err);
        if (status != LCT_OK)
            return lct_fail_in(err, status, "d1");
        status = spacing_of(&p.d2_nm, recipe->d2, "0.192295", &user, err);
        if (status != LCT_OK)
            return lct_fail_in(err, status, "d2");
        if (status == LCT_OK && !(fabs(p.d1_nm - p.d2_nm) > 1e-6 * p.d1_nm))
            status = lct_fail(err, LCT_E_ARG,
                "d1 and d2 are the same, %.6g nm, and beat with no period; give the spacings of two lattices", p.d1_nm);
        p.hexagonal_11 = !recipe->d1;
    }
    if (p.hexagonal_11) {
        p.name1 = "Cd 11-20";
        p.name1_10 = "Cd 10-10";
        p.name2 = "CdCl2 11-20";
    }
    if (isfinite(recipe->tolerance_percent)) {
        p.tolerance_frac = 0.01 * recipe->tolerance_percent;
        p.tolerance_sigma = 0.0;
    }
    if (status == LCT_OK)
        *out = p;
    return status;
}

static enum lct_status read_mean(struct movie *movie, const struct lct_recipe *recipe, struct lct_image *out,
    struct lct_moire_result *result, const struct lct_progress *progress, struct lct_err *err)
{
    struct mean_picture mean = { 0 };
    const enum lct_status status = mean_picture_make(&mean, movie, recipe, progress, err);
    if (status != LCT_OK)
        return status;
    memcpy(out->px, mean.image.px, lct_image_count(out) * sizeof *out->px);
    result->n_frames = mean.n;
    result->drift_px = mean.drift_px;
    mean_picture_finish(&mean);
    return LCT_OK;
}

/* One frame, or the mean of all of them in the place of the first. */
static enum lct_status read_picture(struct movie *movie, const struct lct_recipe *recipe, struct lct_image *out,
    struct lct_moire_result *result, const struct lct_progress *progress, struct lct_err *err)
{
    long k = 0;
    enum lct_status status = recipe->average ? LCT_OK : movie_find(movie, recipe->frame, &k, err);
    if (status != LCT_OK)
        return status;
    result->frame = movie_frame(movie, k);
    result->n_frames = 1;
    status = movie_read(movie, k, out, &result->time_s, err);
    if (status == LCT_END)
        return lct_fail(err, LCT_E_INPUT, "%s: frame %ld cannot be read", movie->info->path, result->frame);
    return status == LCT_OK && recipe->average && movie->n > 1 ? read_mean(movie, recipe, out, result, progress, err)
                                                               : status;
}

/* The families of the picture under a metric of 1 nm per px. */
static size_t families_of(struct lct_spectrum *spectrum, const struct lct_metric *metric, double unit_per_nm,
    struct lct_vector *g, struct lct_lattice *family)
{
    const struct lct_spectrum_params params = lct_spectrum_defaults();
    struct lct_wave waves[LCT_SPECTRUM_WAVES];
    double snr[LCT_SPECTRUM_WAVES];
    size_t n = lct_spectrum_find(spectrum, &params, waves), kept = 0;
    lct_spectrum_fit(spectrum, waves, n);
    for (size_t i = 0; i < n; i++)
        if (waves[i].ok) {
            snr[kept] = waves[i].snr;
            g[kept++] = lct_metric_apply(metric, &waves[i]);
        }
    const struct lct_lattice_params loose = { .distortion_frac = 0.03, .slack_per_nm = 0.5 * unit_per_nm };
    return lct_lattice_group(g, snr, kept, &loose, family);
}

/* What makes the star of `l` regular without turning it, and its spacing `d_nm` (NaN: its mean). A = sum t g' (sum g g')^-1 for
 * targets t, made symmetric: a distortion is told from a rotation by that. */
static struct lct_metric straighten(
    const struct lct_metric *metric, const struct lct_lattice *l, const struct lct_vector *g)
{
    double tg[4] = { 0 }, gg[4] = { 0 };
    for (int i = 0; i < l->n_members; i++) {
        const struct lct_vector *v = &g[l->member[i]];
        const double step = 2 * M_PI / l->fold, angle = atan2(v->y, v->x) - atan2(l->g.y, l->g.x);
        const struct lct_vector t = lct_vector_turn(&l->g, step * round(angle / step));
        const double a[2] = { t.x, t.y }, b[2] = { v->x, v->y };
        for (int k = 0; k < 4; k++) {
            tg[k] += a[k / 2] * b[k % 2];
            gg[k] += b[k / 2] * b[k % 2];
        }
    }
    const double det = gg[0] * gg[3] - gg[1] * gg[2],
                 inverse[4] = { gg[3] / det, -gg[1] / det, -gg[2] / det, gg[0] / det };
    double a[4], turned[4];
    for (int k = 0; k < 4; k++)
        a[k] = tg[k / 2 * 2] * inverse[k % 2] + tg[k / 2 * 2 + 1] * inverse[2 + k % 2];
    const double angle = atan2(a[2] - a[1], a[0] + a[3]), c = cos(angle), s = sin(angle);
    turned[0] = c * a[0] + s * a[2];
    turned[1] = c * a[1] + s * a[3];
    turned[2] = -s * a[0] + c * a[2];
    turned[3] = -s * a[1] + c * a[3];
    struct lct_metric out;
    for (int k = 0; k < 4; k++)
        out.m[k] = turned[k / 2 * 2] * metric->m[k % 2] + turned[k / 2 * 2 + 1] * metric->m[2 + k % 2];
    return out;
}

struct scaling {
    struct lct_metric metric;
    double px_nm, px_y_nm, sd_nm;
    const char *source;
};

/* Multiply the metric so that the family nearest to `known_nm`, or the strongest where no pixel size is known, has that spacing. */
static enum lct_status calibrate(struct scaling *s, double known_nm, const struct lct_lattice *family, size_t n,
    const char *path, struct lct_err *err)
{
    const struct lct_lattice *best = n ? &family[0] : NULL;
    if (isfinite(s->px_nm)) {
        best = NULL;
        for (size_t i = 0; i < n; i++)
            if (fabs(log(lct_vector_spacing_nm(&family[i].g, NULL) / known_nm)) < 0.1
                && (!best || family[i].strength > best->strength))
                best = &family[i];
    }
    if (!best)
        return lct_fail(err, LCT_E_ARG, "%s: --calibrate: no peak %s %.4g nm; measure without it to see what is there",
            path, isfinite(s->px_nm) ? "within 10 % of" : "that could be", known_nm);
    double sd;
    const double d = lct_vector_spacing_nm(&best->g, &sd), factor = known_nm / d;
    s->px_nm = isfinite(s->px_nm) ? s->px_nm * factor : factor;
    s->px_y_nm = isfinite(s->px_y_nm) ? s->px_y_nm * factor : factor;
    s->sd_nm = s->px_nm * sd / d;
    s->source = "calibration";
    for (int i = 0; i < 4; i++)
        s->metric.m[i] /= factor;
    return LCT_OK;
}

static enum lct_status find_scale(struct scaling *s, struct lct_spectrum *spectrum, const struct movie *movie,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    const bool known = isfinite(movie->scale.nm_per_px);
    *s = (struct scaling){ .px_nm = movie->scale.nm_per_px, .px_y_nm = movie->scale.nm_per_px_y, .sd_nm = (double)NAN };
    s->source = isfinite(recipe->pixel_size_nm) ? "user" : "file";
    s->metric = known ? lct_metric_pixels(s->px_nm, s->px_y_nm) : lct_metric_pixels(1.0, 1.0);
    if (!known && !recipe->calibrate)
        return lct_fail(err, LCT_E_ARG,
            "%s: the pixel size is not known; give it with --pixel-size NM, or a spacing that is in the "
            "picture with --calibrate Cd:11-20",
            movie->info->path);
    if (!recipe->calibrate && !recipe->affine)
        return LCT_OK;
    struct lct_vector g[LCT_SPECTRUM_WAVES];
    struct lct_lattice family[LCT_SPECTRUM_WAVES];
    double x, y;
    lct_spectrum_resolution(spectrum, &x, &y);
    const double unit = fmax(x, y) / (known ? s->px_nm : 1.0);
    size_t n = families_of(spectrum, &s->metric, unit, g, family);
    if (recipe->affine) {
        size_t i = 0;
        while (i < n && family[i].n_members < 2)
            i++;
        if (i == n)
            return lct_fail(err, LCT_E_ARG, "%s: --affine needs a star of at least two peaks, and there is none",
                movie->info->path);
        s->metric = straighten(&s->metric, &family[i], g);
        n = families_of(spectrum, &s->metric, unit, g, family);
    }
    if (!recipe->calibrate)
        return LCT_OK;
    struct lct_crystal user = { .name = "" };
    double known_nm = 0;
    enum lct_status status = recipe->lattice ? lct_crystal_parse(&user, recipe->lattice, err) : LCT_OK;
    if (status == LCT_OK)
        status = lct_crystal_known_spacing(&known_nm, recipe->calibrate, &user, err);
    return status == LCT_OK ? calibrate(s, known_nm, family, n, movie->info->path, err) : status;
}

static enum lct_status write_tables(const char *dir, const struct lct_moire_result *r, struct lct_err *err)
{
    const struct moire_place place = { .frame = r->frame,
        .time_s = r->time_s,
        .particle = r->particle,
        .region = r->particle > 0  ? "core"
            : r->part.width_px > 0 ? "part"
                                   : "frame" };
    struct lct_table *lattice = NULL, *moire = NULL;
    enum lct_status status = lct_table_create(&lattice, dir, &moire_tables_lattice, err);
    if (status == LCT_OK)
        status = moire_tables_write_lattice(lattice, &place, &r->moire, err);
    if (status == LCT_OK)
        status = lct_table_create(&moire, dir, &moire_tables_moire, err);
    if (status == LCT_OK)
        status = moire_tables_write_moire(moire, &place, &r->moire, err);
    const enum lct_status closed = lct_table_close(&lattice, status == LCT_OK ? err : NULL);
    status = status == LCT_OK ? closed : status;
    const enum lct_status closed_too = lct_table_close(&moire, status == LCT_OK ? err : NULL);
    return status == LCT_OK ? closed_too : status;
}

static enum lct_status make_folder(const char *dir, bool force, struct lct_err *err)
{
    struct stat st;
    if (lct_folder_make(dir, err) != LCT_OK)
        return LCT_E_OUTPUT;
    char *there = lct_file_join(dir, "moire.csv");
    if (!there)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const bool taken = stat(there, &st) == 0;
    free(there);
    if (taken && !force)
        return lct_fail(err, LCT_E_OUTPUT, "%s: holds a moire.csv already; --force overwrites it", dir);
    return LCT_OK;
}

static enum lct_status write_all(const struct lct_moire_result *r, const struct lct_image *picture,
    struct lct_spectrum *spectrum, const struct lct_metric *metric, const struct lct_recipe *recipe,
    struct lct_err *err)
{
    if (!recipe->output)
        return recipe->maps ? lct_fail(err, LCT_E_ARG, "--maps: where to? give a folder with -o DIR") : LCT_OK;
    enum lct_status status = make_folder(recipe->output, recipe->force, err);
    if (status == LCT_OK)
        status = write_tables(recipe->output, r, err);
    if (status == LCT_OK)
        status = moire_picture_write(recipe->output, r->path, spectrum, metric, r, err);
    if (status == LCT_OK && recipe->maps)
        status = moire_maps_write(recipe->output, picture, r, err);
    return status;
}

/* Leave out of the transform what is no picture. */
static enum lct_status find_ignored(unsigned char **out, const struct lct_moire_result *r,
    const struct lct_image *picture, struct movie *movie, const struct lct_recipe *recipe, struct lct_err *err)
{
    long k = 0;
    *out = NULL;
    if (recipe->particle > 0) /* segmenting looks after it */
        return LCT_OK;
    if (r->n_frames > 1)
        return moire_ignore_find(out, NULL, 0, picture, err);
    const enum lct_status status = movie_find(movie, r->frame, &k, err);
    return status == LCT_OK ? moire_ignore_find(out, movie, k, picture, err) : status;
}

static enum lct_status measure(struct lct_moire_result *r, const struct lct_image *picture, struct movie *movie,
    const struct lct_recipe *recipe, struct lct_err *err)
{
    struct moire_region region = { 0 };
    struct scaling scaling;
    unsigned char *ignore;
    enum lct_status status = find_ignored(&ignore, r, picture, movie, recipe, err);
    region.ignore = ignore;
    if (status == LCT_OK)
        status = moire_region_load(&region, picture, r->path, r->frame, recipe, err);
    if (status == LCT_E_NODATA)
        status =
            lct_fail(err, LCT_E_INPUT, "%s: frame %ld%s shows nothing but one grey; look at another with --frame N",
                r->path, r->frame, recipe->particle ? ", this core," : "");
    if (status == LCT_OK)
        status = find_scale(&scaling, region.spectrum, movie, recipe, err);
    if (status == LCT_OK) {
        lct_moire_measure(region.spectrum, &scaling.metric, &r->params, &r->moire);
        r->particle = (int)recipe->particle;
        r->pixel_size_nm = scaling.px_nm;
        r->pixel_size_y_nm = scaling.px_y_nm;
        r->pixel_size_sd_nm = scaling.sd_nm;
        r->scale_source = scaling.source;
        r->part = region.part;
        r->halo_nm = region.halo_px * scaling.px_nm;
        status = write_all(r, picture, region.spectrum, &scaling.metric, recipe, err);
    }
    moire_region_finish(&region);
    free(ignore);
    return status;
}

enum lct_status lct_moire_run(struct lct_moire_result *out, const char *path, const struct lct_recipe *recipe,
    const struct lct_progress *progress, const struct lct_log *log, struct lct_err *err)
{
    struct lct_moire_result *r = calloc(1, sizeof *r);
    struct movie movie = { 0 };
    struct lct_image picture = { 0 };
    if (!r)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    r->path = path;
    enum lct_status status = lct_moire_params_make(&r->params, recipe, err);
    if (status == LCT_OK)
        status = movie_open(&movie, path, recipe, err);
    if (status == LCT_OK)
        status = lct_image_init(&picture, movie.roi.width_px, movie.roi.height_px, err);
    if (status == LCT_OK)
        status = read_picture(&movie, recipe, &picture, r, progress, err);
    for (size_t i = 0; status == LCT_OK && i < movie.info->n_warnings; i++)
        lct_log_say(log, LCT_LOG_WARNING, "%s: %s", path, movie.info->warnings[i]);
    if (status == LCT_OK)
        status = measure(r, &picture, &movie, recipe, err);
    if (status == LCT_OK)
        *out = *r;
    lct_image_finish(&picture);
    movie_close(&movie);
    free(r);
    return status;
}

void lct_moire_result_json(const struct lct_moire_result *result, struct lct_json *json)
{
    const struct lct_moire_result *r = result;
    lct_json_integer(json, "frame", r->frame);
    lct_json_integer(json, "frames", r->n_frames);
    lct_json_number(json, "time_s", r->time_s);
    if (r->particle > 0)
        lct_json_integer(json, "particle", r->particle);
    if (r->part.width_px > 0) {
        lct_json_open_object(json, "part");
        lct_json_integer(json, "x_px", r->part.x_px);
        lct_json_integer(json, "y_px", r->part.y_px);
        lct_json_integer(json, "width_px", r->part.width_px);
        lct_json_integer(json, "height_px", r->part.height_px);
        lct_json_close(json);
    }
    if (r->n_frames > 1)
        lct_json_number(json, "drift_px", r->drift_px);
    lct_json_number(json, "pixel_size_nm", r->pixel_size_nm);
    lct_json_number(json, "pixel_size_sd_nm", r->pixel_size_sd_nm);
    lct_json_number(json, "pixel_size_y_nm", r->pixel_size_y_nm);
    lct_json_text(json, "pixel_size_from", r->scale_source);
    lct_json_number(json, "halo_nm", r->halo_nm);
    moire_tables_json(json, &r->moire);
}
