/* option.h -- one table of options: flags, recipe file and help all come from it */
#ifndef LCTEM_OPTION_H
#define LCTEM_OPTION_H

#include <lctem/err.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How the text of an option becomes a field of a settings struct. "auto" as fallback, or "|auto" at the end of the value's name,
 *  makes "auto" a legal value, which is stored as named below. */
enum lct_option_type {
    LCT_OPTION_BOOL,      /**< bool; yes|no|true|false|on|off|1|0; as a flag, the value may be left out */
    LCT_OPTION_INT,       /**< long; auto: LCT_OPTION_AUTO */
    LCT_OPTION_SEED,      /**< uint64_t */
    LCT_OPTION_DOUBLE,    /**< double; may be followed by the row's unit; auto: NaN */
    LCT_OPTION_LENGTH_NM, /**< double in nm; nm (default), pm, um, A; auto: NaN */
    LCT_OPTION_LENGTH,    /**< struct lct_length: as above, or px; auto: NaN */
    LCT_OPTION_TIME_S,    /**< double in s; s (default), ms, us, min, h; auto: NaN */
    LCT_OPTION_SIZE,      /**< uint64_t bytes; K, M, G, T (powers of 1024); auto: 0 */
    LCT_OPTION_TEXT,      /**< char *, owned by the settings; an empty text is NULL */
    LCT_OPTION_CHOICE,    /**< int: index into the row's choices */
    LCT_OPTION_RANGE,     /**< struct lct_range: A:B[:STEP], each may be left out; A alone is A:A+1 */
    LCT_OPTION_RECT,      /**< struct lct_rect: X,Y,W,H; auto: all of it, width 0 */
};

#define LCT_OPTION_AUTO LONG_MIN /**< "auto" of a whole number */

/** A length that may stand for itself before the pixel size is known. */
struct lct_length {
    double value;
    bool in_px; /**< else nm */
};

/** NaN if nm_per_px is NaN and it would be needed. */
double lct_length_nm(struct lct_length length, double nm_per_px);
double lct_length_px(struct lct_length length, double nm_per_px);

/** first, first + step, ... below `end`; end = -1: to the end of the movie. */
struct lct_range {
    long first, end, step;
};

struct lct_rect {
    int x_px, y_px, width_px, height_px; /**< width_px 0: the whole frame */
};

/** One option. Commands are bits that the table's owner defines. */
struct lct_option {
    const char *key; /**< key in the recipe; the flag is "--" and the key with - for _ */
    char letter;     /**< short flag, 0: none */
    enum lct_option_type type;
    size_t offset;        /**< of the field in the settings struct */
    const char *fallback; /**< the default, as text; NULL: "no", "" or what the type takes for empty */
    double min, max;      /**< of a number (in the unit of the field); both 0: not limited; INFINITY: open */
    const char *unit;     /**< shown in help and recipe: "nm2", "frac", "frames" ...; NULL: what the type says */
    const char *choices;  /**< LCT_OPTION_CHOICE: "dark|bright|auto"; else, if not NULL, the value's name in the help */
    const char *help;     /**< one line */
    const char *details;  /**< NULL, or a paragraph for the recipe file and the manual */
    unsigned commands;    /**< bits of the commands that take it */
    bool session;         /**< about this run, not about the result (threads, quiet): not written into a recipe */
};

struct lct_option_table {
    const struct lct_option *rows;
    size_t n;
};

/** Who said it; the later one in this list wins, whatever the order of the calls. */
enum lct_origin { LCT_ORIGIN_DEFAULT, LCT_ORIGIN_RECIPE, LCT_ORIGIN_USER };

/** A settings struct being filled. */
struct lct_options {
    const struct lct_option_table *table;
    void *settings;        /**< caller's, zeroed before init */
    unsigned commands;     /**< only rows with one of these bits are known */
    unsigned char *origin; /**< table->n values of enum lct_origin, owned */
};

/** Fill `settings` with the defaults. LCT_E_LIMIT: no memory. A default that is no legal value is a broken promise: assert. */
LCT_MUST_CHECK enum lct_status lct_options_init(struct lct_options *out, const struct lct_option_table *table,
    unsigned commands, void *settings, struct lct_err *err);

/** Free the texts in the settings and what init allocated; accepts a zeroed struct; leaves it zeroed. */
void lct_options_finish(struct lct_options *options);

/** Row of that key or flag name (- and _ are the same), among the rows of options->commands; NULL: none. */
const struct lct_option *lct_options_find(const struct lct_options *options, const char *key);

/** Who set this key; LCT_ORIGIN_DEFAULT for unknown keys. */
enum lct_origin lct_options_origin(const struct lct_options *options, const char *key);

/** Set one key from text. Ignored when somebody with more weight has set it.
 *  LCT_E_ARG: unknown key (suggests the nearest), bad value (says what is legal); the setting is as it was. */
LCT_MUST_CHECK enum lct_status lct_options_set(
    struct lct_options *options, const char *key, const char *value, enum lct_origin origin, struct lct_err *err);

/** Set from "KEY=VALUE", as given to --set. */
LCT_MUST_CHECK enum lct_status lct_options_assign(
    struct lct_options *options, const char *assignment, struct lct_err *err);

/** Read a command line: argv[0 .. argc-1] behind the command's name. `--key value`, `--key=value`, `--no-key` (bool), `-k value`,
 *  `-kvalue`, `-qv`, `--set KEY=VALUE`, `--` ends the flags, `-` alone is a name. The words that are no flags are moved to the front
 *  of argv; *n_words is their number. A negative number is a word. LCT_E_ARG as above. */
LCT_MUST_CHECK enum lct_status lct_options_parse(
    struct lct_options *options, int argc, char **argv, int *n_words, struct lct_err *err);

/** Read a recipe: a YAML mapping of keys to plain values (a list is joined with commas). Keys of other commands in the same table
 *  are skipped; unknown ones are errors. LCT_E_INPUT: unreadable. LCT_E_ARG: bad content; names file and line. */
LCT_MUST_CHECK enum lct_status lct_options_read_recipe(
    struct lct_options *options, const char *path, struct lct_err *err);

/** The settings as a recipe that reads back to the same values, with help, unit, range and default of each key as comments; rows of
 *  the session are left out. Caller frees `*out`. */
LCT_MUST_CHECK enum lct_status lct_options_write_recipe(
    const struct lct_options *options, const char *title, char **out, struct lct_err *err);

/** The flags, one or two lines each, for lines of `width` columns. Caller frees `*out`. */
LCT_MUST_CHECK enum lct_status lct_options_help(
    const struct lct_options *options, int width, char **out, struct lct_err *err);

/** How a row reads to people; borrowed from the row but for the arrays. */
struct lct_option_words {
    char flag[96];        /**< "--pixel-size" */
    const char *value;    /**< name of the value, "LENGTH", "dark|bright|auto"; NULL: a flag without one */
    const char *fallback; /**< the default; "": none */
    char limits[96];      /**< "0 nm or more"; "": none */
};
void lct_option_say(const struct lct_option *row, struct lct_option_words *out);

/** Value of a row as text that would set it again; caller frees. NULL: no memory. */
char *lct_options_value(const struct lct_options *options, const struct lct_option *row);

#endif
