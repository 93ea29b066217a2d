#include "yaml_node.h"

#include <lctem/number.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum lct_status walk_fail(const struct walk *w, const yaml_node_t *node, const char *fmt, ...)
{
    char reason[360];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(reason, sizeof reason, fmt, ap);
    va_end(ap);
    return lct_fail(w->err, LCT_E_ARG, "%.120s:%zu: %s", w->path, node->start_mark.line + 1, reason);
}

static const char *text_of(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

size_t walk_count(const yaml_node_t *sequence)
{
    return sequence->type == YAML_SEQUENCE_NODE
        ? (size_t)(sequence->data.sequence.items.top - sequence->data.sequence.items.start)
        : 0;
}

yaml_node_t *walk_element(const struct walk *w, const yaml_node_t *sequence, size_t i)
{
    return yaml_document_get_node(w->document, sequence->data.sequence.items.start[i]);
}

yaml_node_t *walk_member(const struct walk *w, const yaml_node_t *mapping, const char *name)
{
    if (mapping->type != YAML_MAPPING_NODE)
        return NULL;
    const yaml_node_pair_t *end = mapping->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < end; pair++) {
        const char *key = text_of(yaml_document_get_node(w->document, pair->key));
        if (key && strcmp(key, name) == 0)
            return yaml_document_get_node(w->document, pair->value);
    }
    return NULL;
}

enum lct_status walk_number(
    const struct walk *w, const yaml_node_t *node, const char *name, double min, double max, double *out)
{
    const char *text = text_of(node), *rest = NULL;
    double x;
    if (!text || !lct_number_parse(text, &x, &rest) || *rest != '\0')
        return walk_fail(w, node, "%s: expected a number, found %s", name, text ? text : "a list or mapping");
    if (!(x >= min && x <= max))
        return walk_fail(w, node, "%s: %.9g is not between %.9g and %.9g", name, x, min, max);
    *out = x;
    return LCT_OK;
}

static enum lct_status read_points(
    const struct walk *w, const yaml_node_t *node, const struct key *key, struct track *track)
{
    for (size_t i = 0; i < track->n; i++) {
        const yaml_node_t *pair = walk_element(w, node, i);
        if (walk_count(pair) != 2)
            return walk_fail(w, pair, "%s: expected [time in s, value]", key->name);
        enum lct_status s = walk_number(w, walk_element(w, pair, 0), "time", -1e9, 1e9, &track->time_s[i]);
        if (s == LCT_OK)
            s = walk_number(w, walk_element(w, pair, 1), key->name, key->min, key->max, &track->value[i]);
        if (s != LCT_OK)
            return s;
        if (i > 0 && track->time_s[i] < track->time_s[i - 1])
            return walk_fail(w, pair, "%s: times must ascend", key->name);
    }
    return LCT_OK;
}

static enum lct_status read_track(
    const struct walk *w, const yaml_node_t *node, const struct key *key, struct track *out)
{
    const bool listed = node->type == YAML_SEQUENCE_NODE;
    const size_t n = listed ? walk_count(node) : 1;
    if (n == 0)
        return walk_fail(w, node, "%s: the list of [time in s, value] is empty", key->name);
    struct track track = { .time_s = calloc(n, sizeof(double)), .value = calloc(n, sizeof(double)), .n = n };
    enum lct_status s = LCT_OK;
    if (!track.time_s || !track.value)
        s = lct_fail(w->err, LCT_E_LIMIT, "%s: no memory", w->path);
    else if (listed)
        s = read_points(w, node, key, &track);
    else
        s = walk_number(w, node, key->name, key->min, key->max, &track.value[0]);
    free(s == LCT_OK ? out->time_s : track.time_s);
    free(s == LCT_OK ? out->value : track.value);
    if (s == LCT_OK)
        *out = track;
    return s;
}

static enum lct_status read_word(const struct walk *w, const yaml_node_t *node, const struct key *key, char *out)
{
    const char *text = text_of(node);
    if (!text || strlen(text) > 31 || strpbrk(text, ",\"\n"))
        return walk_fail(w, node, "%s: expected a word of at most 31 characters without commas and quotes", key->name);
    char padded[40];
    snprintf(padded, sizeof padded, " %s ", text);
    if (key->words && !strstr(key->words, padded))
        return walk_fail(w, node, "%s: '%s' is not one of:%s", key->name, text, key->words);
    memcpy(out, text, strlen(text) + 1);
    return LCT_OK;
}

/* free text for a field of 128 bytes */
static enum lct_status read_text(const struct walk *w, const yaml_node_t *node, const struct key *key, char *out)
{
    const char *text = text_of(node);
    if (!text || strlen(text) > 127)
        return walk_fail(w, node, "%s: expected a text of at most 127 bytes", key->name);
    memcpy(out, text, strlen(text) + 1);
    return LCT_OK;
}

static enum lct_status read_bool(const struct walk *w, const yaml_node_t *node, const struct key *key, bool *out)
{
    const char *text = text_of(node);
    if (!text || (strcmp(text, "yes") && strcmp(text, "no") && strcmp(text, "true") && strcmp(text, "false")))
        return walk_fail(w, node, "%s: expected yes or no", key->name);
    *out = text[0] == 'y' || text[0] == 't';
    return LCT_OK;
}

static enum lct_status read_value(const struct walk *w, const yaml_node_t *node, const struct key *key, void *record)
{
    char *field = (char *)record + key->offset;
    switch (key->kind) {
    case KEY_NUMBER: return walk_number(w, node, key->name, key->min, key->max, (double *)(void *)field);
    case KEY_TRACK: return read_track(w, node, key, (struct track *)(void *)field);
    case KEY_TEXT: return read_text(w, node, key, field);
    case KEY_WORD: return read_word(w, node, key, field);
    case KEY_BOOL: return read_bool(w, node, key, (bool *)(void *)field);
    case KEY_SKIP: return LCT_OK;
    }
    return LCT_OK;
}

static enum lct_status unknown(
    const struct walk *w, const yaml_node_t *node, const char *what, const char *name, const struct key *keys)
{
    char known[280] = "";
    size_t used = 0;
    for (const struct key *k = keys; k->name && used + strlen(k->name) + 2 < sizeof known; k++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s", k->name);
    return walk_fail(w, node, "%s has no key '%.40s'; it has:%s", what, name ? name : "(a list)", known);
}

enum lct_status walk_record(
    const struct walk *w, const yaml_node_t *node, const char *what, const struct key *keys, void *record)
{
    if (node->type != YAML_MAPPING_NODE)
        return walk_fail(w, node, "%s: expected 'key: value' lines; data/scenes has examples", what);
    const yaml_node_pair_t *start = node->data.mapping.pairs.start, *end = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = start; pair < end; pair++) {
        const yaml_node_t *name_node = yaml_document_get_node(w->document, pair->key);
        const char *name = text_of(name_node);
        const struct key *key = keys;
        while (key->name && (!name || strcmp(key->name, name) != 0))
            key++;
        if (!key->name)
            return unknown(w, name_node, what, name, keys);
        const yaml_node_t *value = yaml_document_get_node(w->document, pair->value);
        if (walk_member(w, node, name) != value)
            return walk_fail(w, name_node, "%s: '%s' is given twice", what, name);
        const enum lct_status s = read_value(w, value, key, record);
        if (s != LCT_OK)
            return s;
    }
    return LCT_OK;
}
