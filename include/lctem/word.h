/* word.h -- which known word did the user mean? */
#ifndef LCTEM_WORD_H
#define LCTEM_WORD_H

#include <stdbool.h>
#include <stddef.h>

/** Letters to insert, delete, replace or swap with the next one, to turn `a` into `b`; '-' and '_' are the same letter. Words
 *  beyond 63 letters count as too far: SIZE_MAX. */
size_t lct_word_distance(const char *a, const char *b);

/** A search for the known word nearest to `wanted`; start with `{ .wanted = word }`, offer each known word, read `best`: NULL if
 *  nothing is near enough to be worth suggesting. */
struct lct_word_search {
    const char *wanted;
    const char *best; /**< one of the words offered; borrowed */
    size_t distance;
};
void lct_word_offer(struct lct_word_search *search, const char *known);

#endif
