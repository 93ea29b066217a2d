/* Protects: volumes, amounts and concentrations follow the equations to the last digit, mass closes, correlated errors stay
 * correlated, and settings without sense are refused. */
#include "../support/truth_areas.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/concentration.h>
#include <lctem/random.h>
#include <math.h>

static char path[] = "/tmp/lctem-concentration-XXXXXX";

static void make_file(void)
{
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
}

static void remove_file(void)
{
    unlink(path);
}

TestSuite(concentration, .init = make_file, .fini = remove_file);

static void read_text(struct lct_curves *c, const char *text)
{
    struct lct_err err = { 0 };
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    cr_assert(eq(int, lct_curves_read(c, path, NULL, &err), LCT_OK), "%s", err.text);
}

#define HEAD "frame,time_s,particle,core_area_nm2,shell_area_nm2\n"
#define SD_HEAD                                                                                                        \
    "frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_nm2,total_area_" \
    "sd_nm2\n"

Test(concentration, material_rows_are_whole_and_known_by_name)
{
    size_t n = 0;
    for (const struct lct_material *m; (m = lct_material_row(n)) != NULL; n++) {
        cr_assert(eq(int, lct_material_check(m, "core", NULL), LCT_OK));
        cr_assert(lct_material_find(m->name) == m && m->source[0] != '\0');
    }
    cr_assert(n >= 2);
    cr_assert(lct_material_find("Unobtainium") == NULL);
    /* 119.6 g in 100 mL of water, 183.32 g/mol */
    cr_assert(epsilon_eq(dbl, lct_material_saturation_mol_per_l(lct_material_find("CdCl2")), 1196.0 / 183.32, 1e-12));
}

Test(concentration, a_square_nanometre_is_what_the_paper_says)
{
    struct lct_curves c = { 0 };
    struct lct_concentration out;
    struct lct_pocket pocket = lct_pocket_defaults();
    struct lct_err err = { 0 };
    /* particle 1 loses 53 nm2 of core under an unchanged shell volume: total area shrinks by 53 x 7/12 */
    read_text(&c, HEAD "0,0,1,201,99\n1,16,1,148,121.083333333333333\n");
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, &err), LCT_OK), "%s", err.text);
    const struct lct_solution *feed = &out.solution[LCT_ANCHOR_FEED],
                              *saturation = &out.solution[LCT_ANCHOR_SATURATION];
    const double exact = 53.0 * 7.0 * 8.65e-21 / 112.414 / (50000.0 * 1e-24);
    cr_assert(epsilon_eq(dbl, exact, 0.571, 5e-4)); /* the paper's number */
    cr_assert(epsilon_eq(dbl, feed->delta_cation[1], exact, 1e-12));
    cr_assert(epsilon_eq(dbl, feed->delta_anion[1], 0.0, 1e-12));
    cr_assert(epsilon_eq(dbl, feed->cation[1], 0.005 + exact, 1e-12));
    cr_assert(epsilon_eq(dbl, feed->residual[1] - feed->residual[0], 2.0 * exact, 1e-12));
    cr_assert(epsilon_eq(dbl, saturation->cation[1], 1196.0 / 183.32, 1e-12));
    cr_assert(epsilon_eq(dbl, saturation->cation[0], 1196.0 / 183.32 - exact, 1e-12));
    cr_assert(epsilon_eq(dbl, saturation->residual[1], 0.0, 1e-12)); /* a salt at saturation is neutral */
    cr_assert(epsilon_eq(dbl, out.core_nm3[0], 201.0 * 7.0, 1e-12));
    cr_assert(epsilon_eq(dbl, out.shell_nm3[0], 300.0 * 12.0 - 201.0 * 7.0, 1e-12));
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
    /* 1 nm2 of rim: 12 nm3 of CdCl2, 5.3 mM of Cd and twice that of Cl */
    read_text(&c, HEAD "0,0,1,100,50\n1,16,1,100,49\n");
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, &err), LCT_OK), "%s", err.text);
    const double rim = 12.0 * 4.047e-21 / 183.32 / 5e-20;
    cr_assert(epsilon_eq(dbl, rim, 5.3e-3, 5e-5));
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_cation[1], rim, 1e-14));
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_anion[1], 2.0 * rim, 1e-14));
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
}

Test(concentration, mass_closes_whatever_comes_and_goes)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    struct lct_random r = lct_random_start(3, 1, 0);
    fputs(HEAD, file);
    for (int k = 0; k < 200; k++)
        for (int p = 1; p <= 7; p++)
            if (k >= 11 * p && k < 200 - 9 * p && lct_random_double(&r) < 0.9) /* they appear, have gaps, vanish */
                fprintf(file, "%d,%.3f,%d,%.9g,%.9g\n", k, 0.2 * k, p, 300.0 * lct_random_double(&r),
                    200.0 * lct_random_double(&r));
    fclose(file);
    struct lct_curves c = { 0 };
    struct lct_concentration out;
    const struct lct_pocket pocket = lct_pocket_defaults();
    struct lct_err err = { 0 };
    read_text(&c, text);
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, &err), LCT_OK), "%s", err.text);
    cr_assert(out.closure < 1e-12, "%g", out.closure);
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
    free(text);
}

Test(concentration, both_anchors_tell_the_same_change)
{
    struct lct_curves c = { 0 };
    struct lct_concentration out;
    const struct lct_pocket pocket = lct_pocket_defaults();
    read_text(&c, HEAD "0,0,1,201,99\n1,10,1,170,80\n2,20,1,140,85\n3,30,1,150,99\n");
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
    const struct lct_solution *a = &out.solution[0], *b = &out.solution[1];
    for (size_t t = 1; t < 4; t++) {
        cr_assert(epsilon_eq(dbl, a->cation[t] - a->cation[0], b->cation[t] - b->cation[0], 1e-12));
        cr_assert(epsilon_eq(dbl, a->anion[t] - a->anion[0], b->anion[t] - b->anion[0], 1e-12));
    }
    /* 16 s lies between frames: V is linear there, so c is too */
    cr_assert(epsilon_eq(dbl, 0.4 * a->cation[1] + 0.6 * a->cation[2], 1196.0 / 183.32, 1e-12));
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
}

Test(concentration, thickness_errors_are_shared_and_cancel_where_they_must)
{
    struct lct_curves c = { 0 };
    struct lct_concentration out, up, down;
    struct lct_pocket pocket = lct_pocket_defaults();
    pocket.core_thickness_sd_nm = 0.5;
    pocket.plate_thickness_sd_nm = 0.8;
    pocket.liquid_volume_sd_nm3 = 4000.0;
    pocket.reference_s = 0.0;
    read_text(&c, HEAD "0,0,1,201,99\n1,10,1,170,80\n2,20,1,201,99\n");
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
    /* each parameter alone, by brute force; they are independent of each other */
    double variance[2] = { 0, 0 };
    const double steps[3] = { 0.5, 0.8, 4000.0 };
    for (int i = 0; i < 3; i++) {
        struct lct_pocket more = pocket, less = pocket;
        double *const fields[2][3] = { { &more.core_thickness_nm, &more.plate_thickness_nm, &more.liquid_volume_nm3 },
            { &less.core_thickness_nm, &less.plate_thickness_nm, &less.liquid_volume_nm3 } };
        *fields[0][i] += 1e-4 * steps[i];
        *fields[1][i] -= 1e-4 * steps[i];
        cr_assert(eq(int, lct_concentration_compute(&up, &c, &more, NULL), LCT_OK));
        cr_assert(eq(int, lct_concentration_compute(&down, &c, &less, NULL), LCT_OK));
        const double cation = (up.solution[1].cation[1] - down.solution[1].cation[1]) / 2e-4;
        const double residual = (up.solution[1].residual[1] - down.solution[1].residual[1]) / 2e-4;
        variance[0] += cation * cation;
        variance[1] += residual * residual;
        lct_concentration_finish(&up);
        lct_concentration_finish(&down);
    }
    cr_assert(epsilon_eq(dbl, out.solution[1].delta_cation_sd[1], sqrt(variance[0]), 1e-6));
    cr_assert(epsilon_eq(dbl, out.solution[1].residual_sd[1], sqrt(variance[1]), 1e-6));
    cr_assert(epsilon_eq(
        dbl, out.solution[1].delta_cation_sd[2], 0.0, 1e-12)); /* the same areas again: no thickness matters */
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
}

Test(concentration, lasting_area_errors_cancel)
{
    struct lct_curves c = { 0 };
    struct lct_concentration out;
    struct lct_pocket pocket = lct_pocket_defaults();
    pocket.reference_s = 0.0;
    pocket.area_correlation = 1.0;
    /* smooth curves: all of the sigma is systematic. Sigma stays, then halves. */
    read_text(&c,
        SD_HEAD "0,0,1,200,2,100,2.828427,300,2\n1,1,1,190,2,100,2.828427,290,2\n2,2,1,180,1,100,1.4142136,280,1\n"
                "3,3,1,170,2,100,2.828427,270,2\n4,4,1,160,2,100,2.828427,260,2\n");
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
    const double *sd = out.solution[LCT_ANCHOR_FEED].delta_cation_sd;
    cr_assert(sd[1] < 1e-6, "%g", sd[1]);
    /* core and total are independent (2^2 + 2^2 = 2.83^2) and off by 1 nm2 more at the anchor */
    const double core = 7.0 * (8.65 / 112.414 - 4.047 / 183.32) * 1e-21 / 5e-20,
                 total = 12.0 * 4.047e-21 / 183.32 / 5e-20;
    cr_assert(epsilon_eq(dbl, sd[2], hypot(core, total), 1e-6));
    lct_concentration_finish(&out);
    pocket.area_correlation = 0.0; /* now they are new at each instant: 2 and 2 nm2 */
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_cation_sd[1], sqrt(8.0) * hypot(core, total), 1e-6));
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
}

/* The table says which part of its sigmas is common: four fifths of that variance cancel, the rest is new at both instants. */
Test(concentration, what_the_table_calls_common_cancels)
{
    struct lct_curves c = { 0 };
    struct lct_concentration out;
    struct lct_pocket pocket = lct_pocket_defaults();
    pocket.reference_s = 0.0;
    read_text(&c,
        "frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_sd_nm2,"
        "core_area_common_sd_nm2,total_area_common_sd_nm2\n"
        "0,0,1,200,5,100,5,0,4,0\n1,1,1,190,5,110,5,0,4,0\n2,2,1,180,5,120,5,0,4,0\n3,3,1,170,5,130,5,0,4,0\n"
        "4,4,1,160,13,140,13,0,12,0\n");
    cr_assert(c.has_common);
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
    /* only cores are uncertain: 5^2 - 4^2 = 9 nm4 at both instants, and 0.2 x 4^2 */
    const double core = 7.0 * (8.65 / 112.414 - 4.047 / 183.32) * 1e-21 / 5e-20;
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_cation_sd[1], sqrt(18.0 + 0.2 * 32.0) * core, 1e-9));
    /* at the end 13^2 - 12^2 = 25, and the common part is 8 nm2 larger */
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_cation_sd[4],
        sqrt(9.0 + 25.0 + 0.8 * 64.0 + 0.2 * (16.0 + 144.0)) * core, 1e-9));
    cr_assert(eq(dbl, out.lasting, 0.8));
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
}

/* Where two particles touch, what one is too large by, the other is too small by: their sum does not know it. */
Test(concentration, what_neighbours_share_is_no_error_of_their_sum)
{
    static const char *const text[] = {
        "frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_sd_nm2,"
        "core_area_common_sd_nm2,total_area_common_sd_nm2,core_area_shared_sd_nm2,total_area_shared_sd_nm2\n"
        "0,0,1,200,3,100,13,12.64911064,0,0,0,12\n1,1,1,190,3,110,13,12.64911064,0,0,0,12\n2,2,1,180,3,120,13,12."
        "64911064,0,0,0,12\n",
        "frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_sd_nm2,"
        "core_area_common_sd_nm2,total_area_common_sd_nm2\n"
        "0,0,1,200,3,100,5,4,0,0\n1,1,1,190,3,110,5,4,0,0\n2,2,1,180,3,120,5,4,0,0\n"
    };
    double sd[2] = { 0 };
    for (int k = 0; k < 2; k++) {
        struct lct_curves c = { 0 };
        struct lct_concentration out;
        struct lct_pocket pocket = lct_pocket_defaults();
        pocket.reference_s = 0.0;
        read_text(&c, text[k]);
        cr_assert(epsilon_eq(dbl, c.total_sd_nm2[1], 4.0, 1e-6));
        cr_assert(epsilon_eq(dbl, c.shell_sd_nm2[1], 5.0, 1e-6));
        cr_assert(epsilon_eq(dbl, c.core_sd_nm2[1], 3.0, 1e-12));
        cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
        sd[k] = out.solution[LCT_ANCHOR_FEED].delta_cation_sd[1];
        lct_concentration_finish(&out);
        lct_curves_finish(&c);
    }
    cr_assert(gt(dbl, sd[0], 0.0));
    cr_assert(epsilon_eq(dbl, sd[0], sd[1], 1e-8));
}

/* Core and total that wander together add up in the cation; those that wander against each other take from each other there. Wander of
 * period 10 frames is seen at a distance of five. */
Test(concentration, areas_that_wander_together_add_up)
{
    double sd[2] = { 0 };
    for (int k = 0; k < 2; k++) {
        char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n", file);
        for (int t = 0; t < 40; t++) {
            const double off = (t + 5) / 5 % 2 ? 1.0 : -1.0, core = 200.0 + off, total = 300.0 + (k ? off : -off);
            fprintf(file, "%d,%d,1,%.9g,%.9g\n", t, t, core, total - core);
        }
        fclose(file);
        struct lct_curves c = { 0 };
        struct lct_concentration out;
        struct lct_pocket pocket = lct_pocket_defaults();
        pocket.reference_s = 0.0;
        read_text(&c, text);
        cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
        sd[k] = out.solution[LCT_ANCHOR_FEED].delta_cation_sd[20];
        lct_concentration_finish(&out);
        lct_curves_finish(&c);
        free(text);
    }
    /* five frames before and after lie 2 nm2 off, each way of 1: scatter 1.4826 x 2 / sqrt 1.5, new at both instants */
    const double core = 7.0 * (8.65 / 112.414 - 4.047 / 183.32) * 1e-21 / 5e-20,
                 total = 12.0 * 4.047e-21 / 183.32 / 5e-20;
    const double both = sqrt(2.0) * 1.4826022185056018 * 2.0 / sqrt(1.5);
    cr_assert(epsilon_eq(dbl, sd[0], both * fabs(core - total), 1e-6));
    cr_assert(epsilon_eq(dbl, sd[1], both * (core + total), 1e-6));
}

/* Sixty made-up movies of two particles: edges that all lie a little off through the movie (2 nm2 of each core, 3 of each total), and
 * noise that is new in each frame. Two sigmas hold the true change in 95 % of the frames; the anchor's own error is common to all frames
 * of a movie, so that sixty draws, not 60 x 29, say how sure that is: three sigmas are 8 %. */
Test(concentration, two_sigmas_hold_the_truth_of_made_up_movies)
{
    enum { MOVIES = 60, FRAMES = 30 };
    struct lct_random r = lct_random_start(21, 0, 0);
    size_t held = 0, all = 0;
    for (int m = 0; m < MOVIES; m++) {
        char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        const double core_off = 2.0 * lct_random_normal(&r), total_off = 3.0 * lct_random_normal(&r);
        fputs("frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_sd_nm2,"
              "core_area_common_sd_nm2,total_area_common_sd_nm2\n",
            file);
        for (int k = 0; k < FRAMES; k++)
            for (int p = 1; p <= 2; p++) {
                const double true_core = p == 1 ? 150.0 + k : 200.0 - 2.0 * k;
                const double core = true_core + core_off + 1.5 * lct_random_normal(&r);
                const double total = true_core + 100.0 + total_off + 2.0 * lct_random_normal(&r);
                fprintf(file, "%d,%d,%d,%.9g,2.5,%.9g,%.9g,%.9g,2,3\n", k, k, p, core, total - core,
                    hypot(2.5, sqrt(13.0)), sqrt(13.0));
            }
        fclose(file);
        struct lct_curves c = { 0 };
        struct lct_concentration out;
        const struct lct_pocket pocket = lct_pocket_defaults();
        read_text(&c, text);
        cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, NULL), LCT_OK));
        const struct lct_solution *feed = &out.solution[LCT_ANCHOR_FEED];
        /* both cores together lose 1 nm2 in a frame, under shells of one projected area */
        const double per_frame = (7.0 * (8.65 / 112.414 - 4.047 / 183.32) + 12.0 * 4.047 / 183.32) * 1e-21 / 5e-20;
        for (int k = 1; k < FRAMES; k++, all++)
            held += fabs(feed->delta_cation[k] - k * per_frame) < 2.0 * feed->delta_cation_sd[k];
        lct_concentration_finish(&out);
        lct_curves_finish(&c);
        free(text);
    }
    const double share = (double)held / (double)all;
    cr_assert(share > 0.87 && share < 0.995, "%g", share);
}

Test(concentration, sensitivity_ranks_what_matters)
{
    struct lct_curves c = { 0 };
    struct lct_sensitivity *rows = NULL;
    struct lct_pocket pocket = lct_pocket_defaults();
    size_t n = 0;
    read_text(&c, HEAD "0,0,1,201,99\n1,16,1,148,99\n2,30,1,148,99\n");
    pocket.core_thickness_sd_nm = 0.35;
    cr_assert(eq(int, lct_concentration_sensitivity(&rows, &n, &c, &pocket, NULL), LCT_OK));
    bool first[LCT_N_ANCHORS] = { false };
    for (size_t i = 0; i < n; i++) {
        first[rows[i].anchor] |= rows[i].rank == 1;
        if (strcmp(rows[i].parameter, "core_density") == 0
            && rows[i].anchor == LCT_ANCHOR_FEED) /* a tenth of +0.571 M */
            cr_assert(epsilon_eq(dbl, rows[i].cation_mol_per_l, 0.1 * 53.0 * 7.0 * 8.65e-21 / 112.414 / 5e-20, 1e-9));
        if (strcmp(rows[i].parameter, "core_thickness") == 0)
            cr_assert(rows[i].is_sd && rows[i].change == 0.35);
        if (strcmp(rows[i].parameter, "saturation") == 0 && rows[i].anchor == LCT_ANCHOR_SATURATION)
            cr_assert(eq(int, rows[i].rank, 1));
    }
    cr_assert(first[0] && first[1]);
    free(rows);
    pocket.reference_s = (double)NAN; /* no instant, no saturation anchor: nothing to be sensitive to */
    cr_assert(eq(int, lct_concentration_sensitivity(&rows, &n, &c, &pocket, NULL), LCT_OK));
    for (size_t i = 0; i < n; i++)
        cr_assert(rows[i].anchor == LCT_ANCHOR_FEED && strcmp(rows[i].parameter, "reference_time") != 0);
    free(rows);
    lct_curves_finish(&c);
}

Test(concentration, budget_adds_up)
{
    struct lct_curves c = { 0 };
    struct lct_transfer *rows = NULL;
    const struct lct_pocket pocket = lct_pocket_defaults();
    const double edges[] = { 0.0, 10.0, 20.0 };
    size_t n = 0;
    read_text(&c, HEAD "0,0,1,200,100\n0,0,2,100,60\n1,10,1,210,100\n1,10,2,80,50\n2,20,1,230,90\n");
    cr_assert(eq(int, lct_concentration_transfer(&rows, &n, &c, &pocket, edges, 2, NULL), LCT_OK));
    cr_assert(eq(sz, n, 8)); /* two particles, sum, liquid; twice */
    for (size_t i = 0; i < n; i += 4) {
        cr_assert(epsilon_eq(dbl, rows[i].cation_amol + rows[i + 1].cation_amol, rows[i + 2].cation_amol, 1e-14));
        cr_assert(epsilon_eq(dbl, rows[i + 2].anion_amol + rows[i + 3].anion_amol, 0.0, 1e-14));
        cr_assert(eq(int, rows[i + 2].particle, LCT_TRANSFER_SUM));
        cr_assert(eq(int, rows[i + 3].particle, LCT_TRANSFER_LIQUID));
        cr_assert(isnan(rows[i + 3].core_nm3));
    }
    cr_assert(epsilon_eq(dbl, rows[0].core_nm3, 70.0, 1e-12));
    cr_assert(epsilon_eq(dbl, rows[2].core_before_nm3, 7.0 * 300.0, 1e-12)); /* both, before and after */
    cr_assert(epsilon_eq(dbl, rows[2].core_after_nm3, 7.0 * 290.0, 1e-12));
    cr_assert(epsilon_eq(dbl, rows[2].shell_after_nm3, 12.0 * 440.0 - 7.0 * 290.0, 1e-12));
    cr_assert(epsilon_eq(dbl, rows[5].cation_after_amol, 0.0, 1e-14)); /* particle 2 is gone */
    cr_assert(epsilon_eq(dbl, rows[6].cation_before_amol, rows[2].cation_after_amol, 1e-14));
    free(rows);
    lct_curves_finish(&c);
}

/* Particle 1 splits between 10 and 20 s, where a stage ends: all of it happens on one side of the border. */
Test(concentration, a_split_at_a_stage_s_end_is_not_halved)
{
    for (int late = 0; late < 2; late++) {
        struct lct_curves c = { 0 };
        struct lct_transfer *rows = NULL;
        const struct lct_pocket pocket = lct_pocket_defaults();
        const double edges[] = { 0.0, late ? 16.0 : 14.0, 30.0 };
        size_t n = 0;
        read_text(&c, HEAD "0,0,1,200,0\n1,10,1,200,0\n2,20,2,100,0\n2,20,3,100,0\n3,30,2,100,0\n3,30,3,100,0\n");
        cr_assert(eq(int, lct_concentration_transfer(&rows, &n, &c, &pocket, edges, 2, NULL), LCT_OK));
        cr_assert(eq(sz, n, 10)); /* three particles, sum, liquid; twice */
        const size_t there = late ? 0 : 5, quiet = late ? 5 : 0;
        cr_assert(epsilon_eq(dbl, rows[there].core_nm3, -7.0 * 200.0, 1e-9));
        cr_assert(epsilon_eq(dbl, rows[there + 1].core_nm3, 7.0 * 100.0, 1e-9));
        for (size_t i = quiet; i < quiet + 4; i++)
            cr_assert(epsilon_eq(dbl, rows[i].core_nm3, 0.0, 1e-9), "row %zu: %g", i, rows[i].core_nm3);
        free(rows);
        lct_curves_finish(&c);
    }
}

Test(concentration, settings_without_sense_are_refused)
{
    struct lct_curves c = { 0 };
    read_text(&c, HEAD "0,0,1,200,100\n1,20,1,200,100\n");
    const struct lct_pocket good = lct_pocket_defaults();
    struct lct_pocket bad[9];
    for (int i = 0; i < 9; i++)
        bad[i] = good;
    bad[0].core_thickness_nm = -7;
    bad[1].plate_thickness_nm = 6;
    bad[2].liquid_volume_nm3 = 0;
    bad[3].reference_s = 20.1;
    bad[4].reference_s = -1;
    bad[5].area_correlation = 1.5;
    bad[6].shell.density_g_per_cm3 = (double)NAN;
    bad[7].feed_anion_mol_per_l = -1;
    bad[8].plate_thickness_sd_nm = -0.1;
    static const char *const keys[] = { "core_thickness", "plate_thickness", "liquid_volume", "reference_time",
        "reference_time", "area_correlation", "shell_density", "feed_anion", "plate_thickness_sd" };
    for (int i = 0; i < 9; i++) {
        struct lct_concentration out = { .closure = 7 };
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_concentration_compute(&out, &c, &bad[i], &err), LCT_E_ARG), "row %d", i);
        cr_assert(strncmp(err.text, keys[i], strlen(keys[i])) == 0, "row %d: %s", i, err.text);
        cr_assert(eq(dbl, out.closure, 7));
    }
    lct_curves_finish(&c);
}

Test(concentration, truth_of_the_typical_film)
{
    char from[512];
    if (!truth_path(from, sizeof from, "typical_102"))
        cr_skip_test("no sample data");
    struct lct_curves c = { 0 };
    struct lct_concentration out;
    const struct lct_pocket pocket = lct_pocket_defaults();
    struct lct_err err = { 0 };
    cr_assert(truth_convert(from, path));
    cr_assert(eq(int, lct_curves_read(&c, path, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_concentration_compute(&out, &c, &pocket, &err), LCT_OK), "%s", err.text);
    for (size_t i = 0; i < c.n_times * c.n_particles; i++) {
        cr_assert(epsilon_eq(dbl, out.core_nm3[i], 7.0 * c.core_nm2[i], 1e-9));
        cr_assert(
            epsilon_eq(dbl, out.shell_nm3[i], 12.0 * (c.core_nm2[i] + c.shell_nm2[i]) - 7.0 * c.core_nm2[i], 1e-9));
    }
    /* core 2 from 201 to 148 nm2 in stage I, its shell from 115.3238 to 97.1189 nm2; frame 80 is at 16 s */
    cr_assert(eq(dbl, c.times_s[80], 16.0));
    const double core = 53.0 * 7.0 * 8.65e-21 / 112.414 / 5e-20;
    const double shell = (12.0 * (316.3238 - 245.1189) - 7.0 * 53.0) * 4.047e-21 / 183.32 / 5e-20;
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_cation[80], core + shell, 1e-9));
    cr_assert(epsilon_eq(dbl, out.solution[LCT_ANCHOR_FEED].delta_anion[80], 2.0 * shell, 1e-9));
    /* the anchors disagree about tenfold */
    const double ratio = out.solution[LCT_ANCHOR_SATURATION].cation[80] / out.solution[LCT_ANCHOR_FEED].cation[80];
    cr_assert(ratio > 7.0 && ratio < 10.0, "%g", ratio);
    cr_assert(out.closure < 1e-12);
    lct_concentration_finish(&out);
    lct_curves_finish(&c);
}
