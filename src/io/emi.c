#include "emi.h"
#include "planes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 16 << 20, MAX_NOTES = 200 };

static char *name_of(const char *ser)
{
    const size_t length = strlen(ser);
    size_t stem = length > 4 ? length - 4 : 0; /* without ".ser" */
    while (stem > 0 && strchr("0123456789", ser[stem - 1]))
        stem--;
    if (stem < 2 || ser[stem - 1] != '_' || stem + 4 == length)
        return NULL;
    char *name = malloc(length + 1);
    if (name)
        snprintf(name, length + 1, "%.*s.emi", (int)stem - 1, ser);
    return name;
}

static char *read_all(const char *path)
{
    struct planes file;
    char *text = NULL;
    if (planes_open(&file, path, 1, NULL) != LCT_OK)
        return NULL;
    const size_t n = file.bytes < MAX_BYTES ? (size_t)file.bytes : MAX_BYTES;
    text = malloc(n + 1);
    if (text && planes_bytes_at(&file, 0, text, n, NULL) == LCT_OK) {
        for (size_t i = 0; i < n; i++) /* the XML stands between binary data */
            text[i] = text[i] ? text[i] : ' ';
        text[n] = '\0';
    } else {
        free(text);
        text = NULL;
    }
    planes_close(&file);
    return text;
}

/* What stands between <tag> and </tag>, from `at` on and before `end`; NULL: no such thing. */
static const char *inside(const char *at, const char *end, const char *tag, size_t *length)
{
    char open[32], close[32];
    snprintf(open, sizeof open, "<%s>", tag);
    snprintf(close, sizeof close, "</%s>", tag);
    const char *from = memmem(at, (size_t)(end - at), open, strlen(open));
    if (!from)
        return NULL;
    from += strlen(open);
    const char *to = memmem(from, (size_t)(end - from), close, strlen(close));
    if (!to)
        return NULL;
    *length = (size_t)(to - from);
    return from;
}

static void note_one(struct lct_source *source, const char *data, const char *end)
{
    char key[64], value[160];
    size_t label_length = 0, value_length = 0, unit_length = 0;
    const char *label = inside(data, end, "Label", &label_length), *text = inside(data, end, "Value", &value_length);
    const char *unit = inside(data, end, "Unit", &unit_length);
    while (text && value_length && *text == ' ') {
        text++;
        value_length--;
    }
    if (!label || !text || !label_length || !value_length || label_length >= sizeof key || value_length > 100
        || unit_length > 20)
        return;
    snprintf(key, sizeof key, "%.*s", (int)label_length, label);
    snprintf(value, sizeof value, "%.*s%s%.*s", (int)value_length, text, unit_length ? " " : "", (int)unit_length,
        unit ? unit : "");
    lct_source_note(source, key, value, SIZE_MAX);
}

void emi_note(struct lct_source *source)
{
    char *name = name_of(source->info.path);
    char *text = name ? read_all(name) : NULL;
    free(name);
    if (!text)
        return;
    const char *end = text + strlen(text);
    size_t length = 0;
    const char *all = inside(text, end, "ExperimentalDescription", &length);
    const char *stop = all ? all + length : NULL;
    for (int i = 0; all && i < MAX_NOTES; i++) {
        const char *data = inside(all, stop, "Data", &length);
        if (!data)
            break;
        note_one(source, data, data + length);
        all = data + length;
    }
    free(text);
}
