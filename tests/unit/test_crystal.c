/* Protects: spacings of planes against closed forms, and the ways to name them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/crystal.h>
#include <math.h>
#include <string.h>

/* hexagonal: d(11-20) = a / 2, d(10-10) = a sqrt(3) / 2, d(000l) = c / l; cubic: a / sqrt(h^2 + k^2 + l^2). */
Test(crystal, spacings_are_those_of_the_textbook)
{
    const struct lct_crystal *cd = lct_crystal_find("Cd");
    cr_assert(ne(ptr, (void *)cd, NULL));
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(cd, 1, 1, 0), 0.14897, 1e-9));
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(cd, 1, 0, 0), 0.29794 * sqrt(3) / 2, 1e-9));
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(cd, 0, 0, 2), 0.28093, 1e-9));
    const struct lct_crystal *salt = lct_crystal_find("CdCl2");
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(salt, 1, 1, 0), 0.192295, 1e-9));
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(salt, 0, 0, 3), 0.582, 1e-9));
    struct lct_crystal m;
    cr_assert(eq(int, lct_crystal_parse(&m, "Au:cubic:0.4", NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(&m, 1, -1, 1), 0.4 / sqrt(3), 1e-12));
    /* monoclinic: d(100) = a sin(beta) */
    cr_assert(eq(int, lct_crystal_parse(&m, "M:monoclinic:0.3,0.4,0.5,120", NULL), LCT_OK));
    cr_assert(epsilon_eq(dbl, lct_crystal_spacing_nm(&m, 1, 0, 0), 0.3 * sin(2 * M_PI / 3), 1e-12));
    cr_assert(isnan(lct_crystal_spacing_nm(&m, 0, 0, 0)));
}

Test(crystal, a_spacing_can_be_named_in_several_ways)
{
    struct lct_crystal gold;
    cr_assert(eq(int, lct_crystal_parse(&gold, "Au:cubic:0.40782", NULL), LCT_OK));
    const struct {
        const char *text;
        double nm;
    } rows[] = { { "0.2", 0.2 }, { "0.2nm", 0.2 }, { "200pm", 0.2 }, { "2A", 0.2 }, { "Cd:11-20", 0.14897 },
        { "Cd:110", 0.14897 }, { "CdCl2:0003", 0.582 }, { "Au:200", 0.20391 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double nm = 0;
        cr_assert(eq(int, lct_crystal_known_spacing(&nm, rows[i].text, &gold, NULL), LCT_OK), "%s", rows[i].text);
        cr_assert(epsilon_eq(dbl, nm, rows[i].nm, 1e-9), "%s", rows[i].text);
    }
}

Test(crystal, what_is_no_spacing_is_refused)
{
    const char *const bad[] = { "", "x", "-0.2", "0", "0.2m", "Fe:110", "Cd:", "Cd:11", "Cd:11-30", "Cd:11-200",
        "Cd:1x0", "Cd:000" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double nm = 7;
        cr_assert(eq(int, lct_crystal_known_spacing(&nm, bad[i], NULL, NULL), LCT_E_ARG), "%s", bad[i]);
        cr_assert(eq(dbl, nm, 7.0));
    }
    const char *const cells[] = { "", "Au", "Au:cubic", "Au:cubic:", "Au:cubic:0.4,0.5", "Au:cubix:0.4", ":cubic:0.4",
        "Au:cubic:-0.4", "X:triclinic:1,1,1,150,150,150", "Au:hexagonal:0.3" };
    struct lct_crystal m;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cr_assert(eq(int, lct_crystal_parse(&m, cells[i], NULL), LCT_E_ARG), "%s", cells[i]);
}

/* Every material that is built in has a cell, a source and its own name. */
Test(crystal, the_table_is_whole)
{
    for (const struct lct_crystal *m = lct_crystals(); m->name[0]; m++) {
        cr_assert(lct_crystal_spacing_nm(m, 1, 0, 0) > 0.05, "%s", m->name);
        cr_assert(m->density_g_per_cm3 > 0 && m->molar_mass_g_per_mol > 0, "%s", m->name);
        cr_assert(gt(sz, strlen(m->source), 10));
        cr_assert(eq(ptr, (void *)lct_crystal_find(m->name), (void *)m));
    }
}
