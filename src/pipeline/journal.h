/* journal.h -- words about a run: passed on to the caller, written into log.jsonl, warnings kept for run.json */
#ifndef LCTEM_PIPELINE_JOURNAL_H
#define LCTEM_PIPELINE_JOURNAL_H

#include <lctem/log.h>

struct journal {
    const struct lct_log *outer; /* the caller's; NULL: nobody listens */
    struct lct_log_file *file;   /* NULL: not open yet */
    char **warnings;
    size_t n_warnings;
};

/* A log that writes into the journal; valid while it lives. One thread at a time. */
struct lct_log journal_log(struct journal *journal);

void journal_finish(struct journal *journal);

#endif
