/* Protects: what follows from finished tables is written whole, in memory that their text would not fit in, on any table with the columns of areas.csv, and refused with a key and
 * a remedy where a setting does not fit the movie. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/after.h>
#include <lctem/concentration.h>
#include <lctem/json.h>
#include <lctem/table.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct lct_recipe recipe;
static struct lct_options options;

static void set_up(void)
{
    folder_make();
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_CONCENTRATION, NULL), LCT_OK));
}

static void tear_down(void)
{
    lct_options_finish(&options);
    folder_remove();
}

TestSuite(after, .init = set_up, .fini = tear_down);

static const char *in_dir(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

/* Core 2 dissolves while core 1 grows; facet 1 of particle 1 is laid bare as it does. */
static void write_tables(const char *folder, double rate_per_s)
{
    char path[256];
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/areas.csv", folder);
    FILE *areas = fopen(path, "w");
    snprintf(path, sizeof path, "%s/facets.csv", folder);
    FILE *facets = fopen(path, "w");
    snprintf(path, sizeof path, "%s/events.csv", folder);
    FILE *events = fopen(path, "w");
    fputs("frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_nm2,total_"
          "area_sd_nm2,"
          "parent,flags\n",
        areas);
    fputs("frame,time_s,particle,facet,height_nm,exposed_frac\n", facets);
    fprintf(events, "event,frame,time_s,particle,other,facet\ncrack_open,60,%g,1,,1\n", 12.0 / rate_per_s);
    for (int k = 0; k < 150; k++) {
        const double t = 0.2 * k, moved = fmax(0.0, t * rate_per_s - 12.0) * (1.0 + 0.3 * sin(0.9 * t)),
                     core2 = 90.0 - 8.0 * moved;
        fprintf(areas, "%d,%.9g,1,%.9g,1,100,1.4,%.9g,1,,\n", k, t, 150.0 + 5.0 * moved, 250.0 + 5.0 * moved);
        if (core2 > 0.0)
            fprintf(areas, "%d,%.9g,2,%.9g,1,40,1.4,%.9g,1,,\n", k, t, core2, 40.0 + core2);
        fprintf(areas, "%d,%.9g,3,60,1,30,1.4,90,1,,\n", k, t);
        fprintf(
            facets, "%d,%.9g,1,1,%.9g,%.9g\n", k, t, 7.0 + 0.1 * moved, moved > 0.0 ? 0.3 + 0.2 * cos(0.9 * t) : 0.0);
    }
    fclose(areas);
    fclose(facets);
    fclose(events);
}

/* Rows of a table in which column `key` is `value`. */
static size_t count(const char *name, const char *key, const char *value)
{
    struct lct_csv csv = { 0 };
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_csv_read(&csv, in_dir(name), &err), LCT_OK), "%s", err.text);
    const long column = lct_csv_column(&csv, key);
    cr_assert(column >= 0, "%s has no %s", name, key);
    size_t n = 0;
    for (size_t i = 0; i < csv.n_rows; i++)
        n += strcmp(csv.cells[i * csv.n_columns + (size_t)column], value) == 0;
    lct_csv_finish(&csv);
    return n;
}

/* data/constants/pocket.def is the one place; the recipe's defaults are texts and could drift away from it. */
Test(after, the_recipes_defaults_are_the_constants)
{
    const struct lct_pocket p = lct_pocket_defaults();
    const struct lct_chemistry_settings *s = &recipe.chemistry;
    cr_assert(p.core_thickness_nm == s->core_thickness_nm && p.plate_thickness_nm == s->plate_thickness_nm);
    cr_assert(p.liquid_volume_nm3 == s->liquid_volume_nm3 && p.reference_s == s->reference_s);
    cr_assert(p.feed_cation_mol_per_l == s->feed_cation_mol_per_l && p.feed_anion_mol_per_l == s->feed_anion_mol_per_l);
    size_t n = 0;
    for (const struct lct_pocket_constant *row; (row = lct_pocket_row(n)) != NULL; n++)
        cr_assert(row->key[0] && row->unit[0] && row->source[0] && row->value > 0.0);
    cr_assert(eq(sz, n, 6));
}

Test(after, everything_is_written)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    write_tables(in_dir("run"), 1.0);
    recipe.chemistry.dose_rate_e_per_nm2_s = 2e5;
    recipe.chemistry.reference_s = 12.0;
    cr_assert(
        eq(int, lct_after_run(&found, in_dir("run"), in_dir("out"), &recipe, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(found.closure < 1e-12 && found.saturation_mol_per_l > found.from_feed_mol_per_l);
    /* both anchors side by side */
    cr_assert(eq(sz, count("out/concentration.csv", "anchor", "saturation"), 150));
    cr_assert(eq(sz, count("out/concentration.csv", "anchor", "feed"), 150));
    cr_assert(count("out/mass_budget.csv", "who", "liquid") == found.n_stages + 1);
    cr_assert(eq(sz, count("out/controls.csv", "role", "bystander"), 1));
    cr_assert(count("out/controls.csv", "verdict", "unchanged") >= 1);
    cr_assert(count("out/rates.csv", "quantity", "height") >= 2);
    cr_assert(count("out/correlations.csv", "kind", "level") >= 2
        && count("out/correlations.csv", "kind", "exposure_rate") >= 2);
    cr_assert(eq(sz, count("out/dose_events.csv", "event", "crack_open"), 1));
    cr_assert(eq(sz, count("out/dose_events.csv", "dose_e_per_nm2", "2400000"), 1));
    cr_assert(count("out/sensitivity.csv", "rank", "1") == 2);
    static const char *const twins[] = { "stages", "change_points", "volumes", "concentration", "mass_budget",
        "sensitivity", "rates", "controls", "correlations", "dose", "dose_events" };
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        char name[64];
        snprintf(name, sizeof name, "out/%s.json", twins[i]);
        cr_assert(access(in_dir(name), F_OK) == 0, "%s", name);
    }
    struct lct_json *json = NULL;
    cr_assert(eq(int, lct_json_read(&json, in_dir("out/assumptions.json"), &err), LCT_OK), "%s", err.text);
    cr_assert(
        strstr(lct_json_to_text(lct_json_member(lct_json_root(json), "anchor_discrepancy")), "disagree by a factor")
        != NULL);
    cr_assert(lct_json_to_text(lct_json_member(lct_json_root(json), "charge")) != NULL);
    lct_json_destroy(&json);
    cr_assert(access(in_dir("out/plots/concentration.gp"), F_OK) == 0);
}

Test(after, without_a_scale_there_are_stages_but_no_volumes)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    FILE *file = fopen(in_dir("px.csv"), "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2,core_area_px,shell_area_px,core_area_sd_px,shell_area_sd_"
          "px\n",
        file);
    for (int k = 0; k < 100; k++)
        fprintf(file, "%d,%d,1,,,%g,5000,30,50\n", k, k, 9000.0 - 40.0 * fmax(0.0, k - 50.0));
    fclose(file);
    cr_assert(eq(int, lct_after_run(&found, in_dir("px.csv"), in_dir("out"), &recipe, NULL, &err), LCT_E_NODATA));
    cr_assert(strstr(err.text, "--pixel-size") != NULL, "%s", err.text);
    cr_assert(eq(sz, count("out/stages.csv", "stage", "2"), 1));
    cr_assert(count("out/rates.csv", "unit", "px2/s") == count("out/rates.csv", "particle", "1"));
    cr_assert(eq(sz, count("out/controls.csv", "core_change_nm2", ""), 1));
    cr_assert(eq(sz, count("out/controls.csv", "verdict", "changed"), 1));
    cr_assert(access(in_dir("out/concentration.csv"), F_OK) != 0);
}

/* "core 2 shrinks (-8.1 +- 0.2 nm2/s, to 22.8 s)": rate and sigma of a curve in the sentence of a stage; false: not in it. */
static bool told(const char *sentence, const char *who, double *rate, double *sd)
{
    const char *at = strstr(sentence, who);
    return at && (at = strchr(at, '(')) != NULL && sscanf(at, "(%lf +- %lf nm2/s", rate, sd) == 2;
}

Test(after, a_stage_has_one_rate)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    struct lct_csv stages = { 0 }, rates = { 0 };
    size_t compared = 0;
    write_tables(in_dir("run"), 1.0);
    recipe.chemistry.reference_s = 12.0;
    cr_assert(
        eq(int, lct_after_run(&found, in_dir("run"), in_dir("out"), &recipe, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_csv_read(&stages, in_dir("out/stages.csv"), &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_csv_read(&rates, in_dir("out/rates.csv"), &err), LCT_OK), "%s", err.text);
    const size_t column = (size_t)lct_csv_column(&rates, "rate_per_s"),
                 sd_column = (size_t)lct_csv_column(&rates, "rate_sd_per_s");
    for (size_t i = 0; i < rates.n_rows; i++) {
        char *const *cells = rates.cells + i * rates.n_columns;
        const char *quantity = cells[lct_csv_column(&rates, "quantity")];
        const long stage = strtol(cells[lct_csv_column(&rates, "stage")], NULL, 10);
        char who[32];
        double rate, sd, said, said_sd;
        if (stage < 1 || strcmp(quantity, "core_area") != 0)
            continue;
        snprintf(who, sizeof who, "core %s ", cells[lct_csv_column(&rates, "particle")]);
        if (!told(stages.cells[(size_t)(stage - 1) * stages.n_columns + (size_t)lct_csv_column(&stages, "description")],
                who, &said, &said_sd))
            continue;
        cr_assert(eq(int, lct_csv_number(&rates, i, column, &rate, &err), LCT_OK));
        cr_assert(eq(int, lct_csv_number(&rates, i, sd_column, &sd, &err), LCT_OK));
        /* sigmas are said with one or two digits, rates with as many decimals */
        cr_assert(fabs(said_sd - sd) <= 0.2 * sd && fabs(said - rate) <= 0.2 * sd, "%s: %g +- %g, %g +- %g", who, said,
            said_sd, rate, sd);
        compared++;
    }
    cr_assert(compared >= 2);
    lct_csv_finish(&stages);
    lct_csv_finish(&rates);
}

Test(after, results_are_not_overwritten_by_accident)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    write_tables(in_dir("run"), 1.0);
    cr_assert(
        eq(int, lct_after_run(&found, in_dir("run/areas.csv"), NULL, &recipe, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(access(in_dir("run/concentration.csv"), F_OK) == 0); /* beside the table */
    cr_assert(eq(int, lct_after_run(&found, in_dir("run"), NULL, &recipe, NULL, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "--force") != NULL);
    recipe.force = true;
    cr_assert(eq(int, lct_after_run(&found, in_dir("run"), NULL, &recipe, NULL, &err), LCT_OK), "%s", err.text);
}

Test(after, other_materials_need_their_numbers)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    static const char *const settings[] = { "core_material=Ag", "core_density=10.49", "core_molar_mass=107.868",
        "core_cations=1", "core_anions=0", "shell_material=AgCl", "shell_density=5.56", "shell_molar_mass=143.32",
        "shell_cations=1", "shell_anions=1" };
    static const char *const missing[] = { "core_density", "core_molar_mass", "core_cations", "core_anions", "shell",
        "shell_density", "shell_molar_mass", "shell_cations", "shell_anions" };
    write_tables(in_dir("run"), 1.0);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        cr_assert(eq(int, lct_options_assign(&options, settings[i], &err), LCT_OK), "%s", err.text);
        const bool last = i + 1 == sizeof settings / sizeof *settings;
        const enum lct_status status = lct_after_run(&found, in_dir("run"), in_dir("out"), &recipe, NULL, &err);
        if (last)
            cr_assert(eq(int, status, LCT_OK), "%s", err.text);
        else if (i != 4)
            cr_assert(
                status == LCT_E_ARG && strncmp(err.text, missing[i], strlen(missing[i])) == 0, "%zu: %s", i, err.text);
        recipe.force = true;
    }
    cr_assert(isnan(found.saturation_mol_per_l)); /* nobody gave a solubility: that anchor stays empty */
    cr_assert(eq(sz, count("out/concentration.csv", "cd_mol_per_l", ""), 150));
}

Test(after, the_reference_must_be_in_the_movie)
{
    struct lct_after found = { .closure = 7 };
    struct lct_err err = { 0 };
    write_tables(in_dir("run"), 1.0);
    recipe.chemistry.reference_s = 31.0;
    cr_assert(eq(int, lct_after_run(&found, in_dir("run"), in_dir("out"), &recipe, NULL, &err), LCT_E_ARG));
    cr_assert(strstr(err.text, "reference_time") && strstr(err.text, "outside the movie") && strstr(err.text, "auto"),
        "%s", err.text);
    cr_assert(eq(dbl, found.closure, 7));
    cr_assert(access(in_dir("out"), F_OK) != 0); /* nothing was begun */
    cr_assert(eq(int, lct_after_run(&found, in_dir("none"), NULL, &recipe, NULL, &err), LCT_E_INPUT));
}

static void count_warnings(void *context, enum lct_log_level level, const char *text)
{
    *(size_t *)context += level == LCT_LOG_WARNING && strstr(text, "reference_time") != NULL;
}

/* No shell grows here: what hangs on saturation is empty, with a word about it, and all the rest is there. */
Test(after, without_an_onset_the_feed_alone_is_the_anchor)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    size_t warnings = 0;
    const struct lct_log log = { .write = count_warnings, .context = &warnings };
    write_tables(in_dir("run"), 1.0);
    recipe.chemistry.reference_s = (double)NAN; /* auto */
    cr_assert(
        eq(int, lct_after_run(&found, in_dir("run"), in_dir("out"), &recipe, &log, &err), LCT_OK), "%s", err.text);
    cr_assert(isnan(found.reference_s) && isnan(found.saturation_mol_per_l) && isfinite(found.residual_mol_per_l));
    cr_assert(eq(sz, warnings, 1));
    cr_assert(eq(sz, count("out/concentration.csv", "delta_cd_mol_per_l", ""), 150)); /* the saturation rows */
    cr_assert(eq(sz, count("out/concentration.csv", "cd_mol_per_l", ""), 150));
    cr_assert(eq(sz, count("out/sensitivity.csv", "anchor", "saturation"), 0));
    cr_assert(
        count("out/sensitivity.csv", "anchor", "feed") > 5 && count("out/rates.csv", "quantity", "core_area") > 2);
}

/* The paper's 16 s on a movie that ends before: nobody asked for it, so auto is taken, with a word about it. */
Test(after, the_papers_instant_yields_to_a_shorter_movie)
{
    struct lct_after found;
    struct lct_err err = { 0 };
    size_t warnings = 0;
    const struct lct_log log = { .write = count_warnings, .context = &warnings };
    /* two frames by hand are enough for concentrations */
    FILE *file = fopen(in_dir("hand.csv"), "w");
    fputs("frame,time_s,particle,core_area_nm2,shell_area_nm2\n0,0,1,201,99\n1,10,1,148,99\n", file);
    fclose(file);
    cr_assert(eq(int, lct_after_run(&found, in_dir("hand.csv"), in_dir("hand"), &recipe, &log, &err), LCT_OK), "%s",
        err.text);
    cr_assert(eq(sz, warnings, 2)); /* auto is taken; and finds no onset here */
    cr_assert(eq(sz, found.n_stages, 1));
    cr_assert(eq(sz, count("hand/concentration.csv", "anchor", "feed"), 2));
    cr_assert(eq(sz, count("hand/stages.csv", "description", "too few frames to say"), 1));
}

Test(after, keys_refuse_nonsense_and_take_units)
{
    struct lct_err err = { 0 };
    static const char *const bad[] = { "core_thickness=-7", "plate_thickness=-1nm", "liquid_volume=0",
        "area_correlation=2", "reference_time=-3", "reference_time=soon" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert(eq(int, lct_options_assign(&options, bad[i], &err), LCT_E_ARG), "%s", bad[i]);
        cr_assert(strncmp(strpbrk(err.text, "crpla"), bad[i], 4) == 0 || strstr(err.text, "_") != NULL, "%s", err.text);
    }
    cr_assert(eq(int, lct_options_assign(&options, "core_thickness=6500pm", &err), LCT_OK));
    cr_assert(epsilon_eq(dbl, recipe.chemistry.core_thickness_nm, 6.5, 1e-12));
    cr_assert(eq(int, lct_options_assign(&options, "reference_time=auto", &err), LCT_OK));
    cr_assert(isnan(recipe.chemistry.reference_s));
}

Test(after, dose_is_compared_over_movies)
{
    struct lct_err err = { 0 };
    static const double rates[] = { 1.0, 2.0, 4.0 };
    char folders[3][256];
    for (int i = 0; i < 3; i++) { /* the beam sets the pace: twice the rate, half the time */
        snprintf(folders[i], sizeof folders[i], "%s/m%d", folder, i);
        write_tables(folders[i], rates[i]);
        char path[300];
        snprintf(path, sizeof path, "%s/frames.csv", folders[i]);
        FILE *frames = fopen(path, "w");
        fputs("frame,time_s,dose_e_per_nm2\n", frames);
        for (int k = 0; k < 150; k++)
            fprintf(frames, "%d,%.9g,%.9g\n", k, 0.2 * k, 1e5 * rates[i] * 0.2 * k);
        fclose(frames);
    }
    const char *const list[] = { folders[0], folders[1], folders[2] };
    cr_assert(eq(int, lct_after_compare_dose(list, 3, in_dir("dose"), &recipe, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(sz, count("dose/compare_dose.csv", "cracks", "1"), 3));
    cr_assert(eq(sz, count("dose/compare_dose.csv", "first_crack_dose_e_per_nm2", "1200000"), 3));
    struct lct_json *json = NULL;
    cr_assert(eq(int, lct_json_read(&json, in_dir("dose/compare_dose_summary.json"), &err), LCT_OK), "%s", err.text);
    const char *verdict = lct_json_to_text(lct_json_member(lct_json_root(json), "verdict"));
    cr_assert(strstr(verdict, "the beam sets the pace") != NULL, "%s", verdict);
    const char *cracks = lct_json_to_text(lct_json_member(lct_json_root(json), "verdict_cracks"));
    cr_assert(strstr(cracks, "first crack opens: at the same dose") != NULL, "%s", cracks);
    lct_json_destroy(&json);
    cr_assert(eq(int, lct_after_compare_dose(list, 3, in_dir("dose"), &recipe, NULL, &err), LCT_E_OUTPUT));
    cr_assert(eq(int, lct_after_compare_dose(list, 1, in_dir("dose"), &recipe, NULL, &err), LCT_E_ARG));
}

/* Two particles at any time, one of them a new one every 200 frames; six facets each; all columns that lctem analyze writes. */
static void write_long_tables(const char *folder, int n_frames)
{
    char path[256];
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/areas.csv", folder);
    FILE *areas = fopen(path, "w");
    snprintf(path, sizeof path, "%s/facets.csv", folder);
    FILE *facets = fopen(path, "w");
    fputs("frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_nm2,total_"
          "area_sd_nm2,x_nm,y_nm,core_area_px,shell_area_px,cx_px,cy_px,parent,flags,core_area_sd_px,shell_area_sd_px,"
          "core_area_common_sd_nm2,total_area_common_sd_nm2,core_area_shared_sd_nm2,total_area_shared_sd_nm2\n",
        areas);
    fputs("frame,time_s,particle,facet,facet_angle_deg,height_nm,height_sd_nm,height_change_nm,layers,shell_thickness_"
          "nm,shell_thickness_sd_nm,exposed_frac,hkil,flags,edge_nm,middle_nm,height_px,height_sd_px,shell_layers,"
          "fringe_snr,rim_ordered_frac,rim_ordered_sd_frac,rim_amplitude\n",
        facets);
    for (int k = 0; k < n_frames; k++)
        for (int i = 0; i < 2; i++) {
            const int particle = i == 0 ? 1 : 2 + k / 200;
            const double t = 0.2 * k, core = 150.0 + 20.0 * sin(0.01 * t + i), shell = 100.0 + cos(t);
            fprintf(areas,
                "%d,%.9g,%d,%.9g,1.25,%.9g,1.5,%.9g,1,18.4222639,24.1803498,16772.1834,12912.0705,184.222639,241.803498"
                ",,contact,165.605164,276.554201,0.616914424,1.2273008,0,0.32830464\n",
                k, t, particle, core, shell, core + shell);
            for (int f = 0; f < 6; f++)
                fprintf(facets,
                    "%d,%.9g,%d,%d,43.9302315,%.9g,0.0420693291,0,0,2.21887153,0.0997217741,%.9g,10-10,contact,"
                    "8.59673074,-0.142909947,67.6685039,0.420693291,4,4.05764723,1,0.0384227278,5.96035206\n",
                    k, t, particle, f, 7.0 + 0.01 * sin(t + f), 0.5 + 0.4 * cos(t + f));
        }
    fclose(areas);
    fclose(facets);
}

/* Most memory that a process of its own takes for what follows from a table, bytes. */
static double peak_bytes(const char *from)
{
    const pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        struct lct_after found;
        mallopt(M_MMAP_THRESHOLD, 1 << 20);          /* as lctem sets it: what is freed goes back */
        mallopt(M_PERTURB, 0);                       /* under meson test, all that is allocated is written to */
        (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* large pages would count what nobody has written */
        _exit(lct_after_run(&found, from, NULL, &recipe, NULL, NULL) == LCT_OK ? 0 : 1);
    }
    int status = -1;
    struct rusage used;
    cr_assert(wait4(child, &status, 0, &used) == child && status == 0, "status %d", status);
    return 1024.0 * (double)used.ru_maxrss;
}

/* The text is 3000 bytes a frame, and as much again with a pointer for each cell: 5500 when it was read whole. Its numbers are some
 * hundred bytes, and there are as many on the way to results. Values of all 20 particles in all frames would be 2800. */
Test(after, a_long_movie_takes_its_numbers_not_its_text)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("freed memory is kept here");
#endif
    enum { SHORT = 500, LONG = 4000 };
    static const double MOST_BYTES_A_FRAME = 2500.0;
    write_long_tables(in_dir("short"), SHORT);
    write_long_tables(in_dir("long"), LONG);
    recipe.chemistry.reference_s = 12.0;
    const double grown = peak_bytes(in_dir("long")) - peak_bytes(in_dir("short"));
    cr_assert(grown < MOST_BYTES_A_FRAME * (LONG - SHORT), "%.0f bytes a frame", grown / (LONG - SHORT));
}
