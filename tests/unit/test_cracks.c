/* Protects: a crack begins where the line that it opens along meets no width, however long the frames' means are. */
#include "../../src/pipeline/cracks.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

/* Opens from 10 s on in `takes_s`, as it is seen in means over `mean_s`: the times add up in squares. */
static struct crack_life opening(double takes_s, double mean_s)
{
    const double seen_s = hypot(takes_s, mean_s), half_s = 10.0 + 0.5 * takes_s;
    return (struct crack_life){ .opened = 50,
        .width_px = 8.0,
        .rise = { .points = { { half_s - 0.25 * seen_s, 2.0 }, { half_s, 4.0 }, { half_s + 0.25 * seen_s, 6.0 } },
            .width_sd_px = 0.8,
            .mean_s = mean_s } };
}

Test(cracks, a_crack_begins_where_it_had_no_width)
{
    static const double takes[] = { 0.0, 0.3, 0.8, 2.0 }, means[] = { 0.1, 0.2, 1.1 };
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
        for (size_t k = 0; k < sizeof means / sizeof *means; k++) {
            const struct crack_life life = opening(takes[i], means[k]);
            const struct crack_beginning b = cracks_beginning(&life);
            cr_assert(epsilon_eq(dbl, b.time_s, 10.0, 1e-6));
            /* the frames' own length, and a tenth of the width */
            cr_assert(epsilon_eq(dbl, b.sd_s, hypot(means[k] / sqrt(12.0), 0.1 * hypot(takes[i], means[k])), 1e-9));
        }
}

Test(cracks, one_that_was_open_before_has_no_beginning)
{
    struct crack_life life = opening(0.5, 0.2);
    life.opened = 0;
    cr_assert(isnan(cracks_beginning(&life).time_s) && isnan(cracks_beginning(&life).sd_s));
}
