#include <lctem/word.h>

#include <stdint.h>
#include <string.h>

enum { MAX_WORD = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char letter(char c)
{
    return c == '-' ? '_' : c;
}

size_t lct_word_distance(const char *a, const char *b)
{
    const size_t na = strlen(a), nb = strlen(b);
    if (na > MAX_WORD || nb > MAX_WORD)
        return SIZE_MAX;
    size_t rows[3][MAX_WORD + 1]; /* the last three rows of the table of prefixes */
    for (size_t i = 0; i <= na; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            if (i == 0) {
                row[j] = j;
                continue;
            }
            const size_t differs = letter(a[i - 1]) != letter(b[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + differs);
            if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) && letter(a[i - 2]) == letter(b[j - 1]))
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

void lct_word_offer(struct lct_word_search *search, const char *known)
{
    const size_t n = strlen(search->wanted), distance = lct_word_distance(search->wanted, known);
    const bool begins =
        n >= 3 && strncmp(search->wanted, known, n) == 0; /* "thread" for "threads", "back" for "background" */
    const size_t cost = begins ? 1 : distance;
    const size_t allowed = n <= 3 ? 1 : n <= 6 ? 2 : 3;
    if (cost <= allowed && (!search->best || cost < search->distance)) {
        search->best = known;
        search->distance = cost;
    }
}
