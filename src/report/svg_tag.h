/* svg_tag.h -- tags and attributes of an SVG that gnuplot wrote */
#ifndef LCTEM_REPORT_SVG_TAG_H
#define LCTEM_REPORT_SVG_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text within the file; not ended by 0. NULL: there is none. */
struct svg_text {
    const char *at;
    size_t n;
};

struct svg_tag {
    struct svg_text name;       /* "/g" for an end */
    struct svg_text attributes; /* what stands behind the name */
    const char *end;            /* behind the '>' */
    bool ended;                 /* by '/' */
};

/* The next tag from `at` on. false: there is none. */
bool svg_tag_find(struct svg_tag *out, const char *at);
bool svg_text_is(struct svg_text text, const char *word);
/* The attribute's text without its quotes. */
struct svg_text svg_attribute(const struct svg_tag *tag, const char *name);
/* Has it only attributes of this list (names with a space behind each)? */
bool svg_tag_has_only(const struct svg_tag *tag, const char *names);
/* Number of the attribute; `missing` without one. */
double svg_number(const struct svg_tag *tag, const char *name, double missing);
/* "#rrggbb", "rgb(r, g, b)", "black". false: another one. */
bool svg_colour(uint32_t *rgb, struct svg_text text);

#endif
