#include "moire_picture.h"

#include <lctem/file.h>
#include <lctem/spectrum_picture.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 3, ARROWS = 6, LINE_ROOM = 200, SHOWN = 24 };

static enum lct_mark_kind kind_of(const struct lct_peak *p, const struct lct_moire_params *params)
{
    return strcmp(p->assigned, params->name1) == 0 ? LCT_MARK_FIRST
        : strcmp(p->assigned, params->name2) == 0  ? LCT_MARK_SECOND
        : strcmp(p->assigned, "moire") == 0        ? LCT_MARK_MOIRE
                                                   : LCT_MARK_OTHER;
}

static size_t make_marks(const struct lct_moire_result *r, struct lct_spectrum_mark *marks)
{
    size_t n = 0;
    for (size_t i = 0; i < r->moire.n_peaks; i++) {
        const struct lct_peak *p = &r->moire.peaks[i];
        struct lct_spectrum_mark mark = { .gx = p->wave.gx, .gy = p->wave.gy, .kind = kind_of(p, &r->params) };
        if (mark.kind == LCT_MARK_OTHER && i >= SHOWN)
            continue; /* a picture full of circles shows nothing */
        snprintf(mark.label, sizeof mark.label, "%s%s%.4f nm", p->assigned, p->assigned[0] ? " " : "",
            lct_vector_spacing_nm(&p->g, NULL));
        marks[n++] = mark;
    }
    return n;
}

/* How often a full turn repeats the lattice of that name, as far as its peaks show. */
static int fold_of(const struct lct_moire *m, const char *name)
{
    const struct lct_vector *first = NULL;
    for (size_t i = 0; i < m->n_peaks; i++) {
        const struct lct_vector *g = &m->peaks[i].g;
        if (strcmp(m->peaks[i].assigned, name) != 0)
            continue;
        if (first) {
            const double angle = fabs(remainder(atan2(g->y, g->x) - atan2(first->y, first->x), M_PI));
            return angle > 5 * M_PI / 12 ? 4 : 6;
        }
        first = g;
    }
    return 2;
}

/* From g2 to g1, as often as the stars repeat it. */
static size_t make_arrows(
    const struct lct_moire_result *r, const struct lct_metric *metric, struct lct_spectrum_arrow *arrows)
{
    const struct lct_moire *m = &r->moire;
    const int one = fold_of(m, r->params.name1), two = fold_of(m, r->params.name2);
    const int fold = r->params.hexagonal_11 ? ARROWS : one < two ? one : two;
    size_t n = 0;
    if (!m->has_g1 || !m->has_g2)
        return 0;
    for (int k = 0; k < fold; k++) {
        const double turn = k * 2 * M_PI / fold;
        const struct lct_vector a = lct_vector_turn(&m->g2, turn), b = lct_vector_turn(&m->g1, turn);
        struct lct_spectrum_arrow arrow = { .kind = LCT_MARK_MOIRE };
        lct_metric_invert(metric, a.x, a.y, &arrow.from_x, &arrow.from_y);
        lct_metric_invert(metric, b.x, b.y, &arrow.to_x, &arrow.to_y);
        arrows[n++] = arrow;
    }
    return n;
}

static void make_lines(const struct lct_moire *m, char lines[LINES][LINE_ROOM])
{
    memset(lines, 0, (size_t)LINES * LINE_ROOM);
    if (isfinite(m->twist_deg))
        snprintf(lines[0], LINE_ROOM,
            "D1 = %.6f \u00b1 %.6f nm, D2 = %.6f \u00b1 %.6f nm, twist %.3f \u00b1 %.3f\u00b0", m->d1_nm, m->d1_sd_nm,
            m->d2_nm, m->d2_sd_nm, m->twist_deg, m->twist_sd_deg);
    else
        snprintf(
            lines[0], LINE_ROOM, "%s", isfinite(m->d1_nm) || isfinite(m->d2_nm) ? "one lattice" : "no lattice found");
    if (isfinite(m->moire_nm))
        snprintf(lines[1], LINE_ROOM, "Moir\u00e9 period %.5f \u00b1 %.5f nm (%s); equation (4): %.5f \u00b1 %.5f nm",
            m->moire_nm, m->moire_sd_nm, lct_moire_method_name(m->method), m->moire_eq4_nm, m->moire_eq4_sd_nm);
    else
        snprintf(lines[1], LINE_ROOM, "Moir\u00e9 period: not measured");
    if (m->agrees != LCT_VERDICT_NONE)
        snprintf(lines[2], LINE_ROOM, "difference %+.3f %%, z = %.1f: %s", m->difference_percent, m->z,
            m->agrees == LCT_VERDICT_YES ? "agreement" : "no agreement");
}

enum lct_status moire_picture_write(const char *dir, const char *title, const struct lct_spectrum *spectrum,
    const struct lct_metric *metric, const struct lct_moire_result *result, struct lct_err *err)
{
    struct lct_spectrum_mark marks[LCT_SPECTRUM_WAVES];
    struct lct_spectrum_arrow arrows[ARROWS];
    char lines[LINES][LINE_ROOM];
    const char *line[LINES] = { lines[0], lines[1], lines[2] };
    char *png = lct_file_join(dir, "spectrum.png"), *svg = lct_file_join(dir, "spectrum.svg");
    struct lct_image power = { 0 };
    enum lct_status status = png && svg ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (status == LCT_OK)
        status = lct_spectrum_image(spectrum, &power, err);
    if (status == LCT_OK) {
        make_lines(&result->moire, lines);
        const struct lct_spectrum_view view = { .power = &power,
            .nm_per_px = result->pixel_size_nm,
            .title = title,
            .lines = line,
            .n_lines = LINES,
            .marks = marks,
            .n_marks = make_marks(result, marks),
            .arrows = arrows,
            .n_arrows = make_arrows(result, metric, arrows) };
        status = lct_spectrum_picture_write(&view, png, svg, err);
    }
    lct_image_finish(&power);
    free(png);
    free(svg);
    return status;
}
