/* batch.h -- many movies with one recipe: one folder each, one table about all */
#ifndef LCTEM_BATCH_H
#define LCTEM_BATCH_H

#include <lctem/analyze.h>
#include <lctem/comm.h>
#include <lctem/err.h>
#include <lctem/option.h>
#include <stddef.h>

/** One movie of a batch; all texts owned. */
struct lct_batch_entry {
    char *movie;
    char *name; /**< of its folder in the batch's folder; no two are the same */
    char *
        *settings; /**< n_settings texts KEY=VALUE that hold for this movie only; `config=FILE` reads a recipe for it */
    size_t n_settings;
    size_t line; /**< of the list; 0: from the command line */
};

struct lct_batch_list {
    struct lct_batch_entry *entries;
    size_t n, capacity;
    char *source; /**< the list, for messages; NULL: none was read */
};

/** Append a movie. Its folder is called as its file without the ending; a second one of that name gets "-2" behind it, and so on.
 *  LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status lct_batch_add(struct lct_batch_list *list, const char *movie, struct lct_err *err);

/** Append the movies of a text file: one a line, MOVIE [KEY=VALUE]...; blanks part words, quotes ' and " hold them together, # begins
 *  a remark. Keys are those of a recipe, and `name`, the folder's. A path that is not absolute is looked for beside the list (movie,
 *  config, drift). LCT_E_INPUT: unreadable. LCT_E_ARG: a line that cannot be meant, or no movie at all; names file and line. */
LCT_MUST_CHECK enum lct_status lct_batch_read(struct lct_batch_list *list, const char *path, struct lct_err *err);
void lct_batch_finish(struct lct_batch_list *list);

/** What came out of one movie. Plain bytes: it goes from process to process. */
struct lct_batch_row {
    enum lct_status status;
    char message[256]; /**< why it failed */
    long frames, particles, events, flagged, cracks;
    double core_first_nm2, core_last_nm2, shell_first_nm2,
        shell_last_nm2; /**< of all particles, in the first and the last frame with any; NaN */
    double seconds;     /**< that its analysis took, when it was made; NaN: not known */
};

/** What surrounds a batch. */
struct lct_batch_hooks {
    struct lct_analyze_hooks analyze;
    const struct lct_comm *comm; /**< processes that share the movies, all called with the same; NULL: this one alone */
    void (*tell)(void *context, const struct lct_batch_entry *entry,
        const struct lct_batch_row *row); /**< on rank 0, in order */
    void *context;
};

struct lct_batch_summary {
    size_t movies, done, failed;
    long flagged; /**< frames, of all movies */
};

/** Analyze every movie of the list into <output>/<name>, with the settings of `options` (over a struct lct_recipe) and its own; after
 *  a movie that fails, the next is begun. Writes batch.csv, a row for each movie in the order of the list, as they come to their end. With
 *  `resume`, movies that are complete are not done again, and others go on where they stopped.
 *  LCT_E_ARG: settings that a movie cannot have; found before any work. LCT_E_OUTPUT: the folder holds a batch.csv and neither force
 *  nor resume is given. LCT_E_CANCELLED. Else the status of the first movie that failed. */
LCT_MUST_CHECK enum lct_status lct_batch_run(struct lct_batch_summary *out, const struct lct_batch_list *list,
    const struct lct_options *options, const struct lct_batch_hooks *hooks, struct lct_err *err);

#endif
