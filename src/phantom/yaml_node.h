/* yaml_node.h -- walking a YAML document with line numbers in every complaint; the phantom's door to libyaml */
#ifndef PHANTOM_YAML_NODE_H
#define PHANTOM_YAML_NODE_H

#include "scene.h"
#include <lctem/err.h>
#include <yaml.h>

struct walk {
    yaml_document_t *document;
    const char *path;
    struct lct_err *err;
};

enum key_kind { KEY_NUMBER, KEY_WORD, KEY_TEXT, KEY_TRACK, KEY_BOOL, KEY_SKIP };

/** One key of a mapping: where its value goes and what it may be. */
struct key {
    const char *name;
    enum key_kind kind;
    size_t offset;
    double min, max;   /**< numbers and tracks */
    const char *words; /**< words: the allowed ones, each between spaces; NULL: any */
};

/** LCT_E_ARG with "<path>:<line>: ". */
enum lct_status walk_fail(const struct walk *w, const yaml_node_t *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Fill `record` from a mapping by the NULL-terminated key table; unknown and repeated keys are refused. */
enum lct_status walk_record(
    const struct walk *w, const yaml_node_t *node, const char *what, const struct key *keys, void *record);

/** Value of a key in a mapping, NULL: not there. */
yaml_node_t *walk_member(const struct walk *w, const yaml_node_t *mapping, const char *name);

/** Number of elements of a sequence; element i. */
size_t walk_count(const yaml_node_t *sequence);
yaml_node_t *walk_element(const struct walk *w, const yaml_node_t *sequence, size_t i);

enum lct_status walk_number(
    const struct walk *w, const yaml_node_t *node, const char *name, double min, double max, double *out);

#endif
