/* option_type.h -- how each type of option is read, stored and printed; private to the room */
#ifndef LCTEM_CORE_OPTION_TYPE_H
#define LCTEM_CORE_OPTION_TYPE_H

#include <lctem/option.h>

/** Room for the field of any type. */
union lct_option_field {
    bool flag;
    long integer;
    uint64_t unsigned_integer;
    double number;
    struct lct_length length;
    char *text;
    int choice;
    struct lct_range range;
    struct lct_rect rect;
};

struct lct_option_type_row {
    size_t size;         /**< of the field */
    const char *expects; /**< "a length (0.05nm, 50pm, 0.5A)" */
    const char *value;   /**< name of the value in the help */
    const char *unit;    /**< of a bare number; "": none */
    bool quoted;         /**< YAML would read the bare text as something else */

    /** False: no legal text. `field->text` is allocated; NULL field->text with a non-empty text: no memory. */
    bool (*parse)(const struct lct_option *row, const char *text, union lct_option_field *field);

    /** Allocated text that parses back to the field; NULL: no memory. */
    char *(*format)(const struct lct_option *row, const union lct_option_field *field);
};

const struct lct_option_type_row *lct_option_type(const struct lct_option *row);

/** The default as text, never NULL. */
const char *lct_option_fallback(const struct lct_option *row);

/** Is x within the row's limits? NaN is not. */
bool lct_option_allows(const struct lct_option *row, double x);

/** ", 1 to 100 nm", ", 0 nm or more", ", nm" or ""; returns `text`. */
const char *lct_option_limits(const struct lct_option *row, char *text, size_t n);

/** Copy the row's field out of the settings. */
union lct_option_field lct_option_load(const struct lct_options *options, const struct lct_option *row);

#endif
