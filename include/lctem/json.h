/* json.h -- JSON documents: written by opening and closing, read by path; the one door to Jansson */
#ifndef LCTEM_JSON_H
#define LCTEM_JSON_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** A document whose root is an object, with a place in it at which the next member is written. A call that runs out of memory
 *  or nests wrongly spoils the document; lct_json_string and lct_json_write then report it, so that the calls between need
 *  no check. */
struct lct_json;

LCT_MUST_CHECK enum lct_status lct_json_create(struct lct_json **out, struct lct_err *err);

/** Accepts NULL inside; writes NULL. */
void lct_json_destroy(struct lct_json **json);

/* Members of the object that is open, or elements of the array that is open (then `key` is NULL). */
void lct_json_text(struct lct_json *json, const char *key,
    const char *value); /**< NULL: null; bytes that are no UTF-8 are read as Latin-1 */
void lct_json_number(struct lct_json *json, const char *key, double value); /**< NaN, infinity: null */
void lct_json_integer(struct lct_json *json, const char *key, long long value);
void lct_json_bool(struct lct_json *json, const char *key, bool value);
void lct_json_open_object(struct lct_json *json, const char *key);
void lct_json_open_array(struct lct_json *json, const char *key);
void lct_json_close(struct lct_json *json);

/** The document as text; caller frees. `indent` 0: one line. LCT_E_LIMIT, LCT_E_INTERNAL: the document is spoilt. */
LCT_MUST_CHECK enum lct_status lct_json_string(
    const struct lct_json *json, int indent, char **out, struct lct_err *err);

/** Write it indented, whole or not at all. */
LCT_MUST_CHECK enum lct_status lct_json_write(const struct lct_json *json, const char *path, struct lct_err *err);

/** Understand n bytes of text whose root is an object; `name` stands in the error. LCT_E_INPUT: no JSON: names the line. */
LCT_MUST_CHECK enum lct_status lct_json_parse(
    struct lct_json **out, const char *text, size_t n, const char *name, struct lct_err *err);

/** Read a document whose root is an object. LCT_E_INPUT: unreadable, or no JSON: names file and line. */
LCT_MUST_CHECK enum lct_status lct_json_read(struct lct_json **out, const char *path, struct lct_err *err);

struct lct_json_value; /* borrowed from its document */

/* Every one of these accepts NULL and a value of the wrong kind, so that look-ups can be chained. */
const struct lct_json_value *lct_json_root(const struct lct_json *json);
const struct lct_json_value *lct_json_member(const struct lct_json_value *object, const char *key); /**< NULL: none */
const struct lct_json_value *lct_json_element(const struct lct_json_value *array, size_t i);        /**< NULL: none */
size_t lct_json_size(const struct lct_json_value *value);         /**< array or object, else 0 */
double lct_json_to_number(const struct lct_json_value *value);    /**< NaN: no number */
const char *lct_json_to_text(const struct lct_json_value *value); /**< NULL: no text; borrowed */
bool lct_json_to_bool(const struct lct_json_value *value, bool otherwise);

#endif
