/* Protects: lanes add, count and take apart what loops over single numbers would. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/lanes.h>
#include <math.h>

/* What is no number, or is not to be looked at, adds nothing and is not counted. */
Test(lanes, count_what_is_known_and_wanted)
{
    const float px[] = { 1, NAN, 3, INFINITY, 5, -6, 7, 8 };
    const unsigned char ignore[] = { 0, 0, 0, 0, 1, 0, 0, 0 };
    lct_lanes v;
    lct_lanes_where where, count = { 0 };
    lct_lanes_load(&v, px);
    lct_lanes_known(&where, &v);
    cr_expect(not(lct_lanes_all(&where)));
    lct_lanes_unless(&where, ignore);
    lct_lanes_keep(&v, &where);
    count -= where;
    cr_expect(eq(dbl, lct_lanes_sum(&v), 1 + 3 - 6 + 7 + 8));
    cr_expect(eq(dbl, lct_lanes_count(&count), 5));
    lct_lanes_unless(&where, NULL);
    lct_lanes_magnitude(&v);
    cr_expect(eq(dbl, lct_lanes_sum(&v), 1 + 3 + 6 + 7 + 8));
    where = v == v;
    cr_expect(lct_lanes_all(&where));
}

/* Real and imaginary parts come apart in their order, and together again. */
Test(lanes, take_complex_numbers_apart)
{
    float in[2 * LCT_LANES], out[2 * LCT_LANES];
    for (int i = 0; i < 2 * LCT_LANES; i++)
        in[i] = (float)(i + 1);
    lct_lanes re, im;
    lct_lanes_load_complex(&re, &im, in);
    for (int k = 0; k < LCT_LANES; k++) {
        cr_expect(eq(flt, re[k], (float)(2 * k + 1)));
        cr_expect(eq(flt, im[k], (float)(2 * k + 2)));
    }
    lct_lanes_store_complex(&re, &im, out);
    cr_expect(eq(int, memcmp(in, out, sizeof in), 0));
}
