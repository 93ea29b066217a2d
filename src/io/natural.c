#include "reader.h"

#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

int lct_natural_compare(const char *a, const char *b)
{
    const char *const a0 = a, *const b0 = b;
    while (*a && *b) {
        if (!digit(*a) || !digit(*b)) {
            if (*a != *b)
                return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
            continue;
        }
        while (*a == '0' && digit(a[1]))
            a++;
        while (*b == '0' && digit(b[1]))
            b++;
        size_t na = 0, nb = 0;
        while (digit(a[na]))
            na++;
        while (digit(b[nb]))
            nb++;
        const int order = na != nb ? (na < nb ? -1 : 1) : strncmp(a, b, na);
        if (order)
            return order;
        a += na;
        b += nb;
    }
    if (*a || *b)
        return *a ? 1 : -1;
    /* img1 and img01: any fixed order will do, so that the same folder always gives the same movie */
    return strcmp(a0, b0);
}

bool lct_last_number(const char *path, size_t *begin, size_t *end)
{
    const char *slash = strrchr(path, '/');
    const size_t start = slash ? (size_t)(slash - path) + 1 : 0;
    /* digits of the extension (.jp2) count no frames */
    const char *dot = strrchr(path + start, '.');
    size_t at = dot ? (size_t)(dot - path) : strlen(path);
    while (at > start && !digit(path[at - 1]))
        at--;
    *end = at;
    while (at > start && digit(path[at - 1]))
        at--;
    *begin = at;
    return *end > *begin;
}
