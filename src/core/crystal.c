#include <lctem/crystal.h>

#include <lctem/number.h>

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct lct_crystal known[] = {
#define LCT_CRYSTAL(name, a, b, c, alpha, beta, gamma, density, mass, source)                                          \
    { name, a, b, c, alpha, beta, gamma, density, mass, source },
#include "../../data/constants/crystals.def"
#undef LCT_CRYSTAL
    { .name = "" },
};

const struct lct_crystal *lct_crystals(void)
{
    return known;
}

const struct lct_crystal *lct_crystal_find(const char *name)
{
    for (const struct lct_crystal *m = known; m->name[0]; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

/* How a crystal system fills a, b, c, alpha, beta, gamma: the position of the number that each takes, or an angle. */
struct crystal_system {
    const char *name;
    int n_numbers;
    int number[6]; /* -1: the angle beside it */
    double angle[6];
};
static const struct crystal_system systems[] = {
    { "cubic", 1, { 0, 0, 0, -1, -1, -1 }, { 0, 0, 0, 90, 90, 90 } },
    { "tetragonal", 2, { 0, 0, 1, -1, -1, -1 }, { 0, 0, 0, 90, 90, 90 } },
    { "hexagonal", 2, { 0, 0, 1, -1, -1, -1 }, { 0, 0, 0, 90, 90, 120 } },
    { "orthorhombic", 3, { 0, 1, 2, -1, -1, -1 }, { 0, 0, 0, 90, 90, 90 } },
    { "monoclinic", 4, { 0, 1, 2, -1, 3, -1 }, { 0, 0, 0, 90, 0, 90 } },
    { "triclinic", 6, { 0, 1, 2, 3, 4, 5 }, { 0 } },
};

static const struct crystal_system *find_system(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (strlen(systems[i].name) == length && strncmp(systems[i].name, name, length) == 0)
            return &systems[i];
    return NULL;
}

static bool is_cell(const struct lct_crystal *m)
{
    return m->a_nm > 0 && m->b_nm > 0 && m->c_nm > 0 && isfinite(lct_crystal_spacing_nm(m, 1, 1, 1));
}

enum lct_status lct_crystal_parse(struct lct_crystal *out, const char *text, struct lct_err *err)
{
    struct lct_crystal m = {
        .density_g_per_cm3 = (double)NAN, .molar_mass_g_per_mol = (double)NAN, .source = "given by the user"
    };
    const char *colon = strchr(text, ':'), *second = colon ? strchr(colon + 1, ':') : NULL;
    const struct crystal_system *system = second ? find_system(colon + 1, (size_t)(second - colon - 1)) : NULL;
    double number[6] = { 0 };
    bool good = system && colon > text && (size_t)(colon - text) < sizeof m.name;
    const char *at = good ? second + 1 : text;
    for (int i = 0; good && i < system->n_numbers; i++) {
        good = lct_number_parse(at, &number[i], &at) && *at == (i + 1 < system->n_numbers ? ',' : '\0');
        at += good && *at != '\0';
    }
    if (good) {
        memcpy(m.name, text, (size_t)(colon - text));
        double *const cell[6] = { &m.a_nm, &m.b_nm, &m.c_nm, &m.alpha_deg, &m.beta_deg, &m.gamma_deg };
        for (int i = 0; i < 6; i++)
            *cell[i] = system->number[i] >= 0 ? number[system->number[i]] : system->angle[i];
        good = is_cell(&m);
    }
    if (!good)
        return lct_fail(err, LCT_E_ARG,
            "lattice: \"%.60s\" is not of the form NAME:SYSTEM:NUMBERS, such as Au:cubic:0.40782 or "
            "Cd:hexagonal:0.29794,0.56186 (nm)",
            text);
    *out = m;
    return LCT_OK;
}

double lct_crystal_spacing_nm(const struct lct_crystal *material, int h, int k, int l)
{
    const struct lct_crystal *m = material;
    const double deg = M_PI / 180, ca = cos(m->alpha_deg * deg), cb = cos(m->beta_deg * deg),
                 cg = cos(m->gamma_deg * deg);
    const double x = h / m->a_nm, y = k / m->b_nm, z = l / m->c_nm;
    const double volume2 = 1 - ca * ca - cb * cb - cg * cg + 2 * ca * cb * cg; /* (V / abc)^2 */
    const double sum = x * x * (1 - ca * ca) + y * y * (1 - cb * cb) + z * z * (1 - cg * cg)
        + 2 * x * y * (ca * cb - cg) + 2 * y * z * (cb * cg - ca) + 2 * x * z * (ca * cg - cb);
    return volume2 > 0 && sum > 0 ? sqrt(volume2 / sum) : (double)NAN;
}

enum lct_status lct_crystal_indices(const char *text, int hkl[3], struct lct_err *err)
{
    int index[4], n = 0;
    const char *c = text;
    for (; *c && n < 4; c++) {
        const bool minus = *c == '-';
        c += minus;
        if (!isdigit((unsigned char)*c))
            break;
        index[n++] = minus ? '0' - *c : *c - '0';
    }
    if (*c || n < 3 || (n == 4 && index[0] + index[1] + index[2] != 0))
        return lct_fail(
            err, LCT_E_ARG, "\"%.30s\" are no indices of planes; give them as 110 or 11-20 (h + k + i = 0)", text);
    hkl[0] = index[0];
    hkl[1] = index[1];
    hkl[2] = index[n - 1];
    return LCT_OK;
}

enum lct_status lct_crystal_known_spacing(
    double *out_nm, const char *text, const struct lct_crystal *also, struct lct_err *err)
{
    double d_nm;
    const char *at;
    static const struct {
        const char *name;
        double nm;
    } units[] = { { "", 1 }, { "nm", 1 }, { "pm", 1e-3 }, { "A", 0.1 } };
    if (lct_number_parse(text, &d_nm, &at) && d_nm > 0)
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (strcmp(at, units[i].name) == 0) {
                *out_nm = d_nm * units[i].nm;
                return LCT_OK;
            }
    const char *colon = strchr(text, ':');
    char name[sizeof also->name] = "";
    if (colon && (size_t)(colon - text) < sizeof name)
        memcpy(name, text, (size_t)(colon - text));
    const struct lct_crystal *m = also && strcmp(also->name, name) == 0 ? also : lct_crystal_find(name);
    if (!name[0] || !m)
        return lct_fail(err, LCT_E_ARG,
            "\"%.60s\" is no known spacing; give nm, or MATERIAL:INDICES such as Cd:11-20 (built in: Cd, "
            "CdCl2; others with --lattice)",
            text);
    int hkl[3];
    const enum lct_status status = lct_crystal_indices(colon + 1, hkl, err);
    if (status != LCT_OK)
        return status;
    const double found = lct_crystal_spacing_nm(m, hkl[0], hkl[1], hkl[2]);
    if (!isfinite(found))
        return lct_fail(err, LCT_E_ARG, "\"%.60s\": no such planes", text);
    *out_nm = found;
    return LCT_OK;
}
