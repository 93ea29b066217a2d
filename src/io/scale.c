#include "reader.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *word;
    double size;
    bool exact_case; /* m and M, a metre's prefix and a mega */
};

/* The micro sign and the Greek mu, in UTF-8, in Latin-1, and as ImageJ spells them in its description. */
// clang-format off
static const struct unit lengths_nm[] = {
    { "nm", 1, true }, { "nanometer", 1, false }, { "nanometers", 1, false }, { "nanometre", 1, false },
    { "um", 1e3, true }, { "\xc2\xb5m", 1e3, true }, { "\xce\xbcm", 1e3, true }, { "\xb5m", 1e3, true },
    { "\\u00B5m", 1e3, false }, { "\\u03BCm", 1e3, false }, { "micron", 1e3, false }, { "microns", 1e3, false },
    { "micrometer", 1e3, false }, { "micrometers", 1e3, false }, { "pm", 1e-3, true }, { "picometer", 1e-3, false },
    { "A", 0.1, true }, { "\xc3\x85", 0.1, true }, { "\xe2\x84\xab", 0.1, true }, { "\xc5", 0.1, true },
    { "\\u00C5", 0.1, false }, { "\\u212B", 0.1, false }, { "angstrom", 0.1, false }, { "angstroms", 0.1, false },
    { "\xc3\xa5ngstr\xc3\xb6m", 0.1, false }, { "mm", 1e6, true }, { "cm", 1e7, true }, { "m", 1e9, true },
    { "inch", 25.4e6, false }, { "in", 25.4e6, true },
};
// clang-format on

// clang-format off
static const struct unit times_s[] = {
    { "s", 1, true }, { "sec", 1, false }, { "secs", 1, false }, { "second", 1, false }, { "seconds", 1, false },
    { "ms", 1e-3, true }, { "msec", 1e-3, false }, { "us", 1e-6, true }, { "\xc2\xb5s", 1e-6, true },
    { "\xce\xbcs", 1e-6, true }, { "\\u00B5s", 1e-6, false }, { "ns", 1e-9, true }, { "min", 60, false },
    { "minute", 60, false }, { "minutes", 60, false }, { "h", 3600, true }, { "hour", 3600, false },
    { "hours", 3600, false },
};
// clang-format on

static double find_unit(const struct unit *units, size_t n, const char *word, size_t length)
{
    while (length && (*word == ' ' || *word == '\t')) {
        word++;
        length--;
    }
    while (length && strchr(" \t\r\n", word[length - 1]))
        length--;
    for (size_t i = 0; i < n; i++) {
        if (strlen(units[i].word) != length)
            continue;
        const int other =
            units[i].exact_case ? strncmp(units[i].word, word, length) : strncasecmp(units[i].word, word, length);
        if (other == 0)
            return units[i].size;
    }
    return 0;
}

double lct_unit_nm(const char *unit, size_t length)
{
    return find_unit(lengths_nm, sizeof lengths_nm / sizeof *lengths_nm, unit, length);
}

double lct_unit_s(const char *unit, size_t length)
{
    return find_unit(times_s, sizeof times_s / sizeof *times_s, unit, length);
}

double lct_parse_number(const char *text)
{
    const locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return NAN;
    char *end = NULL;
    const double x = strtod_l(text, &end, c);
    freelocale(c);
    return end == text ? NAN : x;
}

static bool positive(double x)
{
    return isfinite(x) && x > 0;
}

void lct_source_set_pixel_size(struct lct_source *source, double x_nm, double y_nm)
{
    if (!positive(x_nm) || x_nm > 1e5 || (positive(y_nm) && y_nm > 1e5)) {
        lct_source_warn(source, "a pixel size of %.9g nm in the file is not believed; give it with --pixel-size", x_nm);
        return;
    }
    source->info.pixel_size_nm = x_nm;
    source->info.pixel_size_y_nm = positive(y_nm) ? y_nm : x_nm;
}

void lct_source_set_print_size(struct lct_source *source, double x_nm, double y_nm)
{
    if (!positive(x_nm) || x_nm > 1e3 || !positive(y_nm) || y_nm > 1e3)
        return;
    source->info.pixel_size_nm = x_nm;
    source->info.pixel_size_y_nm = y_nm;
    lct_source_warn(source,
        "the pixel size of %.9g nm comes from the resolution tag (dots per cm or inch); check it, or give --pixel-size",
        x_nm);
}

static double noted(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? lct_parse_number(at + strlen(key)) : (double)NAN;
}

void lct_source_take_note(struct lct_source *source, const char *text)
{
    const double x_nm = noted(text, "pixel_size_nm="), s = noted(text, "frame_time_s=");
    if (isfinite(x_nm))
        lct_source_set_pixel_size(source, x_nm, noted(text, "pixel_size_y_nm="));
    if (positive(s))
        source->info.frame_time_s = s;
}
