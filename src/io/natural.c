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

bool lct_number_that_differs(const char *a, const char *b, const char **number_a, const char **number_b)
{
    size_t same = 0;
    while (a[same] && a[same] == b[same])
        same++;
    while (same > 0 && digit(a[same - 1]))
        same--;
    const size_t na = strspn(a + same, "0123456789"), nb = strspn(b + same, "0123456789");
    if (na == 0 || nb == 0 || na > 18 || nb > 18 || strcmp(a + same + na, b + same + nb) != 0)
        return false;
    *number_a = a + same;
    *number_b = b + same;
    return true;
}
