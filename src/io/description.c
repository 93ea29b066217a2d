#include "reader.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Value of `key=` at the start of a line; length up to the end of the line. */
static const char *line_value(const char *text, const char *key, size_t *length)
{
    const size_t n = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, key, n) == 0 && line[n] == '=') {
            *length = strcspn(line + n + 1, "\r\n");
            return line + n + 1;
        }
    }
    return NULL;
}

static long line_count(const char *text, const char *key)
{
    size_t length;
    const char *value = line_value(text, key, &length);
    const double x = value ? lct_parse_number(value) : 0;
    return x >= 1 && x <= 1e9 ? (long)x : 0;
}

static void parse_imagej(struct lct_description *out, const char *text)
{
    size_t length;
    const char *value;
    out->is_imagej = true;
    out->images = line_count(text, "images");
    out->channels = line_count(text, "channels");
    out->slices = line_count(text, "slices");
    if ((value = line_value(text, "unit", &length)))
        out->unit_x_nm = out->unit_y_nm = lct_unit_nm(value, length);
    if ((value = line_value(text, "yunit", &length)))
        out->unit_y_nm = lct_unit_nm(value, length);
    if ((value = line_value(text, "finterval", &length))) {
        const double interval = lct_parse_number(value),
                     unit = (value = line_value(text, "tunit", &length)) ? lct_unit_s(value, length) : 1;
        if (interval > 0 && isfinite(interval) && unit > 0)
            out->frame_time_s = interval * unit;
    }
    /* ImageJ calls any stack "slices"; with a time axis of its own it says "frames" */
    if (out->slices == out->images && !line_count(text, "frames"))
        out->slices = 0;
}

/* Attribute `key="..."` inside the tag that begins at `tag`; NULL: it has none. */
static const char *attribute(const char *tag, const char *key, size_t *length)
{
    const size_t n = strlen(key), tag_length = strcspn(tag, ">");
    for (const char *at = tag; (at = strstr(at, key)) && (size_t)(at - tag) < tag_length; at += n) {
        if (isspace((unsigned char)at[-1]) && at[n] == '=' && (at[n + 1] == '"' || at[n + 1] == '\'')) {
            const char quote[2] = { at[n + 1], '\0' };
            *length = strcspn(at + n + 2, quote);
            return at + n + 2;
        }
    }
    return NULL;
}

/* A quantity of OME: number in `key`, unit in `key`Unit, with OME's default unit. NaN: none, or an unknown unit. */
static double quantity(const char *tag, const char *key, double default_unit, double (*unit)(const char *, size_t))
{
    char unit_key[40];
    size_t length;
    const char *value = attribute(tag, key, &length);
    if (!value)
        return NAN;
    const double x = lct_parse_number(value);
    snprintf(unit_key, sizeof unit_key, "%sUnit", key);
    const char *word = attribute(tag, unit_key, &length);
    const double size = word ? unit(word, length) : default_unit;
    return x > 0 && size > 0 && isfinite(x) ? x * size : NAN;
}

static long attribute_count(const char *tag, const char *key)
{
    size_t length;
    const char *value = attribute(tag, key, &length);
    const double x = value ? lct_parse_number(value) : 0;
    return x >= 1 && x <= 1e9 ? (long)x : 0;
}

static void parse_ome(struct lct_description *out, const char *text)
{
    const char *pixels = strstr(text, "<Pixels");
    if (!pixels && (pixels = strstr(text, ":Pixels")))
        pixels++;
    out->is_ome = true;
    if (!pixels)
        return;
    out->pixel_x_nm = quantity(pixels, "PhysicalSizeX", 1e3, lct_unit_nm);
    out->pixel_y_nm = quantity(pixels, "PhysicalSizeY", 1e3, lct_unit_nm);
    out->frame_time_s = quantity(pixels, "TimeIncrement", 1, lct_unit_s);
    out->channels = attribute_count(pixels, "SizeC");
    out->slices = attribute_count(pixels, "SizeZ");
}

void lct_description_parse(struct lct_description *out, const char *text)
{
    *out = (struct lct_description){ .pixel_x_nm = NAN, .pixel_y_nm = NAN, .frame_time_s = NAN };
    if (strncmp(text, "ImageJ=", 7) == 0)
        parse_imagej(out, text);
    else if (strstr(text, "<OME") || strstr(text, "<ome:OME"))
        parse_ome(out, text);
}

void lct_description_note(struct lct_source *source, const char *text)
{
    if (strncmp(text, "ImageJ=", 7) != 0) {
        lct_source_note(source, "ImageDescription", text, strlen(text));
        return;
    }
    for (const char *line = text; *line;) {
        const size_t length = strcspn(line, "\n"), key_length = strcspn(line, "=\n");
        if (key_length < length && key_length < 64) {
            char key[64];
            memcpy(key, line, key_length);
            key[key_length] = '\0';
            lct_source_note(source, key, line + key_length + 1, length - key_length - 1);
        }
        line += length + (line[length] == '\n');
    }
}
