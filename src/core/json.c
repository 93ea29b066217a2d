#include <lctem/json.h>

#include <lctem/file.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 16, MAX_BYTES = 256 << 20 };

struct lct_json {
    json_t *open[MAX_DEPTH]; /* open[0] is the root and is owned; the others are borrowed from their parents */
    int depth;
    const char *spoilt; /* first thing that went wrong */
};

enum lct_status lct_json_create(struct lct_json **out, struct lct_err *err)
{
    struct lct_json *json = calloc(1, sizeof *json);
    if (!json || !(json->open[0] = json_object())) {
        free(json);
        return lct_fail(err, LCT_E_LIMIT, "json: no memory");
    }
    *out = json;
    return LCT_OK;
}

void lct_json_destroy(struct lct_json **json)
{
    if (!*json)
        return;
    json_decref((*json)->open[0]);
    free(*json);
    *json = NULL;
}

static void spoil(struct lct_json *json, const char *why)
{
    if (!json->spoilt)
        json->spoilt = why;
}

/* Length of the UTF-8 sequence at `s`, 0 if it is broken. */
static int sequence_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    const int n = s[0] >= 0xc2 && s[0] < 0xe0 ? 2
        : s[0] >= 0xe0 && s[0] < 0xf0         ? 3
        : s[0] >= 0xf0 && s[0] < 0xf5         ? 4
                                              : 0;
    for (int i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    const bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    const bool outside = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f); /* surrogates, beyond 10FFFF */
    return overlong || outside ? 0 : n;
}

/* File names are bytes, and old microscopes write Latin-1: a byte that is no UTF-8 is read as Latin-1. */
static char *from_latin1(const char *text)
{
    char *clean = malloc(2 * strlen(text) + 1), *to = clean;
    if (!clean)
        return NULL;
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        const int n = sequence_length(s);
        for (int i = 0; i < n; i++)
            *to++ = (char)*s++;
        if (n == 0) {
            *to++ = (char)(0xc0 | *s >> 6);
            *to++ = (char)(0x80 | (*s++ & 0x3f));
        }
    }
    *to = '\0';
    return clean;
}

static json_t *text_value(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *clean = from_latin1(text);
    if (!clean)
        return NULL;
    value = json_string(clean);
    free(clean);
    return value ? value : json_string("?");
}

/* Keys may be bytes as well: they come from the metadata of files. Takes the reference to `value`. */
static int set_member(json_t *parent, const char *key, json_t *value)
{
    if (json_object_set_new(parent, key, json_incref(value)) == 0) {
        json_decref(value);
        return 0;
    }
    char *clean = from_latin1(key);
    const int failed = clean ? json_object_set_new(parent, clean, value) : (json_decref(value), -1);
    free(clean);
    return failed;
}

/* Takes the reference to `value` in every case. */
static void put(struct lct_json *json, const char *key, json_t *value)
{
    json_t *parent = json->open[json->depth];
    if (value && json_is_object(parent) != (key != NULL)) {
        json_decref(value);
        spoil(json, "a member without key, or an element with one");
    } else if (!value || (key ? set_member(parent, key, value) : json_array_append_new(parent, value)))
        spoil(json, "no memory");
}

void lct_json_text(struct lct_json *json, const char *key, const char *value)
{
    put(json, key, value ? text_value(value) : json_null());
}

void lct_json_number(struct lct_json *json, const char *key, double value)
{
    put(json, key, isfinite(value) ? json_real(value) : json_null());
}

void lct_json_integer(struct lct_json *json, const char *key, long long value)
{
    put(json, key, json_integer(value));
}

void lct_json_bool(struct lct_json *json, const char *key, bool value)
{
    put(json, key, json_boolean(value));
}

static void push(struct lct_json *json, const char *key, json_t *value)
{
    put(json, key, value);
    if (json->spoilt)
        return;
    if (json->depth + 1 == MAX_DEPTH)
        spoil(json, "nested too deeply");
    else
        json->open[++json->depth] = value;
}

void lct_json_open_object(struct lct_json *json, const char *key)
{
    push(json, key, json_object());
}

void lct_json_open_array(struct lct_json *json, const char *key)
{
    push(json, key, json_array());
}

void lct_json_close(struct lct_json *json)
{
    if (json->depth == 0)
        spoil(json, "closed more often than opened");
    else
        json->depth--;
}

enum lct_status lct_json_string(const struct lct_json *json, int indent, char **out, struct lct_err *err)
{
    if (json->spoilt)
        return lct_fail(err, LCT_E_INTERNAL, "json: %s", json->spoilt);
    char *text = json_dumps(json->open[0], JSON_INDENT((size_t)indent) | JSON_REAL_PRECISION(15));
    if (!text)
        return lct_fail(err, LCT_E_LIMIT, "json: no memory for the text");
    *out = text;
    return LCT_OK;
}

enum lct_status lct_json_write(const struct lct_json *json, const char *path, struct lct_err *err)
{
    char *text = NULL;
    enum lct_status status = lct_json_string(json, 2, &text, err);
    if (status != LCT_OK)
        return lct_fail_in(err, status, path);
    const size_t n = strlen(text);
    text[n] = '\n'; /* the terminator's place: a text file ends with a newline */
    status = lct_file_write(path, text, n + 1, err);
    free(text);
    return status;
}

enum lct_status lct_json_parse(struct lct_json **out, const char *text, size_t n, const char *name, struct lct_err *err)
{
    json_error_t where;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return lct_fail(err, LCT_E_INPUT, "%s:%d: no JSON: %s", name, where.line, where.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return lct_fail(err, LCT_E_INPUT, "%s: a JSON object was expected", name);
    }
    struct lct_json *json = calloc(1, sizeof *json);
    if (!json) {
        json_decref(root);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", name);
    }
    json->open[0] = root;
    *out = json;
    return LCT_OK;
}

enum lct_status lct_json_read(struct lct_json **out, const char *path, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0;
    enum lct_status status = lct_file_read(&text, &n, path, MAX_BYTES, err);
    if (status == LCT_OK)
        status = lct_json_parse(out, text, n, path, err);
    free(text);
    return status;
}

static const json_t *inner(const struct lct_json_value *value)
{
    return (const json_t *)value;
}

static const struct lct_json_value *outer(const json_t *value)
{
    return (const struct lct_json_value *)value;
}

const struct lct_json_value *lct_json_root(const struct lct_json *json)
{
    return outer(json->open[0]);
}

const struct lct_json_value *lct_json_member(const struct lct_json_value *object, const char *key)
{
    return outer(json_object_get(inner(object), key));
}

const struct lct_json_value *lct_json_element(const struct lct_json_value *array, size_t i)
{
    return outer(json_array_get(inner(array), i));
}

size_t lct_json_size(const struct lct_json_value *value)
{
    return json_is_array(inner(value)) ? json_array_size(inner(value)) : json_object_size(inner(value));
}

double lct_json_to_number(const struct lct_json_value *value)
{
    return json_is_number(inner(value)) ? json_number_value(inner(value)) : (double)NAN;
}

const char *lct_json_to_text(const struct lct_json_value *value)
{
    return json_string_value(inner(value));
}

bool lct_json_to_bool(const struct lct_json_value *value, bool otherwise)
{
    return json_is_boolean(inner(value)) ? json_is_true(inner(value)) : otherwise;
}
