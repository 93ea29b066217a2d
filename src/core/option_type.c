#include "option_type.h"

#include <lctem/number.h>
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct suffix {
    const char *name;
    double factor;
};

static const struct suffix lengths[] = { { "", 1 }, { "nm", 1 }, { "pm", 1e-3 }, { "um", 1e3 }, { "\xc2\xb5m", 1e3 },
    { "\xce\xbcm", 1e3 }, { "A", 0.1 }, { "\xc3\x85", 0.1 }, { "mm", 1e6 }, { NULL, 0 } };
static const struct suffix times[] = { { "", 1 }, { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 }, { "min", 60 },
    { "h", 3600 }, { NULL, 0 } };
static const struct suffix sizes[] = { { "", 1 }, { "K", 1024.0 }, { "M", 1048576.0 }, { "G", 1073741824.0 },
    { "T", 1099511627776.0 }, { NULL, 0 } };

double lct_length_nm(struct lct_length length, double nm_per_px)
{
    return length.in_px ? length.value * nm_per_px : length.value;
}

double lct_length_px(struct lct_length length, double nm_per_px)
{
    return length.in_px ? length.value : length.value / nm_per_px;
}

const char *lct_option_fallback(const struct lct_option *row)
{
    if (row->fallback)
        return row->fallback;
    switch (row->type) {
    case LCT_OPTION_BOOL: return "no";
    case LCT_OPTION_RANGE: return "0:";
    case LCT_OPTION_RECT: return "auto";
    case LCT_OPTION_TEXT: return "";
    default: return "0";
    }
}

bool lct_option_allows(const struct lct_option *row, double x)
{
    return (row->min == 0.0 && row->max == 0.0) ? isfinite(x) != 0 : x >= row->min && x <= row->max;
}

static bool is_auto(const struct lct_option *row, const char *text)
{
    const bool offered = row->type != LCT_OPTION_CHOICE && row->choices && strstr(row->choices, "|auto") != NULL;
    return strcmp(text, "auto") == 0 && (offered || strcmp(lct_option_fallback(row), "auto") == 0);
}

/* A number with one of the suffixes; spaces between are allowed. */
static bool parse_scaled(const char *text, const struct suffix *suffixes, double *out)
{
    const char *rest;
    double x;
    if (!lct_number_parse(text, &x, &rest))
        return false;
    rest += strspn(rest, " ");
    for (const struct suffix *s = suffixes; s->name; s++) {
        if (strcmp(rest, s->name) == 0) {
            *out = x * s->factor;
            return true;
        }
    }
    return false;
}

static char *print_number(double x)
{
    char text[LCT_NUMBER_TEXT];
    return strdup(isnan(x) ? "auto" : lct_number_format_exact(x, text));
}

static bool parse_bool(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    static const char *const words[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" } };
    (void)row;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (int value = 0; value < 2; value++) {
            if (strcasecmp(text, words[i][value]) == 0) {
                field->flag = value != 0;
                return true;
            }
        }
    }
    return false;
}

static char *format_bool(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    return strdup(field->flag ? "yes" : "no");
}

static bool parse_int(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    const char *rest;
    long x = LCT_OPTION_AUTO;
    if (!is_auto(row, text)) {
        if (!lct_number_parse_long(text, &x, &rest) || *rest != '\0' || !lct_option_allows(row, (double)x))
            return false;
    }
    field->integer = x;
    return true;
}

static char *format_int(const struct lct_option *row, const union lct_option_field *field)
{
    char *text = NULL;
    if (is_auto(row, "auto") && field->integer == LCT_OPTION_AUTO)
        return strdup("auto");
    return asprintf(&text, "%ld", field->integer) < 0 ? NULL : text;
}

static bool parse_seed(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    (void)row;
    uint64_t x = 0;
    for (const char *c = text; *c; c++) {
        const uint64_t digit = (uint64_t)(*c - '0');
        if (*c < '0' || *c > '9' || x > (UINT64_MAX - digit) / 10)
            return false;
        x = x * 10 + digit;
    }
    field->unsigned_integer = x;
    return text[0] != '\0';
}

static char *format_seed(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    char *text = NULL;
    return asprintf(&text, "%" PRIu64, field->unsigned_integer) < 0 ? NULL : text;
}

/* All numbers that are a double in the end. */
static bool parse_number_with(
    const struct lct_option *row, const char *text, const struct suffix *suffixes, double *out)
{
    double x = (double)NAN;
    if (!is_auto(row, text) && !(parse_scaled(text, suffixes, &x) && lct_option_allows(row, x)))
        return false;
    *out = x;
    return true;
}

static bool parse_double(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    const struct suffix suffixes[] = { { "", 1 }, { row->unit, 1 }, { NULL, 0 } };
    return parse_number_with(row, text, suffixes, &field->number);
}

static bool parse_length_nm(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    return parse_number_with(row, text, lengths, &field->number);
}

static bool parse_time_s(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    return parse_number_with(row, text, times, &field->number);
}

static char *format_double(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    return print_number(field->number);
}

static bool parse_length(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    static const struct suffix px[] = { { "px", 1 }, { NULL, 0 } };
    double x;
    if (!is_auto(row, text) && parse_scaled(text, px, &x) && lct_option_allows(row, x)) {
        field->length = (struct lct_length){ x, true };
        return true;
    }
    if (!parse_number_with(row, text, lengths, &x))
        return false;
    field->length = (struct lct_length){ x, false };
    return true;
}

static char *format_length(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    char number[LCT_NUMBER_TEXT], *text = NULL;
    if (isnan(field->length.value))
        return strdup("auto");
    lct_number_format_exact(field->length.value, number);
    return asprintf(&text, "%s%s", number, field->length.in_px ? "px" : "nm") < 0 ? NULL : text;
}

static bool parse_size(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    double bytes = 0;
    if (!is_auto(row, text)) {
        char plain[LCT_NUMBER_TEXT] = "";
        const size_t n = strlen(text);
        /* 4G, 4GB and 4GiB are all said. */
        const size_t tail = n > 2 && strcmp(text + n - 2, "iB") == 0 ? 2 : n > 1 && text[n - 1] == 'B' ? 1 : 0;
        if (n - tail >= sizeof plain)
            return false;
        memcpy(plain, text, n - tail);
        if (!parse_scaled(plain, sizes, &bytes) || !lct_option_allows(row, bytes) || bytes < 0 || bytes > 0x1p62)
            return false;
    }
    field->unsigned_integer = (uint64_t)bytes;
    return true;
}

static char *format_size(const struct lct_option *row, const union lct_option_field *field)
{
    if (is_auto(row, "auto") && field->unsigned_integer == 0)
        return strdup("auto");
    return format_seed(row, field);
}

static bool parse_text(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    (void)row;
    field->text = text[0] ? strdup(text) : NULL;
    return true;
}

static char *format_text(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    return strdup(field->text ? field->text : "");
}

static bool parse_choice(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    const char *at = row->choices;
    for (int i = 0; at; i++) {
        const size_t n = strcspn(at, "|");
        if (strlen(text) == n && strncmp(at, text, n) == 0) {
            field->choice = i;
            return true;
        }
        at = at[n] ? at + n + 1 : NULL;
    }
    return false;
}

static char *format_choice(const struct lct_option *row, const union lct_option_field *field)
{
    const char *at = row->choices;
    for (int i = 0; i < field->choice; i++)
        at += strcspn(at, "|") + 1;
    return strndup(at, strcspn(at, "|"));
}

/* A whole number >= 0 up to `stop`, or `otherwise` where there is none. */
static bool take_index(const char **at, char stop, long otherwise, long *out)
{
    *out = otherwise;
    if (**at != stop && **at != '\0' && (**at < '0' || **at > '9' || !lct_number_parse_long(*at, out, at)))
        return false;
    return **at == stop || **at == '\0';
}

static bool parse_range(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    (void)row;
    struct lct_range range = { 0, -1, 1 };
    const char *at = text;
    if (text[0] == '\0' || !take_index(&at, ':', 0, &range.first))
        return false;
    if (*at == '\0') {
        if (range.first == LONG_MAX)
            return false;
        range.end = range.first + 1;
    } else {
        at++;
        if (!take_index(&at, ':', -1, &range.end))
            return false;
        if (*at == ':' && (at++, !take_index(&at, '\0', 1, &range.step)))
            return false;
    }
    if (range.step < 1 || (range.end != -1 && range.end <= range.first))
        return false;
    field->range = range;
    return true;
}

static char *format_range(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    const struct lct_range *r = &field->range;
    char end[24] = "", step[26] = "", *text = NULL;
    if (r->end >= 0)
        snprintf(end, sizeof end, "%ld", r->end);
    if (r->step != 1)
        snprintf(step, sizeof step, ":%ld", r->step);
    return asprintf(&text, "%ld:%s%s", r->first, end, step) < 0 ? NULL : text;
}

static bool parse_rect(const struct lct_option *row, const char *text, union lct_option_field *field)
{
    enum { MAX_SIDE = 1 << 30 };
    long v[4] = { 0 };
    if (!is_auto(row, text)) {
        const char *at = text;
        for (int i = 0; i < 4; i++) {
            if (!take_index(&at, i < 3 ? ',' : '\0', -1, &v[i]) || v[i] < (i < 2 ? 0 : 1) || v[i] > MAX_SIDE)
                return false;
            if (i < 3 && *at++ != ',')
                return false;
        }
    }
    field->rect = (struct lct_rect){ (int)v[0], (int)v[1], (int)v[2], (int)v[3] };
    return true;
}

static char *format_rect(const struct lct_option *row, const union lct_option_field *field)
{
    (void)row;
    const struct lct_rect *r = &field->rect;
    char *text = NULL;
    if (r->width_px == 0)
        return strdup("auto");
    return asprintf(&text, "%d,%d,%d,%d", r->x_px, r->y_px, r->width_px, r->height_px) < 0 ? NULL : text;
}

#define FIELD(member) sizeof(((union lct_option_field *)0)->member)

const struct lct_option_type_row *lct_option_type(const struct lct_option *row)
{
    static const struct lct_option_type_row types[] = {
        [LCT_OPTION_BOOL] = { FIELD(flag), "yes or no", "", "", false, parse_bool, format_bool },
        [LCT_OPTION_INT] = { FIELD(integer), "a whole number", "N", "", false, parse_int, format_int },
        [LCT_OPTION_SEED] = { FIELD(unsigned_integer), "a whole number from 0 to 2^64-1", "N", "", false, parse_seed,
            format_seed },
        [LCT_OPTION_DOUBLE] = { FIELD(number), "a number", "X", "", false, parse_double, format_double },
        [LCT_OPTION_LENGTH_NM] = { FIELD(number), "a length (such as 0.05nm, 50pm, 0.5A)", "NM", "nm", false,
            parse_length_nm, format_double },
        [LCT_OPTION_LENGTH] = { FIELD(length), "a length (such as 0.5nm, 500pm, 5A, 10px)", "LENGTH", "nm", false,
            parse_length, format_length },
        [LCT_OPTION_TIME_S] = { FIELD(number), "a time (such as 0.04s, 40ms)", "S", "s", false, parse_time_s,
            format_double },
        [LCT_OPTION_SIZE] = { FIELD(unsigned_integer), "a size in bytes (such as 400M, 2G)", "SIZE", "bytes", false,
            parse_size, format_size },
        [LCT_OPTION_TEXT] = { FIELD(text), "a text", "TEXT", "", true, parse_text, format_text },
        [LCT_OPTION_CHOICE] = { FIELD(choice), "one of", "WORD", "", false, parse_choice, format_choice },
        [LCT_OPTION_RANGE] = { FIELD(range), "a range A:B or A:B:STEP with 0 <= A < B (B itself is left out)",
            "A:B[:STEP]", "", true, parse_range, format_range },
        [LCT_OPTION_RECT] = { FIELD(rect), "a rectangle X,Y,W,H with W, H > 0", "X,Y,W,H", "px", true, parse_rect,
            format_rect },
    };
    assert((size_t)row->type < sizeof types / sizeof *types);
    return &types[row->type];
}

const char *lct_option_limits(const struct lct_option *row, char *text, size_t n)
{
    const char *unit = row->unit ? row->unit : lct_option_type(row)->unit, *gap = unit[0] ? " " : "";
    char min[LCT_NUMBER_TEXT], max[LCT_NUMBER_TEXT];
    lct_number_format(row->min, min);
    lct_number_format(row->max, max);
    if (row->min == 0.0 && row->max == 0.0)
        snprintf(text, n, "%s%s", unit[0] ? ", " : "", unit);
    else if (isinf(row->max))
        snprintf(text, n, ", %s%s%s or more", min, gap, unit);
    else
        snprintf(text, n, ", %s to %s%s%s", min, max, gap, unit);
    return text;
}

union lct_option_field lct_option_load(const struct lct_options *options, const struct lct_option *row)
{
    union lct_option_field field = { 0 };
    memcpy(&field, (const char *)options->settings + row->offset, lct_option_type(row)->size);
    return field;
}
