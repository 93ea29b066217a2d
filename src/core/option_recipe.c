/* The recipe file; the one door to libyaml. */
#include "option_type.h"

#include <lctem/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_RECIPE_BYTES = 1 << 20, MAX_VALUE = 4096 };

struct reader {
    struct lct_options *options;
    const char *path;
    yaml_parser_t yaml;
    unsigned char *seen; /* table->n */
};

static enum lct_status bad_line(const struct reader *r, size_t line, const char *why, struct lct_err *err)
{
    return lct_fail(err, LCT_E_ARG, "%s:%zu: %s", r->path, line + 1, why);
}

/* The caller deletes the event. */
static enum lct_status next_event(struct reader *r, yaml_event_t *event, struct lct_err *err)
{
    if (yaml_parser_parse(&r->yaml, event))
        return LCT_OK;
    memset(event, 0, sizeof *event);
    if (!r->yaml.problem)
        return bad_line(r, r->yaml.problem_mark.line, "no memory", err);
    return lct_fail(err, LCT_E_ARG, "%s:%zu: %s; a recipe has lines \"key: value\", as --dump-config prints them",
        r->path, r->yaml.problem_mark.line + 1, r->yaml.problem);
}

/* Elements of a list, joined with commas. */
static enum lct_status take_list(struct reader *r, char value[MAX_VALUE], struct lct_err *err)
{
    value[0] = '\0';
    for (size_t used = 0;;) {
        yaml_event_t event;
        enum lct_status status = next_event(r, &event, err);
        const yaml_event_type_t type = event.type;
        if (status == LCT_OK && type == YAML_SCALAR_EVENT) {
            used += (size_t)snprintf(
                value + used, MAX_VALUE - used, "%s%s", used ? "," : "", (const char *)event.data.scalar.value);
            if (used >= MAX_VALUE)
                status = bad_line(r, event.start_mark.line, "the list is too long", err);
        } else if (status == LCT_OK && type != YAML_SEQUENCE_END_EVENT)
            status = bad_line(r, event.start_mark.line, "a list holds plain values only", err);
        yaml_event_delete(&event);
        if (status != LCT_OK || type == YAML_SEQUENCE_END_EVENT)
            return status;
    }
}

static enum lct_status take_value(struct reader *r, char value[MAX_VALUE], struct lct_err *err)
{
    yaml_event_t event;
    enum lct_status status = next_event(r, &event, err);
    if (status != LCT_OK)
        return status;
    const size_t line = event.start_mark.line;
    if (event.type == YAML_SEQUENCE_START_EVENT)
        status = take_list(r, value, err);
    else if (event.type != YAML_SCALAR_EVENT)
        status = bad_line(r, line, "a plain value was expected behind the key", err);
    else if (event.data.scalar.length >= MAX_VALUE
        || strlen((char *)event.data.scalar.value) != event.data.scalar.length)
        status = bad_line(r, line, "the value is too long or holds a zero byte", err);
    else
        memcpy(value, event.data.scalar.value, event.data.scalar.length + 1);
    yaml_event_delete(&event);
    return status;
}

static enum lct_status take_pair(struct reader *r, const yaml_event_t *key_event, struct lct_err *err)
{
    char value[MAX_VALUE];
    struct lct_options *options = r->options;
    const char *key = (const char *)key_event->data.scalar.value;
    const size_t line = key_event->start_mark.line;
    enum lct_status status = take_value(r, value, err);
    if (status != LCT_OK)
        return status;
    /* One recipe serves all commands: a key of another one is no mistake. */
    const struct lct_options all = { .table = options->table, .commands = ~0U };
    const struct lct_option *row = lct_options_find(&all, key);
    if (row && r->seen[row - options->table->rows]++)
        return lct_fail(err, LCT_E_ARG, "%s:%zu: %s is set twice", r->path, line + 1, row->key);
    if (row && !(row->commands & options->commands))
        return LCT_OK;
    status = lct_options_set(options, key, value, LCT_ORIGIN_RECIPE, err);
    if (status == LCT_OK)
        return LCT_OK;
    char place[512];
    snprintf(place, sizeof place, "%.490s:%zu", r->path, line + 1);
    return lct_fail_in(err, status, place);
}

static enum lct_status take_document(struct reader *r, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    bool inside = false, done = false;
    while (status == LCT_OK && !done) {
        yaml_event_t event;
        status = next_event(r, &event, err);
        if (status != LCT_OK)
            break;
        if (event.type == YAML_MAPPING_START_EVENT && !inside)
            inside = true;
        else if (event.type == YAML_SCALAR_EVENT && inside)
            status = take_pair(r, &event, err);
        else if (event.type == YAML_STREAM_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
            done = true;
        else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT)
            status = bad_line(r, event.start_mark.line,
                "lines of the form \"key: value\" were expected, as --dump-config prints them", err);
        yaml_event_delete(&event);
    }
    return status;
}

enum lct_status lct_options_read_recipe(struct lct_options *options, const char *path, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0;
    enum lct_status status = lct_file_read(&text, &n, path, MAX_RECIPE_BYTES, err);
    if (status != LCT_OK)
        return status;
    struct reader r = { .options = options, .path = path, .seen = calloc(options->table->n + 1, 1) };
    if (!r.seen || !yaml_parser_initialize(&r.yaml)) {
        free(r.seen);
        free(text);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, n);
    status = take_document(&r, err);
    yaml_parser_delete(&r.yaml);
    free(r.seen);
    free(text);
    return status;
}

static void print_quoted(FILE *f, const char *text)
{
    fputc('"', f);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(f, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7f)
            fprintf(f, "\\x%02x", *c);
        else
            fputc(*c, f);
    }
    fputc('"', f);
}

static void print_comment(FILE *f, const char *text)
{
    enum { WIDTH = 96 };
    int at = 0;
    while (*text) {
        const int n = (int)strcspn(text, " ");
        if (at > 0 && at + 1 + n > WIDTH) {
            fputc('\n', f);
            at = 0;
        }
        at += fprintf(f, "%s %.*s", at ? "" : "#", n, text);
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', f);
}

static enum lct_status print_row(
    FILE *f, const struct lct_options *options, const struct lct_option *row, struct lct_err *err)
{
    char facts[1024], limits[96];
    const bool named = row->type == LCT_OPTION_CHOICE;
    const char *fallback = lct_option_fallback(row);
    snprintf(facts, sizeof facts, "%s (default %s%s%s%s)", row->help, fallback[0] ? fallback : "none",
        lct_option_limits(row, limits, sizeof limits), named ? "; one of " : "", named ? row->choices : "");
    fputc('\n', f);
    print_comment(f, facts);
    if (row->details)
        print_comment(f, row->details);
    char *value = lct_options_value(options, row);
    if (!value)
        return lct_fail(err, LCT_E_LIMIT, "recipe: no memory");
    fprintf(f, "%s: ", row->key);
    if (lct_option_type(row)->quoted)
        print_quoted(f, value);
    else
        fputs(value, f);
    fputc('\n', f);
    free(value);
    return LCT_OK;
}

enum lct_status lct_options_write_recipe(
    const struct lct_options *options, const char *title, char **out, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f)
        return lct_fail(err, LCT_E_LIMIT, "recipe: no memory");
    fprintf(f, "# %s\n", title);
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < options->table->n; i++) {
        const struct lct_option *row = &options->table->rows[i];
        if ((row->commands & options->commands) && !row->session)
            status = print_row(f, options, row, err);
    }
    if (fclose(f) != 0 && status == LCT_OK)
        status = lct_fail(err, LCT_E_LIMIT, "recipe: no memory");
    if (status != LCT_OK)
        free(text);
    else
        *out = text;
    return status;
}
