#include "shape_tables.h"

#include <math.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const double THIN_PX = 0.05; /* a tenth of what noise does to an outline in one frame */

static const struct lct_column contour_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity" },
    { "phase", "", "core: the core's edge; shell: the edge of the whole particle, core and shell" },
    { "ring", "",
        "closed rings of this particle and phase in this frame, from 0; the last point is joined to the first" },
    { "x_nm", "nm", "place, drift-corrected to the first frame, to the right" },
    { "y_nm", "nm", "place, drift-corrected to the first frame, down" },
    { "x_px", "px", "the same in pixels" },
    { "y_px", "px", "the same in pixels" },
    { "hole", "", "1: the ring bounds a hole" },
};
const struct lct_table_spec shape_tables_contours = { "contours",
    "sub-pixel outlines of core and particle in each frame; points closer than 0.05 px to a straight piece are left "
    "out",
    1, contour_columns, COUNT(contour_columns) };

static const struct lct_column facet_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity" },
    { "facet", "", "facet of the particle, from 0, counter-clockwise; the same through the movie" },
    { "facet_angle_deg", "deg", "direction of its outward normal, counter-clockwise from +x as seen on the screen" },
    { "height_nm", "nm",
        "core's edge above the core's centroid in the particle's first frame, along the normal; mean over the middle "
        "half of the edge; empty: the facet has vanished" },
    { "height_sd_nm", "nm", "its standard deviation" },
    { "height_change_nm", "nm", "height less that in the first frame in which the facet is there" },
    { "layers", "",
        "height_change over the d-spacing of the planes along the facet; empty where the lattice is not known" },
    { "shell_thickness_nm", "nm", "thickness of the rim along the facet" },
    { "shell_thickness_sd_nm", "nm", "its standard deviation" },
    { "exposed_frac", "", "share of the edge without rim; empty: not seen" },
    { "hkil", "", "indices of the facet, where the lattice is known; which of the equivalent ones is a choice" },
    { "flags", "", "border: the particle is cut by the image's edge; contact: touches another particle" },
    { "edge_nm", "nm", "length of the edge" },
    { "middle_nm", "nm",
        "its middle: position along the facet from the foot of the origin, clockwise round the particle" },
    { "height_px", "px", "height in pixels" },
    { "height_sd_px", "px", "its standard deviation" },
    { "shell_layers", "",
        "layers of the rim: its thickness over their spacing (CdCl2: 0.58 nm), where fringes show them" },
    { "fringe_snr", "", "how well the fringes of the rim's layers are seen in this frame: 1 is chance" },
    { "rim_ordered_frac", "",
        "share of the rim over the facet, gaps left out, whose layers reach half of their usual amplitude (the upper "
        "quartile of the "
        "particle's rim in this frame); empty: too faint to tell, or no rim of two layers" },
    { "rim_ordered_sd_frac", "",
        "standard deviation: noise, but no less than half of a place that is told from its neighbours" },
    { "rim_amplitude", "",
        "amplitude of the layers' fringes along the facet, grey values of the movie; 0: no more than noise" },
};
const struct lct_table_spec shape_tables_facets = { "facets", "height of each facet in each frame", 1, facet_columns,
    COUNT(facet_columns) };

static const struct lct_column profile_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity" },
    { "facet", "", "facet as in facets.csv" },
    { "x_nm", "nm", "position along the facet from the foot of the origin, clockwise round the particle" },
    { "height_nm", "nm", "core's edge above the origin there" },
    { "x_px", "px", "the same in pixels" },
    { "height_px", "px", "the same in pixels" },
};
const struct lct_table_spec shape_tables_profiles = { "profiles",
    "height of the core's edge at each position along a facet", 1, profile_columns, COUNT(profile_columns) };

/* Digits behind the point that mean something; short numbers keep large tables small. */
static struct lct_cell rounded(double x, double steps_per_unit)
{
    return lct_num(round(x * steps_per_unit) / steps_per_unit);
}

enum lct_status shape_tables_write_contour(struct lct_table *table, const struct shape_place *place,
    const struct lct_outline *outline, struct lct_scale scale, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    const char *phase = outline->phase == LCT_CORE ? "core" : "shell";
    for (size_t k = 0; status == LCT_OK && k < outline->n_rings; k++) {
        const struct lct_ring *r = &outline->rings[k];
        size_t *corner = calloc(r->n + 1, sizeof *corner);
        if (!corner)
            return lct_fail(err, LCT_E_LIMIT, "no memory for an outline of %zu points", r->n);
        const size_t n = lct_ring_thin(r, THIN_PX, corner);
        for (size_t i = 0; status == LCT_OK && i < n; i++) {
            const double x = r->x_px[corner[i]] + place->dx_px, y = r->y_px[corner[i]] + place->dy_px;
            const struct lct_cell cells[] = { lct_int(place->frame), lct_num(place->time_s), lct_int(place->particle),
                lct_text(phase), lct_int((long)k), rounded(x * scale.nm_per_px, 1e5),
                rounded(y * scale.nm_per_px_y, 1e5), rounded(x, 1e4), rounded(y, 1e4), lct_int(r->hole) };
            status = lct_table_row(table, cells, err);
        }
        free(corner);
    }
    return status;
}

enum lct_status shape_tables_write_facet(struct lct_table *table, const struct shape_place *place,
    const struct facet_row *row, double nm_per_px, struct lct_err *err)
{
    const char *flags = row->border && row->contact ? "border;contact"
        : row->border                               ? "border"
        : row->contact                              ? "contact"
                                                    : NULL;
    const struct lct_cell cells[] = { lct_int(place->frame), lct_num(place->time_s), lct_int(place->particle),
        lct_int(row->facet), lct_num(row->angle_deg), lct_num(row->height_px * nm_per_px),
        lct_num(row->height_sd_px * nm_per_px), lct_num(row->change_px * nm_per_px), lct_num(row->layers),
        lct_num(row->shell_thickness_px * nm_per_px), lct_num(row->shell_thickness_sd_px * nm_per_px),
        lct_num(row->exposed_frac), lct_text(row->hkil), lct_text(flags),
        lct_num((row->end_px - row->start_px) * nm_per_px), lct_num(0.5 * (row->start_px + row->end_px) * nm_per_px),
        lct_num(row->height_px), lct_num(row->height_sd_px), lct_num(row->shell_layers), lct_num(row->fringe_snr),
        lct_num(row->order.frac), lct_num(row->order.frac_sd), lct_num(row->order.amplitude) };
    return lct_table_row(table, cells, err);
}

enum lct_status shape_tables_write_profile(struct lct_table *table, const struct shape_place *place, int facet,
    double x_px, double height_px, double nm_per_px, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_int(place->frame), lct_num(place->time_s), lct_int(place->particle),
        lct_int(facet), rounded(x_px * nm_per_px, 1e5), rounded(height_px * nm_per_px, 1e5), rounded(x_px, 1e4),
        rounded(height_px, 1e4) };
    return lct_table_row(table, cells, err);
}
