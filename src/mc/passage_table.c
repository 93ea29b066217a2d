#include <lctem/mc_ensemble.h>

#include <math.h>
#include <string.h>

static const struct lct_column columns[] = {
    { "replica", "", "number of the replica; with the seed it fixes the random numbers" },
    { "shell", "", "yes: started with its shell; no: bare core" },
    { "doubling_steps", "steps",
        "first step at which the core has target_core_sites; of a censored replica: how long it was watched" },
    { "censored", "", "no: doubled; yes: not by then" },
    { "first_exposure_steps", "steps", "first step with an exposed core site (a core site with an empty neighbour)" },
    { "onset_steps", "steps", "last time the core rose 5 % above its start" },
    { "crack_steps", "steps", "when the exposure opened through which that rise came: the productive crack" },
    { "burst_steps", "steps", "last time the core rose above half-way to the target" },
    { "burst_crack_steps", "steps", "when the exposure opened through which that rise came" },
    { "exposed_frac", "frac", "share of the time before the productive crack opened with an exposed core site" },
    { "end", "", "doubled, max_steps, dissolved (no core left) or max_events (given up)" },
    { "core_sites", "", "core sites at the end" },
    { "shell_sites", "", "shell sites at the end" },
    { "core_area_start_sites", "columns", "columns with core at the start" },
    { "shell_area_start_sites", "columns", "columns with shell and no core at the start" },
    { "core_area_sites", "columns", "columns with core at the end" },
    { "shell_area_sites", "columns", "columns with shell and no core at the end" },
    { "events", "", "accepted moves" },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

const struct lct_table_spec lct_mc_doubling_table = { "doubling",
    "time until the core has doubled, one row per replica", 1, columns, N_COLUMNS };

static const char *const ends[] = { "max_steps", "doubled", "dissolved", "max_events" };

enum lct_status lct_mc_passage_write(struct lct_table *table, const struct lct_mc_passage *p, struct lct_err *err)
{
    const struct lct_cell cells[N_COLUMNS] = { lct_int((long)p->replica), lct_text(p->shell ? "yes" : "no"),
        lct_num(p->steps), lct_text(p->end == LCT_MC_END_TARGET ? "no" : "yes"), lct_num(p->first_exposure_steps),
        lct_num(p->onset_steps), lct_num(p->crack_steps), lct_num(p->burst_steps), lct_num(p->burst_crack_steps),
        lct_num(p->exposed_frac), lct_text(ends[p->end]), lct_int(p->finish.core_sites), lct_int(p->finish.shell_sites),
        lct_int(p->start.core_area_sites), lct_int(p->start.shell_area_sites), lct_int(p->finish.core_area_sites),
        lct_int(p->finish.shell_area_sites), lct_int((long)p->events) };
    return lct_table_row(table, cells, err);
}

enum lct_status lct_mc_passage_read(
    struct lct_mc_passage *out, const struct lct_csv *csv, size_t row, struct lct_err *err)
{
    double x[N_COLUMNS];
    if (csv->n_columns != N_COLUMNS)
        return lct_fail(err, LCT_E_INPUT,
            "doubling.csv: %zu columns, not %d; written by another version? start again with --force", csv->n_columns,
            N_COLUMNS);
    char *const *cells = csv->cells + row * N_COLUMNS;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        const bool word = c == 1 || c == 3 || c == 10;
        const enum lct_status status = word ? LCT_OK : lct_csv_number(csv, row, c, &x[c], err);
        if (status != LCT_OK)
            return status;
    }
    int end = 0;
    while (end < 4 && strcmp(ends[end], cells[10]) != 0)
        end++;
    if (end == 4)
        return lct_fail(
            err, LCT_E_INPUT, "doubling.csv: row %zu: '%.40s' is no end; start again with --force", row + 1, cells[10]);
    *out = (struct lct_mc_passage){ .replica = (uint64_t)x[0],
        .shell = strcmp(cells[1], "yes") == 0,
        .end = (enum lct_mc_end)end,
        .steps = x[2],
        .first_exposure_steps = x[4],
        .onset_steps = x[5],
        .crack_steps = x[6],
        .burst_steps = x[7],
        .burst_crack_steps = x[8],
        .exposed_frac = x[9],
        .finish = { (long)x[11], (long)x[12], (long)x[15], (long)x[16], 0 },
        .start = { 0, 0, (long)x[13], (long)x[14], 0 },
        .events = (uint64_t)x[17] };
    return LCT_OK;
}
