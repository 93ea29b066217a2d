/* Protects: the mode lies in the crowd, and small linear systems are solved or refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/robust.h>

Test(robust, the_mode_is_where_the_values_crowd)
{
    double x[] = { 9, 1, 5.0, 5.1, 5.05, 7, 30, 2 };
    const double mode = lct_robust_mode(x, 8);
    cr_assert(mode >= 5.0 && mode <= 5.1, "%g", mode);
    double one[] = { 3 };
    cr_assert(eq(dbl, lct_robust_mode(one, 1), 3.0));
}

/* Needs a pivot: the first element is 0. Solution x = (1, 2, 3). */
Test(robust, small_systems_are_solved_and_singular_ones_refused)
{
    double a[] = { 0, 1, 1, 2, 0, 1, 1, 1, 0 }, b[] = { 5, 5, 3 };
    cr_assert(lct_linear_solve(a, b, 3));
    for (int i = 0; i < 3; i++)
        cr_assert(epsilon_eq(dbl, b[i], i + 1.0, 1e-14));
    double flat[] = { 1, 2, 2, 4 }, c[] = { 1, 2 };
    cr_assert(not(lct_linear_solve(flat, c, 2)));
}
