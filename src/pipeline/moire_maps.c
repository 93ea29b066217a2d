#include "moire_maps.h"

#include <lctem/file.h>
#include <lctem/gpa.h>
#include <lctem/map_file.h>
#include <lctem/table.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { LATTICES = 2, PAGES = 5, MOST_DISLOCATIONS = 256, NAME_ROOM = 64 };
static const double LEAK = 0.683; /* sigma times the distance to the next wave: it leaks in with e^-9.2 = 1e-4 */
static const double WANTED_SNR = 6.0, LEAST_SNR = 4.0; /* below the least, phases of noise turn around anywhere */
static const double LEAST_FRAC = 0.35;                 /* of the median amplitude: less is no lattice */

static const struct lct_column columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "lattice", "", "which lattice, as in lattice.csv" },
    { "x_px", "px", "place of the core" },
    { "y_px", "px", "place of the core" },
    { "x_nm", "nm", "the same in nm" },
    { "y_nm", "nm", "the same in nm" },
    { "burgers_x_nm", "nm", "Burgers vector to the right, for a circuit counter-clockwise on the screen" },
    { "burgers_y_nm", "nm", "Burgers vector upwards" },
    { "turns_1", "", "turns of the first phase around it" },
    { "turns_2", "", "turns of the second phase" },
};
static const struct lct_table_spec dislocations = { "dislocations", "phase vortices of the lattices", 1, columns,
    COUNT(columns) };

/* Maps of one lattice. */
struct lattice_maps {
    const char *name;
    double sigma_px;
    double snr; /* of the amplitude at one place, of the weaker reflection */
    struct lct_gpa a, b;
    struct lct_image amplitude;
    struct lct_strain strain;
};

static void maps_finish(struct lattice_maps *m)
{
    lct_gpa_finish(&m->a);
    lct_gpa_finish(&m->b);
    lct_image_finish(&m->amplitude);
    lct_strain_finish(&m->strain);
}

/* Two peaks of that name; the number found. */
static int find_pair(const struct lct_moire *m, const char *name, const struct lct_wave *pair[2])
{
    int n = 0;
    for (size_t i = 0; i < m->n_peaks && n < 2; i++)
        if (strcmp(m->peaks[i].assigned, name) == 0)
            pair[n++] = &m->peaks[i].wave;
    return n;
}

static double next_wave(const struct lct_moire *m, const struct lct_wave *w)
{
    double least = hypot(w->gx, w->gy); /* the background */
    for (size_t i = 0; i < m->n_peaks; i++) {
        const struct lct_wave *o = &m->peaks[i].wave;
        if (o == w || o->snr < 0.02 * w->snr)
            continue;
        least = fmin(least, fmin(hypot(o->gx - w->gx, o->gy - w->gy), hypot(o->gx + w->gx, o->gy + w->gy)));
    }
    return least;
}

static enum lct_status make_maps(struct lattice_maps *out, const char *name, const struct lct_image *picture,
    const struct lct_moire *m, const struct lct_wave *pair[2], struct lct_err *err)
{
    struct lattice_maps maps = { .name = name };
    const double apart = fmin(next_wave(m, pair[0]), next_wave(m, pair[1]));
    /* a Gaussian looks at 4 pi sigma^2 px, the fit at all of them */
    const double per_px = fmin(pair[0]->snr, pair[1]->snr) * sqrt(4 * M_PI / (double)lct_image_count(picture));
    maps.sigma_px = fmax(1.5, fmin(18.0, fmax(LEAK / apart, WANTED_SNR / per_px)));
    maps.snr = maps.sigma_px * per_px;
    enum lct_status status = lct_gpa_map(&maps.a, picture, pair[0]->gx, pair[0]->gy, maps.sigma_px, err);
    if (status == LCT_OK)
        status = lct_gpa_map(&maps.b, picture, pair[1]->gx, pair[1]->gy, maps.sigma_px, err);
    if (status == LCT_OK)
        status = lct_image_init(&maps.amplitude, picture->width, picture->height, err);
    if (status == LCT_OK)
        status = lct_strain_init(&maps.strain, picture->width, picture->height, err);
    if (status == LCT_OK) {
        lct_gpa_amplitude(&maps.a, &maps.amplitude);
        status = lct_gpa_strain(&maps.a, &maps.b, &maps.strain, err);
    }
    if (status == LCT_OK)
        *out = maps;
    else
        maps_finish(&maps);
    return status;
}

static enum lct_status add_dislocations(
    struct lct_table *table, const struct lattice_maps *m, const struct lct_moire_result *r, struct lct_err *err)
{
    struct lct_dislocation found[MOST_DISLOCATIONS];
    size_t n =
        m->snr < LEAST_SNR ? 0 : lct_gpa_dislocations(&m->a, &m->b, m->sigma_px, LEAST_FRAC, found, MOST_DISLOCATIONS);
    enum lct_status status = LCT_OK;
    n = n < MOST_DISLOCATIONS ? n : MOST_DISLOCATIONS;
    for (size_t i = 0; status == LCT_OK && i < n; i++) {
        const struct lct_dislocation *d = &found[i];
        const struct lct_cell cells[] = { lct_int(r->frame), lct_num(r->time_s), lct_text(m->name), lct_num(d->x_px),
            lct_num(d->y_px), lct_num(d->x_px * r->pixel_size_nm), lct_num(d->y_px * r->pixel_size_y_nm),
            lct_num(d->bx_px * r->pixel_size_nm), lct_num(d->by_px * r->pixel_size_y_nm), lct_int(d->turns_a),
            lct_int(d->turns_b) };
        status = lct_table_row(table, cells, err);
    }
    return status;
}

static enum lct_status write_pages(
    const char *dir, const struct lattice_maps *maps, int n, double px_nm, struct lct_err *err)
{
    static const char *const what[PAGES] = { "amplitude", "strain_xx", "strain_yy", "strain_xy", "rotation_rad" };
    char names[LATTICES * PAGES][NAME_ROOM];
    struct lct_map pages[LATTICES * PAGES];
    for (int i = 0; i < n; i++) {
        const struct lct_image *const images[PAGES] = { &maps[i].amplitude, &maps[i].strain.xx, &maps[i].strain.yy,
            &maps[i].strain.xy, &maps[i].strain.rotation };
        for (int k = 0; k < PAGES; k++) {
            snprintf(names[i * PAGES + k], NAME_ROOM, "%s %s", maps[i].name, what[k]);
            pages[i * PAGES + k] = (struct lct_map){ names[i * PAGES + k], images[k] };
        }
    }
    char *path = lct_file_join(dir, "maps.tif");
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const enum lct_status status = n > 0 ? lct_maps_write(path, pages, (size_t)n * PAGES, px_nm, err) : LCT_OK;
    free(path);
    return status;
}

enum lct_status moire_maps_write(
    const char *dir, const struct lct_image *picture, const struct lct_moire_result *result, struct lct_err *err)
{
    const char *const names[LATTICES] = { result->params.name1, result->params.name2 };
    struct lattice_maps maps[LATTICES] = { 0 };
    struct lct_table *table = NULL;
    int n = 0;
    enum lct_status status = lct_table_create(&table, dir, &dislocations, err);
    for (int i = 0; status == LCT_OK && i < LATTICES; i++) {
        const struct lct_wave *pair[2];
        if (find_pair(&result->moire, names[i], pair) < 2)
            continue;
        status = make_maps(&maps[n], names[i], picture, &result->moire, pair, err);
        if (status == LCT_OK)
            status = add_dislocations(table, &maps[n++], result, err);
    }
    if (status == LCT_OK)
        status = write_pages(dir, maps, n, result->pixel_size_nm, err);
    const enum lct_status closed = lct_table_close(&table, status == LCT_OK ? err : NULL);
    for (int i = 0; i < n; i++)
        maps_finish(&maps[i]);
    return status == LCT_OK ? closed : status;
}
