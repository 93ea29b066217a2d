#include "emd_words.h"

#include <ctype.h>
#include <lctem/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void emd_clean_unit(char *unit)
{
    char *to = unit;
    for (const char *from = unit; *from; from++)
        if (!strchr("[]_ ", *from))
            *to++ = *from;
    *to = '\0';
}

/* "x", "X", "R_x", "pos x": the last letter is the axis, and no word ends there. */
static char axis_letter(const char *name)
{
    const size_t n = strlen(name);
    if (n == 0 || (n > 1 && isalnum((unsigned char)name[n - 2])))
        return '\0';
    return (char)tolower((unsigned char)name[n - 1]);
}

void emd_assign_axes(const struct emd_axis *axes, int rank, int *x, int *y, int *frame)
{
    *x = *y = *frame = -1;
    for (int i = 0; i < rank && i < 3; i++) {
        const char letter = axis_letter(axes[i].name);
        if (letter == 'x' && *x < 0)
            *x = i;
        else if (letter == 'y' && *y < 0)
            *y = i;
        else
            *frame = i;
    }
    if (*x < 0 || *y < 0) {
        *x = 0;
        *y = 1;
        *frame = 2;
    }
    if (rank < 3)
        *frame = -1;
}

void emd_axes_take(
    struct lct_source *source, const struct emd_axis *x, const struct emd_axis *y, const struct emd_axis *frame)
{
    const double x_nm = lct_unit_nm(x->unit, strlen(x->unit)), y_nm = lct_unit_nm(y->unit, strlen(y->unit));
    if (x_nm > 0 && isfinite(x->step))
        lct_source_set_pixel_size(source, fabs(x->step) * x_nm, y_nm > 0 ? fabs(y->step) * y_nm : (double)NAN);
    else if (*x->unit)
        lct_source_warn(
            source, "the scale is in \"%s\", which is no length; give the pixel size with --pixel-size", x->unit);
    const double unit_s = frame ? lct_unit_s(frame->unit, strlen(frame->unit)) : 0;
    if (unit_s > 0 && frame->step > 0)
        source->info.frame_time_s = frame->step * unit_s;
    else if (frame)
        lct_source_note(source, "frame_axis", *frame->name ? frame->name : "(no name)", SIZE_MAX);
}

void emd_velox_name(char *name, size_t size, const char *text)
{
    struct lct_json *json = NULL;
    if (lct_json_parse(&json, text, strlen(text), "Metadata", NULL) != LCT_OK)
        return;
    const char *detector =
        lct_json_to_text(lct_json_member(lct_json_member(lct_json_root(json), "BinaryResult"), "Detector"));
    if (detector && *detector)
        snprintf(name, size, "%.*s", (int)size - 1, detector);
    lct_json_destroy(&json);
}

/* Velox writes numbers as texts. */
static double number(const struct lct_json_value *object, const char *key)
{
    const struct lct_json_value *value = lct_json_member(object, key);
    const char *text = lct_json_to_text(value);
    return text ? lct_parse_number(text) : lct_json_to_number(value);
}

static void take_scale(struct lct_source *source, const struct lct_json_value *result)
{
    const struct lct_json_value *pixel = lct_json_member(result, "PixelSize");
    const char *unit = lct_json_to_text(lct_json_member(result, "PixelUnitX"));
    const double unit_nm = unit ? lct_unit_nm(unit, strlen(unit)) : 0;
    if (unit_nm > 0)
        lct_source_set_pixel_size(source, unit_nm * number(pixel, "width"), unit_nm * number(pixel, "height"));
    else if (unit && *unit)
        lct_source_warn(
            source, "the scale is in \"%s\", which is no length; give the pixel size with --pixel-size", unit);
}

/* Detectors are members "Detector-0", ... whose name says which is which. */
static double exposure_of(const struct lct_json_value *detectors, const char *name)
{
    for (int i = 0; name && i < 100; i++) {
        char key[24];
        snprintf(key, sizeof key, "Detector-%d", i);
        const struct lct_json_value *one = lct_json_member(detectors, key);
        const char *own = lct_json_to_text(lct_json_member(one, "DetectorName"));
        if (own && strcmp(own, name) == 0)
            return number(one, "ExposureTime");
    }
    return (double)NAN;
}

static void note(struct lct_source *source, const struct lct_json_value *root, const char *group, const char *key)
{
    const char *text = lct_json_to_text(lct_json_member(lct_json_member(root, group), key));
    if (text && *text)
        lct_source_note(source, key, text, SIZE_MAX);
}

void emd_velox_take(struct lct_source *source, const char *text)
{
    struct lct_json *json = NULL;
    if (lct_json_parse(&json, text, strlen(text), "Metadata", NULL) != LCT_OK) {
        lct_source_warn(source, "the metadata cannot be understood; give the pixel size with --pixel-size");
        return;
    }
    const struct lct_json_value *root = lct_json_root(json), *result = lct_json_member(root, "BinaryResult");
    take_scale(source, result);
    /* a camera's record also holds the scan settings that were last in use: its own exposure goes first */
    const double exposure_s =
        exposure_of(lct_json_member(root, "Detectors"), lct_json_to_text(lct_json_member(result, "Detector")));
    const double scan_s = number(lct_json_member(root, "Scan"), "FrameTime");
    const double time_s = exposure_s > 0 ? exposure_s : scan_s;
    if (source->info.n_frames > 1 && isfinite(time_s) && time_s > 0) {
        source->info.frame_time_s = time_s;
        if (exposure_s > 0)
            lct_source_warn(source, "the frame time is the exposure time of %.6g s; dead time is not in it", time_s);
    }
    static const char *const notes[][2] = { { "BinaryResult", "Detector" }, { "Optics", "AccelerationVoltage" },
        { "Optics", "NominalMagnification" }, { "Optics", "Defocus" }, { "Instrument", "InstrumentModel" },
        { "Scan", "DwellTime" }, { "Scan", "FrameTime" } };
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        note(source, root, notes[i][0], notes[i][1]);
    lct_json_destroy(&json);
}
