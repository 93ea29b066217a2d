#include <lctem/number.h>

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_c(char text[LCT_NUMBER_TEXT], int digits, double x)
{
    /* glibc hands out its static "C" locale here: nothing is allocated, and only this thread is switched. */
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = uselocale(c);
    snprintf(text, LCT_NUMBER_TEXT, "%.*g", digits, x);
    uselocale(before);
    freelocale(c);
}

static void print_pair_c(char text[LCT_NUMBER_PAIR], double value, double sd, const char *between)
{
    if (!(sd > 0.0) || !isfinite(sd)) {
        snprintf(text, LCT_NUMBER_PAIR, "%.5g", value == 0.0 ? 0.0 : value);
        return;
    }
    char two[16];
    snprintf(two, sizeof two, "%.1e", sd); /* first rounded: 0.0996 is 0.10, not 0.100 */
    const double rounded = strtod(two, NULL);
    const int decimals = 1 - (int)strtol(strchr(two, 'e') + 1, NULL, 10);
    if (decimals > 12 || decimals < -12) { /* nobody counts so many noughts */
        snprintf(text, LCT_NUMBER_PAIR, "%.6g%s%.2g", value, between, sd);
        return;
    }
    const double step = decimals < 0 ? pow(10.0, -decimals) : 1.0;
    const double shown = step * (decimals < 0 ? round(value / step) : value);
    const int places = decimals > 0 ? decimals : 0;
    const bool nothing = fabs(shown) < 0.5 * pow(10.0, -places); /* no "-0.0" */
    if (fabs(shown) < 1e15)
        snprintf(text, LCT_NUMBER_PAIR, "%.*f%s%.*f", places, nothing ? 0.0 : shown, between, places, rounded);
    else
        snprintf(text, LCT_NUMBER_PAIR, "%.6g%s%.2g", value, between, sd);
}

const char *lct_number_pair(char text[LCT_NUMBER_PAIR], double value, double sd, const char *between)
{
    if (!isfinite(value))
        return strcpy(text, "-");
    const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
    print_pair_c(text, value, sd, between);
    uselocale(before);
    freelocale(c);
    return text;
}

/* Write n as digits with `decimals` of them behind the point, zeros at the end left out. */
static void print_fixed(char *text, bool negative, uint32_t n, int decimals)
{
    for (; decimals > 0 && n % 10 == 0; decimals--)
        n /= 10;
    char digits[24];
    int count = 0;
    do {
        if (count == decimals && count > 0)
            digits[count] = '.';
        digits[count + (decimals > 0 && count >= decimals)] = (char)('0' + n % 10);
        n /= 10;
        count++;
    } while (n > 0 || count <= decimals);
    count += decimals > 0;
    if (negative)
        *text++ = '-';
    while (count > 0)
        *text++ = digits[--count];
    *text = '\0';
}

/* The digits of "%.9g" where it uses no exponent, in a tenth of its time, for tables hold millions of numbers. False: out of that
 * range, or so near to a tie that the product's own rounding could decide; who calls takes the long way then. */
static bool print_quickly(char *text, double x)
{
    static const double tens[] = { 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12 };
    enum { NINE_DIGITS = 8, ONE = 4, NEAR_TIE_PER_MILLION = 1 };
    const double size = fabs(x);
    if (LDBL_MANT_DIG < 64 || !(size >= tens[0] && size < 99999999.0))
        return false;
    int place = 0; /* of the first digit: tens[place] <= size */
    while (size >= tens[place + 1])
        place++;
    const int decimals = NINE_DIGITS - (place - ONE);
    const long double scaled = (long double)size * (long double)tens[ONE + decimals];
    const uint64_t whole = (uint64_t)scaled;
    const long double rest = scaled - (long double)whole;
    if (fabsl(rest - 0.5L) < NEAR_TIE_PER_MILLION * 1e-6L)
        return false;
    const uint64_t rounded = whole + (rest > 0.5L);
    if (rounded >= 1000000000u) /* carried into a tenth digit */
        return false;
    print_fixed(text, x < 0.0, (uint32_t)rounded, decimals);
    return true;
}

const char *lct_number_format(double x, char text[LCT_NUMBER_TEXT])
{
    text[0] = '\0';
    if (isfinite(x) && !print_quickly(text, x))
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
