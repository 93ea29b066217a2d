#include "svg_tag.h"

#include <stdlib.h>
#include <string.h>

static const char space[] = " \t\r\n";

bool svg_text_is(struct svg_text text, const char *word)
{
    return text.at && strlen(word) == text.n && memcmp(text.at, word, text.n) == 0;
}

bool svg_tag_find(struct svg_tag *out, const char *at)
{
    const char *open = strchr(at, '<'), *close = open ? strchr(open, '>') : NULL;
    if (!close)
        return false;
    const size_t n_name = strcspn(open + 1, " \t\r\n>");
    out->ended = close[-1] == '/';
    out->name = (struct svg_text){ open + 1, n_name };
    if (out->ended && open + 1 + n_name == close)
        out->name.n--;
    const char *rest = out->name.at + out->name.n;
    out->attributes = (struct svg_text){ rest, (size_t)(close - out->ended - rest) };
    out->end = close + 1;
    return true;
}

/* One attribute from `at` on, of a text that ends at `end`; where the next begins. NULL: no more of them. */
static const char *next_attribute(struct svg_text *name, struct svg_text *value, const char *at, const char *end)
{
    at += strspn(at, space);
    if (at >= end)
        return NULL;
    *name = (struct svg_text){ at, strcspn(at, " \t\r\n=>") };
    at += name->n;
    at += strspn(at, space);
    at += *at == '=';
    at += strspn(at, space);
    const char quote[2] = { *at, '\0' };
    if (at >= end || (*at != '\'' && *at != '"'))
        return NULL;
    *value = (struct svg_text){ at + 1, strcspn(at + 1, quote) };
    at += value->n + 2;
    return at <= end ? at : NULL;
}

struct svg_text svg_attribute(const struct svg_tag *tag, const char *name)
{
    const char *at = tag->attributes.at, *end = at + tag->attributes.n;
    for (struct svg_text found, value; (at = next_attribute(&found, &value, at, end)) != NULL;)
        if (svg_text_is(found, name))
            return value;
    return (struct svg_text){ 0 };
}

static bool lists(const char *names, struct svg_text name)
{
    for (size_t n; *names; names += n + 1) {
        n = strcspn(names, " ");
        if (n == name.n && memcmp(names, name.at, n) == 0)
            return true;
    }
    return false;
}

bool svg_tag_has_only(const struct svg_tag *tag, const char *names)
{
    const char *at = tag->attributes.at, *end = at + tag->attributes.n;
    for (struct svg_text name, value; at + strspn(at, space) < end;)
        if (!(at = next_attribute(&name, &value, at, end)) || !lists(names, name))
            return false;
    return true;
}

double svg_number(const struct svg_tag *tag, const char *name, double missing)
{
    const struct svg_text value = svg_attribute(tag, name);
    return value.at ? strtod(value.at, NULL) : missing;
}

bool svg_colour(uint32_t *rgb, struct svg_text text)
{
    if (text.at && text.n == 7 && *text.at == '#') {
        *rgb = (uint32_t)strtoul(text.at + 1, NULL, 16);
        return true;
    }
    if (svg_text_is(text, "black")) {
        *rgb = 0;
        return true;
    }
    if (!text.at || strncmp(text.at, "rgb(", 4) != 0)
        return false;
    char *at = NULL;
    const char *from = text.at + 4;
    *rgb = 0;
    for (int i = 0; i < 3; i++, from = at + 1) {
        const long part = strtol(from, &at, 10);
        if (at == from || part < 0 || part > 255 || *at != (i < 2 ? ',' : ')'))
            return false;
        *rgb = *rgb << 8 | (uint32_t)part;
    }
    return true;
}
