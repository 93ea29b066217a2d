/* page.h -- reproduction.md: the rows as tables, each with the command that makes it, and the figures */
#ifndef LCTEM_REPRODUCE_PAGE_H
#define LCTEM_REPRODUCE_PAGE_H

#include <lctem/reproduce.h>

struct page;

/* Begin <output>/reproduction.md with the text that is built in. */
enum lct_status page_open(struct page **out, const struct lct_reproduce_params *params, struct lct_err *err);
void page_row(struct page *page, const struct lct_claim_row *row);
/* Add the figures, finish the file, free; accepts NULL inside. */
enum lct_status page_close(struct page **page, const struct lct_reproduction *found, struct lct_err *err);
/* Give up. */
void page_abandon(struct page **page);

#endif
