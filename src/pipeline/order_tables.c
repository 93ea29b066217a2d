#include "order_tables.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct lct_column columns[] = {
    { "frame", "", "frame in the movie, from 0" },
    { "time_s", "s", "time of the frame" },
    { "particle", "", "identity of the particle" },
    { "core_ordered_frac", "",
        "share of the core whose fringes reach half of their usual amplitude (the upper quartile in this frame); "
        "empty: too faint to tell" },
    { "core_ordered_sd_frac", "",
        "standard deviation: noise, but no less than half of a place that is told from its neighbours" },
    { "shell_ordered_frac", "", "the same of the shell's lattice, where it covers the core" },
    { "shell_ordered_sd_frac", "", "standard deviation, likewise" },
    { "core_amplitude", "",
        "usual amplitude of the core's fringes, grey values of the movie; of {10-10} where it is there" },
    { "shell_amplitude", "", "usual amplitude of the shell's fringes" },
    { "smoothing_nm", "nm", "sigma of the Gaussian that local amplitudes are smoothed by" },
    { "dislocations", "",
        "phase vortices of the core's lattice in this frame, of noise too: those that last are events" },
};
const struct lct_table_spec order_tables_order = { "order", "how much of each particle is crystalline", 1, columns,
    COUNT(columns) };

enum lct_status order_tables_write(
    struct lct_table *table, const struct moire_place *place, const struct lattices_local *local, struct lct_err *err)
{
    const struct lct_cell cells[] = { lct_int(place->frame), lct_num(place->time_s), lct_int(place->particle),
        lct_num(local->core.frac), lct_num(local->core.frac_sd), lct_num(local->cover.frac),
        lct_num(local->cover.frac_sd), lct_num(local->core.amplitude), lct_num(local->cover.amplitude),
        lct_num(local->smooth_nm), lct_int((long)local->n_dislocations) };
    return lct_table_row(table, cells, err);
}
