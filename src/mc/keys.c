#include <lctem/mc_keys.h>

#include <lctem/word.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { SIZE, PERIODIC, FORM, NUMBER, INTEGER, LONG, YES_NO };

struct key {
    enum kind kind;
    size_t offset;
};

#define AT(member) offsetof(struct lct_mc_params, member)

static const struct lct_mc_key keys[] = {
    { "size", "NXxNYxNZ", "sites along the axes" },
    { "periodic", "xyz|xy|...|none", "axes along which the lattice closes on itself" },
    { "stencil", "8|6|12", "neighbours for bonds and swaps: 6 in plane and 2 along z, 6 in plane, 12 of hcp" },
    { "form", "indicator|literal|literal-eps|literal-mu",
        "is n_i in the products of the energy 1, or the number 0, 1, 2" },
    { "eps_core", "KT", "energy of a core-core bond" },
    { "eps_shell", "KT", "energy of a shell-shell bond" },
    { "eps_interface", "KT", "energy of a core-shell bond" },
    { "mu_core", "KT", "chemical potential of core" },
    { "mu_shell", "KT", "chemical potential of shell" },
    { "swap_weight", "W", "share of swaps among the attempts" },
    { "exchange_weight", "W", "share of exchanges with the liquid (insertion, deletion)" },
    { "core_share", "Q1", "share of core among the types drawn for exchanges" },
    { "shell_conserved", "yes|no", "keep the number of shell sites" },
    { "flips", "yes|no", "exchanges that turn core into shell and back" },
    { "core_shell_swaps", "yes|no", "may core and shell change places" },
    { "core_columns", "N", "columns of the core at the start" },
    { "shell_layers", "N", "layers of the shell at the start" },
    { "cap_layers", "N", "layers of shell below and above the core at the start" },
    { "reservoir_core", "N|inf", "core units that the liquid can give" },
    { "target_core_sites", "N", "what counts as doubled" },
    { NULL, NULL, NULL },
};

// clang-format off
static const struct key places[] = {
    { SIZE, 0 }, { PERIODIC, 0 }, { INTEGER, AT(stencil) }, { FORM, AT(form) }, { NUMBER, AT(eps_core) },
    { NUMBER, AT(eps_shell) }, { NUMBER, AT(eps_interface) }, { NUMBER, AT(mu_core) }, { NUMBER, AT(mu_shell) },
    { NUMBER, AT(swap_weight) }, { NUMBER, AT(exchange_weight) }, { NUMBER, AT(core_share) },
    { YES_NO, AT(shell_conserved) }, { YES_NO, AT(flips) }, { YES_NO, AT(core_shell_swaps) }, { INTEGER, AT(core_columns) },
    { INTEGER, AT(shell_layers) }, { INTEGER, AT(cap_layers) }, { NUMBER, AT(reservoir_core) }, { LONG, AT(target_core_sites) },
};
// clang-format on

static const char *const forms[] = { "indicator", "literal", "literal-eps", "literal-mu", NULL };

const struct lct_mc_key *lct_mc_keys(void)
{
    return keys;
}

static bool read_number(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0';
}

static bool read_periodic(const char *text, struct lct_mc_params *p)
{
    const bool none = strcmp(text, "none") == 0;
    if (!none && text[strspn(text, "xyz")] != '\0')
        return false;
    p->periodic_x = !none && strchr(text, 'x');
    p->periodic_y = !none && strchr(text, 'y');
    p->periodic_z = !none && strchr(text, 'z');
    return none || *text;
}

static bool read_yes_no(const char *text, bool *out)
{
    *out = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return *out || strcmp(text, "no") == 0 || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

static bool read_value(struct lct_mc_params *p, struct key key, const char *text)
{
    char *field = (char *)p + key.offset;
    double x = 0;
    int used = 0;
    switch (key.kind) {
    case SIZE: return sscanf(text, "%dx%dx%d%n", &p->nx, &p->ny, &p->nz, &used) == 3 && text[used] == '\0';
    case PERIODIC: return read_periodic(text, p);
    case FORM:
        for (int i = 0; forms[i]; i++)
            if (strcmp(forms[i], text) == 0) {
                p->form = (enum lct_mc_form)i;
                return true;
            }
        return false;
    case NUMBER: return read_number(text, (double *)(void *)field);
    case INTEGER:
    case LONG:
        if (!read_number(text, &x) || x != floor(x) || fabs(x) > 1e9)
            return false;
        if (key.kind == INTEGER)
            *(int *)(void *)field = (int)x;
        else
            *(long *)(void *)field = (long)x;
        return true;
    case YES_NO: return read_yes_no(text, (bool *)field);
    }
    return false;
}

enum lct_status lct_mc_set(struct lct_mc_params *params, const char *key, const char *value, struct lct_err *err)
{
    struct lct_word_search search = { .wanted = key };
    for (size_t k = 0; keys[k].name; k++) {
        if (strcmp(keys[k].name, key) == 0) {
            struct lct_mc_params changed = *params;
            if (!read_value(&changed, places[k], value))
                return lct_fail(
                    err, LCT_E_ARG, "%s: '%.60s' is not of the form %s; %s", key, value, keys[k].values, keys[k].help);
            *params = changed;
            return LCT_OK;
        }
        lct_word_offer(&search, keys[k].name);
    }
    return lct_fail(err, LCT_E_ARG, "unknown key '%.60s'%s%s%s", key, search.best ? "; did you mean " : "",
        search.best ? search.best : "", search.best ? "?" : "; 'lctem mc --help' shows all of them");
}

void lct_mc_params_json(struct lct_json *json, const struct lct_mc_params *p)
{
    char text[64];
    for (size_t k = 0; keys[k].name; k++) {
        const char *field = (const char *)p + places[k].offset;
        const double number = places[k].kind == NUMBER ? *(const double *)(const void *)field : 0;
        switch (places[k].kind) {
        case SIZE:
            snprintf(text, sizeof text, "%dx%dx%d", p->nx, p->ny, p->nz);
            lct_json_text(json, keys[k].name, text);
            break;
        case PERIODIC:
            snprintf(text, sizeof text, "%s%s%s", p->periodic_x ? "x" : "", p->periodic_y ? "y" : "",
                p->periodic_z ? "z" : "");
            lct_json_text(json, keys[k].name, *text ? text : "none");
            break;
        case FORM: lct_json_text(json, keys[k].name, forms[p->form]); break;
        case NUMBER:
            if (isinf(number))
                lct_json_text(json, keys[k].name, "inf");
            else
                lct_json_number(json, keys[k].name, number);
            break;
        case INTEGER: lct_json_integer(json, keys[k].name, *(const int *)(const void *)field); break;
        case LONG: lct_json_integer(json, keys[k].name, *(const long *)(const void *)field); break;
        case YES_NO: lct_json_bool(json, keys[k].name, *(const bool *)field); break;
        }
    }
}
