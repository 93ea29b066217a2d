#include "journal.h"

#include <stdlib.h>
#include <string.h>

/* A warning that cannot be kept for want of memory has at least been said. */
static void keep(struct journal *j, const char *text)
{
    char **grown = realloc(j->warnings, (j->n_warnings + 1) * sizeof *grown);
    if (!grown)
        return;
    j->warnings = grown;
    if ((grown[j->n_warnings] = strdup(text)))
        j->n_warnings++;
}

static void write_line(void *context, enum lct_log_level level, const char *text)
{
    struct journal *j = context;
    if (level == LCT_LOG_WARNING)
        keep(j, text);
    lct_log_say(j->outer, level, "%s", text);
    if (j->file) {
        const struct lct_log sink = lct_log_file_sink(j->file);
        lct_log_say(&sink, level, "%s", text);
    }
}

struct lct_log journal_log(struct journal *journal)
{
    return (struct lct_log){ write_line, journal };
}

void journal_finish(struct journal *journal)
{
    for (size_t i = 0; i < journal->n_warnings; i++)
        free(journal->warnings[i]);
    free(journal->warnings);
    lct_log_file_destroy(&journal->file);
    *journal = (struct journal){ 0 };
}
