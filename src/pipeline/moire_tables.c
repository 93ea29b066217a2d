#include "moire_tables.h"

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { FLAG_ROOM = 128 };

static const struct lct_column lattice_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle; empty: the whole picture" },
    { "region", "", "what was transformed: core; frame; part: where in the frame the strongest lattice is" },
    { "peak", "", "number of the peak in this frame and region, from 1" },
    { "spacing_nm", "nm", "spacing of the fringes, 1/|g|" },
    { "spacing_sd_nm", "nm", "standard deviation of it from the noise; errors of the pixel size are not in it" },
    { "angle_deg", "deg",
        "direction of g, across the fringes, counter-clockwise from +x as seen on the screen, 0 to 180" },
    { "snr", "", "amplitude of the wave over the noise of its estimate" },
    { "assigned", "", "what it is: the lattice and reflection, moire, a sum such as D1+D2; empty: unknown" },
};
const struct lct_table_spec moire_tables_lattice = { "lattice", "peaks of the power spectrum", 1, lattice_columns,
    COUNT(lattice_columns) };

static const struct lct_column moire_columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle; empty: the whole picture" },
    { "d1_nm", "nm", "spacing of the first lattice" },
    { "d1_sd_nm", "nm", "standard deviation" },
    { "d2_nm", "nm", "spacing of the second lattice" },
    { "d2_sd_nm", "nm", "standard deviation" },
    { "twist_deg", "deg", "angle from the first to the second lattice, counter-clockwise as seen on the screen" },
    { "twist_sd_deg", "deg", "standard deviation" },
    { "moire_nm", "nm", "Moire period as measured; see method" },
    { "moire_sd_nm", "nm", "standard deviation" },
    { "moire_eq4_nm", "nm", "D1 D2 / |D2 - D1|: equation (4), which takes the lattices for parallel" },
    { "moire_eq4_sd_nm", "nm", "standard deviation" },
    { "moire_twist_nm", "nm", "1 / |g1 - g2|: what D1, D2 and the twist make of it" },
    { "difference_percent", "percent", "moire_nm against moire_eq4_nm" },
    { "z", "", "the difference over its standard deviation, which minds what the two have in common" },
    { "agrees", "", "yes: within the tolerance; no: not; empty: one of them was not measured" },
    { "method", "",
        "peak: the Moire's own peak; fringes: beat of the two filtered fringes; peak+fringes: both, weighted" },
    { "flags", "",
        "no_d1, no_d2: not found; nyquist_d1, nyquist_d2: finer than two pixels; d1_from_10-10: D1 is {10-10} / "
        "sqrt(3); "
        "d2_from_moire: g2 = g1 - Moire vector; nominal: equation (4) with the spacings asked for; conflict: the peak "
        "is not at "
        "g1 - g2; distorted: members of a family differ by more than noise; apart: single rows in different "
        "directions; twisted: equation (4) alone is off, and the twist explains it" },
    { "moire_peak_nm", "nm", "period of the Moire's own peak alone" },
    { "moire_peak_sd_nm", "nm", "standard deviation" },
};
const struct lct_table_spec moire_tables_moire = { "moire",
    "two lattices, their Moire period, and what equation (4) says", 1, moire_columns, COUNT(moire_columns) };

static struct lct_cell particle_cell(const struct moire_place *place)
{
    return place->particle > 0 ? lct_int(place->particle) : lct_text(NULL);
}

enum lct_status moire_tables_write_lattice(
    struct lct_table *table, const struct moire_place *place, const struct lct_moire *m, struct lct_err *err)
{
    for (size_t i = 0; i < m->n_peaks; i++) {
        const struct lct_peak *p = &m->peaks[i];
        double sd;
        const double d = lct_vector_spacing_nm(&p->g, &sd);
        const struct lct_cell cells[] = { lct_int(place->frame), lct_num(place->time_s), particle_cell(place),
            lct_text(place->region), lct_int((long)i + 1), lct_num(d), lct_num(sd),
            lct_num(lct_vector_angle_deg(&p->g)), lct_num(p->wave.snr), lct_text(p->assigned) };
        const enum lct_status status = lct_table_row(table, cells, err);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

static const char *verdict(enum lct_verdict v)
{
    return v == LCT_VERDICT_NONE ? NULL : v == LCT_VERDICT_YES ? "yes" : "no";
}

enum lct_status moire_tables_write_moire(
    struct lct_table *table, const struct moire_place *place, const struct lct_moire *m, struct lct_err *err)
{
    char flags[FLAG_ROOM];
    lct_moire_flag_words(m->flags, flags, sizeof flags);
    const struct lct_cell cells[] = { lct_int(place->frame), lct_num(place->time_s), particle_cell(place),
        lct_num(m->d1_nm), lct_num(m->d1_sd_nm), lct_num(m->d2_nm), lct_num(m->d2_sd_nm), lct_num(m->twist_deg),
        lct_num(m->twist_sd_deg), lct_num(m->moire_nm), lct_num(m->moire_sd_nm), lct_num(m->moire_eq4_nm),
        lct_num(m->moire_eq4_sd_nm), lct_num(m->moire_twist_nm), lct_num(m->difference_percent), lct_num(m->z),
        lct_text(verdict(m->agrees)), lct_text(lct_moire_method_name(m->method)), lct_text(flags), lct_num(m->peak_nm),
        lct_num(m->peak_sd_nm) };
    return lct_table_row(table, cells, err);
}

static void add_peaks(struct lct_json *json, const struct lct_moire *m)
{
    lct_json_open_array(json, "peaks");
    for (size_t i = 0; i < m->n_peaks; i++) {
        const struct lct_peak *p = &m->peaks[i];
        double sd;
        const double d = lct_vector_spacing_nm(&p->g, &sd);
        lct_json_open_object(json, NULL);
        lct_json_integer(json, "peak", (long long)i + 1);
        lct_json_number(json, "spacing_nm", d);
        lct_json_number(json, "spacing_sd_nm", sd);
        lct_json_number(json, "angle_deg", lct_vector_angle_deg(&p->g));
        lct_json_number(json, "snr", p->wave.snr);
        lct_json_text(json, "assigned", p->assigned[0] ? p->assigned : NULL);
        lct_json_close(json);
    }
    lct_json_close(json);
}

void moire_tables_json(struct lct_json *json, const struct lct_moire *m)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = { { "d1_nm", m->d1_nm }, { "d1_sd_nm", m->d1_sd_nm }, { "d2_nm", m->d2_nm },
        { "d2_sd_nm", m->d2_sd_nm }, { "twist_deg", m->twist_deg }, { "twist_sd_deg", m->twist_sd_deg },
        { "moire_nm", m->moire_nm }, { "moire_sd_nm", m->moire_sd_nm }, { "moire_eq4_nm", m->moire_eq4_nm },
        { "moire_eq4_sd_nm", m->moire_eq4_sd_nm }, { "moire_twist_nm", m->moire_twist_nm },
        { "difference_percent", m->difference_percent }, { "z", m->z }, { "moire_peak_nm", m->peak_nm },
        { "moire_peak_sd_nm", m->peak_sd_nm } };
    char flags[FLAG_ROOM];
    for (size_t i = 0; i < COUNT(numbers); i++)
        lct_json_number(json, numbers[i].name, numbers[i].value);
    if (m->agrees == LCT_VERDICT_NONE)
        lct_json_text(json, "agrees", NULL);
    else
        lct_json_bool(json, "agrees", m->agrees == LCT_VERDICT_YES);
    lct_moire_flag_words(m->flags, flags, sizeof flags);
    lct_json_text(json, "method", m->method ? lct_moire_method_name(m->method) : NULL);
    lct_json_text(json, "flags", flags);
    add_peaks(json, m);
}
