#include "claim.h"

#include "measure.h"

#include <math.h>

/* A row: name, figure, what, unit, the paper's words, its number, the range that its digits or words allow, where ours
 * is measured and how. "By eye": the paper reads stages off its curves; a second either way is taken as the same. */

#define NONE ((double)NAN)
#define LAYER_NM 0.25802
#define ANY_MORE INFINITY

#define ROW(station_, name_, figure_, what_, unit_, said_, paper_, low_, high_, ...)                                   \
    {                                                                                                                  \
        .name = name_, .figure = figure_, .quantity = what_, .unit = unit_, .said = said_, .paper = paper_,            \
        .low = low_, .high = high_, .station = STATION_##station_, __VA_ARGS__                                         \
    }
#define FILM(...) ROW(FILM, __VA_ARGS__)
#define ETCHING(name_, ...) ROW(ETCHING, name_, "3c-d", __VA_ARGS__)

/* The ranges are those of `lctem mc scan`: a factor of about 1.6 for the ratio, of 3 for the wait. */
#define MODEL(reading_, which_, ...) ROW(READING, reading_ ": " which_, __VA_ARGS__, .reading = reading_)
#define READING(r)                                                                                                     \
    MODEL(r, "ratio", "5c", "doubling time, with shell over without", "", "times", 20, 12, 33,                         \
        .measure = measure_ratio),                                                                                     \
        MODEL(r, "wait", "5a-b", "persistence: wait before the core grows", "steps", "pictures 10 000 steps apart",    \
            1e4, 3e3, 3e4, .measure = measure_wait),                                                                   \
        MODEL(r, "cost", "5d", "exposure cost during the wait", "kT", "about", 3, 2, 4, .measure = measure_cost),      \
        MODEL(r, "shell", "5b", "shell area while the core doubles", "", "nearly unchanged", 1, 0.75, 1.25,            \
            .measure = measure_shell)

const struct claim claims[] = {
    ROW(FORMULA, "moire_eq4", "eq. (4)", "Moire period of D1 = 0.14885 and D2 = 0.192295 nm", "nm", "", 0.659, 0.6585,
        0.6595, .measure = measure_eq4),
    ROW(STILL, "d1", "2a", "D1, {11-20} of Cd", "nm", "", 0.14885, 0.148845, 0.148855, .measure = measure_still,
        .ask = { .column = "d1" }),
    ROW(STILL, "d2", "2a", "D2, {11-20} of CdCl2", "nm", "", 0.192295, 0.19229, 0.1923, .measure = measure_still,
        .ask = { .column = "d2" }),
    ROW(STILL, "moire_seen", "2a", "Moire period as seen", "nm", "", 0.66, 0.655, 0.665, .measure = measure_still,
        .ask = { .column = "moire" }),

    ROW(POCKET, "metal_lost_printed", "S14", "Cd(II) from 201 -> 148 nm2 of core", "mol/L", "", 0.571, 0.5705, 0.5715,
        .measure = measure_cell,
        .ask = { .table = "concentration.csv", .column = "delta_cd_mol_per_l", .where = "anchor=feed,time_s=16" }),

    FILM("core_2_start", "2d", "area of core 2 at 0 s", "nm2", "", 201, 200.5, 201.5, .measure = measure_at,
        .ask = { "areas.csv", "core_area_nm2", "core_area_sd_nm2", "particle=2", 0, 3, 0 }),
    FILM("core_2_16", "2d", "area of core 2 at 16 s", "nm2", "", 148, 147.5, 148.5, .measure = measure_at,
        .ask = { "areas.csv", "core_area_nm2", "core_area_sd_nm2", "particle=2", 16.2, 20, 16 }),
    FILM("stages", "2d", "stages that the pattern I to IV names", "", "I to IV", 4, 4, 4, .measure = measure_count,
        .ask = { .table = "stages.csv", .column = "stage" }),
    FILM("stage_2", "2d", "begin of stage II", "s", "by eye", 16, 15, 17, .measure = measure_cell,
        .ask = { "stages.csv", "start_s", "start_sd_s", "label=II", 0, 0, 0 }),
    FILM("stage_3", "2d", "begin of stage III", "s", "by eye", 25, 24, 26, .measure = measure_cell,
        .ask = { "stages.csv", "start_s", "start_sd_s", "label=III", 0, 0, 0 }),
    FILM("stage_4", "2d", "begin of stage IV", "s", "by eye", 40, 39, 41, .measure = measure_cell,
        .ask = { "stages.csv", "start_s", "start_sd_s", "label=IV", 0, 0, 0 }),
    FILM("core_2_gone", "2d", "core 2 is gone", "s", "by eye", 40, 39, 41, .measure = measure_cell,
        .ask = { .table = "events.csv", .column = "time_s", .where = "event=dissolved,particle=2" },
        .note = "the last remnant, below 6 nm2, is no longer told from the film"),
    FILM("etched_facets", "2c", "facets of core 2 that lose in stage I", "", "their shell is incomplete", 3, 3, 3,
        .measure = measure_count,
        .ask = { "rates.csv", "rate_per_s", NULL, "stage=1,particle=2,quantity=height", -1, -0.02, 0 }),
    FILM("shell_1_layer", "2c", "growth of shell 1 in stage II", "nm", "one layer of CdCl2, d(0003)", 0.582, 0.53, 0.63,
        .measure = measure_step,
        .ask = { "facets.csv", "shell_thickness_nm", "shell_thickness_sd_nm", "particle=1,facet=3", 14, 26, 0 }),
    FILM("anticorrelation", "2d", "correlation of core 1 and core 2 in stage III", "", "they anticorrelate", NONE, -1,
        -0.8, .measure = measure_correlation,
        .ask = { .table = "correlations.csv",
            .column = "r",
            .where = "label=III,kind=level,a=core 1,b=core 2,at=zero" }),
    FILM("metal_lost", "S14", "Cd(II) from core 2 in stage I, film", "mol/L", "", 0.571, 0.565, 0.577,
        .measure = measure_metal,
        .ask = { "mass_budget.csv", "core_volume_change_nm3", "core_volume_change_sd_nm3", "stage=1,who=2", 0, 0, 0 }),
    FILM("saturation", "S14", "Cd(II) at 16 s, counted from the feed of 5 mM", "mol/L", "saturated, 119.6 g / 100 mL",
        6.52, 6.47, 6.58, .measure = measure_cell,
        .ask = { "concentration.csv", "cd_mol_per_l", "cd_sd_mol_per_l", "anchor=feed,time_s=16", 0, 0, 0 },
        .note = "the two ways to anchor the concentrations disagree about tenfold"),

    FILM("growing_facets", "4a", "facets of core 1 that grow", "", "", 4, 4, 4, .measure = measure_count,
        .ask = { .table = "onsets.csv", .column = "onset_s", .where = "particle=1,kind=growth" }),
    FILM("still_facets", "4a", "facets of core 1 that do not (slower than 0.01 nm/s)", "", "their shell is intact", 2,
        2, 2, .measure = measure_count,
        .ask = { "rates.csv", "rate_per_s", NULL, "stage=,particle=1,quantity=height", -0.01, 0.01, 0 }),
    FILM("own_onsets", "4a", "time between the first and the last onset", "s", "each from its own onset", NONE, 1,
        ANY_MORE, .measure = measure_span,
        .ask = { "onsets.csv", "onset_s", "onset_sd_s", "particle=1,kind=growth", 0, 0, 0 }),
    FILM("cracks_open", "4a", "cracks of shell 1 that open in stage III", "", "cracks open", NONE, 1, ANY_MORE,
        .measure = measure_count, .ask = { "crack_lives.csv", "opened_s", NULL, "particle=1", 24, 41, 0 }),
    FILM("cracks_heal", "4a", "cracks of shell 1 that heal in stage IV", "", "cracks heal", NONE, 1, ANY_MORE,
        .measure = measure_count, .ask = { "crack_lives.csv", "healed_s", NULL, "particle=1", 39, 50, 0 }),
    FILM("growth_goes_on", "2d", "core 1 grows on behind 40 s for", "s", "a few seconds", NONE, 2, 8,
        .measure = measure_until,
        .ask = { "areas.csv", "core_area_nm2", "core_area_sd_nm2", "particle=1", 35, 60, 40 }),
    FILM("facet_1_speed", "4a", "growth speed of facet 1 of core 1", "nm/s", "", NONE, NONE, NONE,
        .measure = measure_cell,
        .ask = { "onsets.csv", "speed_nm_per_s", "speed_sd_nm_per_s", "particle=1,facet=1", 0, 0, 0 },
        .note = "no speed is printed"),
    FILM("facet_2_speed", "4a", "growth speed of facet 2 of core 1", "nm/s", "", NONE, NONE, NONE,
        .measure = measure_cell,
        .ask = { "onsets.csv", "speed_nm_per_s", "speed_sd_nm_per_s", "particle=1,facet=2", 0, 0, 0 },
        .note = "no speed is printed"),
    FILM("facet_4_speed", "4a", "growth speed of facet 4 of core 1", "nm/s", "", NONE, NONE, NONE,
        .measure = measure_cell,
        .ask = { "onsets.csv", "speed_nm_per_s", "speed_sd_nm_per_s", "particle=1,facet=4", 0, 0, 0 },
        .note = "no speed is printed"),
    FILM("facet_5_speed", "4a", "growth speed of facet 5 of core 1", "nm/s", "", NONE, NONE, NONE,
        .measure = measure_cell,
        .ask = { "onsets.csv", "speed_nm_per_s", "speed_sd_nm_per_s", "particle=1,facet=5", 0, 0, 0 },
        .note = "no speed is printed"),
    FILM("where_cracks_form", "review", "where along a facet cracks form", "", "", NONE, NONE, NONE,
        .note = "asked by the referees; not counted in the paper. `lctem analyze` counts: cracks.json"),
    FILM("recorded_film", "2c-d", "the curves of the recorded film itself", "", "", NONE, NONE, NONE,
        .note = "needs the recorded frames; ours are measured on a phantom that has the printed numbers in it"),

    ETCHING("bare_facet", "layers that a bare facet loses in 25 s", "", "", 6, 5.5, 6.5, .measure = measure_slope,
        .ask = { "facets.csv", "height_nm", NULL, "particle=1,facet=1", 0, 25, -25 / LAYER_NM }),
    ETCHING("bare_facet_linear", "its speed in the second half over that in the first", "", "nearly linearly", 1, 0.8,
        1.2, .measure = measure_linear, .ask = { "facets.csv", "height_nm", NULL, "particle=1,facet=1", 0, 25, 0 }),
    ETCHING("covered_facet", "speed of a covered facet before its gap opens", "nm/s", "it stays", 0, -0.01, 0.01,
        .measure = measure_slope, .ask = { "facets.csv", "height_nm", NULL, "particle=1,facet=4", 0, 17, 1 }),
    ETCHING("opened_facet", "its speed once the gap is open, over that of the bare one", "", "then goes quickly", NONE,
        1.5, ANY_MORE, .measure = measure_faster,
        .ask = { "facets.csv", "height_nm", "particle=1,facet=1", "particle=1,facet=4", 20, 25, 0 }),

    READING("printed"),
    READING("literal"),
    READING("stencil-6"),
    READING("stencil-12"),
    READING("swaps-50"),
    READING("conserved-shell"),
    READING("metastable-shell"),
    READING("crack-one-layer"),
    READING("one-layer-300"),
    READING("two-layers-300"),
    READING("crack-clean"),
    READING("healing"),
    ROW(CORE, "coexistence", "5d", "mu_core where growth and dissolution are equally likely", "kT",
        "F(q) was sampled there; not printed", NONE, NONE, NONE, .measure = measure_coexistence,
        .note = "6.7 kT below the printed mu_core of -30"),
    ROW(OPENING_TWO, "opening_two_layers", "5d", "equilibrium cost of exposing the core, two layers", "kT", "about", 3,
        2, 4, .measure = measure_opening),
    ROW(OPENING_ONE, "opening_one_layer", "5d", "equilibrium cost of exposing the core, one layer", "kT", "about", 3, 2,
        4, .measure = measure_opening),
    { .name = "seconds_per_step",
        .figure = "5b",
        .quantity = "seconds per step of the model",
        .unit = "s",
        .said = "",
        .paper = NONE,
        .low = NONE,
        .high = NONE,
        .note = "no time scale is printed; `lctem compare` fits one to a film" },
    { .name = NULL },
};
