#include <lctem/number.h>

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_c(char text[LCT_NUMBER_TEXT], int digits, double x)
{
    /* glibc hands out its static "C" locale here: nothing is allocated, and only this thread is switched. */
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = uselocale(c);
    snprintf(text, LCT_NUMBER_TEXT, "%.*g", digits, x);
    uselocale(before);
    freelocale(c);
}

const char *lct_number_format(double x, char text[LCT_NUMBER_TEXT])
{
    text[0] = '\0';
    if (isfinite(x))
        print_c(text, 9, x == 0.0 ? 0.0 : x);
    return text;
}

const char *lct_number_format_exact(double x, char text[LCT_NUMBER_TEXT])
{
    for (int digits = 15; digits <= 17; digits++) {
        print_c(text, digits, x == 0.0 ? 0.0 : x);
        double back;
        if (!isfinite(x) || (lct_number_parse(text, &back, NULL) && back == x))
            break;
    }
    return text;
}

static const char *skip_space_and_sign(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return *text == '+' || *text == '-' ? text + 1 : text;
}

bool lct_number_parse(const char *text, double *out, const char **rest)
{
    const char *digits = skip_space_and_sign(text);
    if (!isdigit((unsigned char)digits[0]) && !(digits[0] == '.' && isdigit((unsigned char)digits[1])))
        return false;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return false;
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    char *end = NULL;
    const double x = strtod_l(text, &end, c);
    freelocale(c);
    if (!isfinite(x))
        return false;
    *out = x;
    if (rest)
        *rest = end;
    return true;
}

bool lct_number_parse_long(const char *text, long *out, const char **rest)
{
    if (!isdigit((unsigned char)*skip_space_and_sign(text)))
        return false;
    char *end = NULL;
    errno = 0;
    const long x = strtol(text, &end, 10);
    if (errno == ERANGE)
        return false;
    *out = x;
    if (rest)
        *rest = end;
    return true;
}
