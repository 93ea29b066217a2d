#include "svg_picture.h"

#include "canvas.h"
#include "svg_tag.h"

#include <lctem/file.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 64 << 20, DEPTH = 16, LETTERS = 1024 };

/* What a group hands down. */
struct style {
    uint32_t colour, stroke, fill;
    bool stroked;
    double width;
    struct canvas_text text;
    bool crisp;
};

struct drawing {
    struct canvas *canvas;
    struct style styles[DEPTH];
    int depth;
};

/* `rgb` as it was where the attribute is missing. false: a colour that is not known. */
static bool take_colour(uint32_t *rgb, bool *any, const struct svg_tag *tag, const char *name, uint32_t current)
{
    const struct svg_text text = svg_attribute(tag, name);
    if (!text.at)
        return true;
    *any = !svg_text_is(text, "none");
    if (svg_text_is(text, "currentColor"))
        *rgb = current;
    else if (*any)
        return svg_colour(rgb, text);
    return true;
}

/* "translate(x,y)", with "scale(s)" or "rotate(degrees)" behind; numbers that are not there keep their values. */
static bool take_place(const struct svg_tag *tag, double *x, double *y, const char *then, double *value)
{
    const struct svg_text text = svg_attribute(tag, "transform");
    if (!text.at)
        return true;
    char *at;
    if (strncmp(text.at, "translate(", 10) != 0)
        return false;
    *x = strtod(text.at + 10, &at);
    if (*at != ',')
        return false;
    *y = strtod(at + 1, &at);
    if (*at != ')')
        return false;
    if (++at == text.at + text.n)
        return true;
    at += strspn(at, " ");
    const size_t n = strlen(then);
    if (strncmp(at, then, n) != 0)
        return false;
    *value = strtod(at + n, &at);
    return *at == ')' && at + 1 == text.at + text.n;
}

static bool begin_group(struct drawing *d, const struct svg_tag *tag)
{
    static const char names[] =
        "id fill color stroke stroke-width stroke-linecap stroke-linejoin transform font-family "
        "font-size text-anchor shape-rendering ";
    if (d->depth + 1 >= DEPTH || !svg_tag_has_only(tag, names))
        return false;
    struct style *s = &d->styles[d->depth + 1];
    *s = d->styles[d->depth++];
    bool any = true;
    double degrees = 0.0;
    const struct svg_text anchor = svg_attribute(tag, "text-anchor"), family = svg_attribute(tag, "font-family");
    if (anchor.at)
        s->text.align = svg_text_is(anchor, "middle") ? CANVAS_CENTRE
            : svg_text_is(anchor, "end")              ? CANVAS_RIGHT
                                                      : CANVAS_LEFT;
    s->text.size_px = svg_number(tag, "font-size", s->text.size_px);
    s->width = svg_number(tag, "stroke-width", s->width);
    s->crisp = s->crisp || svg_attribute(tag, "shape-rendering").at;
    const bool known = take_colour(&s->colour, &any, tag, "color", 0)
        && take_colour(&s->stroke, &s->stroked, tag, "stroke", s->colour)
        && take_colour(&s->fill, &any, tag, "fill", s->colour) && (!family.at || svg_text_is(family, "DejaVu Sans"))
        && take_place(tag, &s->text.x, &s->text.y, "rotate(", &degrees);
    s->text.turn_rad = degrees * M_PI / 180.0;
    s->text.rgb = s->fill;
    return known;
}

/* Points "x,y x,y", or a path of M, L and Z. */
static bool trace(struct drawing *d, struct svg_text text)
{
    const char *at = text.at, *end = at + text.n;
    double x = 0.0, y = 0.0, first_x = 0.0, first_y = 0.0;
    bool drawing = false;
    while (at < end) {
        if (strchr(" \t\r\n", *at)) {
            at++;
        } else if (*at == 'M' || *at == 'L') {
            drawing = *at++ == 'L';
        } else if (*at == 'Z') {
            canvas_to(d->canvas, first_x, first_y, true);
            at++;
        } else {
            char *rest;
            x = strtod(at, &rest);
            if (rest == at || *rest != ',')
                return false;
            at = rest + 1;
            y = strtod(at, &rest);
            if (rest == at)
                return false;
            at = rest;
            canvas_to(d->canvas, x, y, drawing);
            if (!drawing) {
                first_x = x;
                first_y = y;
            }
            drawing = true;
        }
    }
    return true;
}

static bool draw_path(struct drawing *d, const struct svg_tag *tag)
{
    const struct style *s = &d->styles[d->depth];
    struct canvas_paint paint = { .rgb = s->stroke, .alpha = 1.0, .width_px = s->width };
    bool any = s->stroked;
    const struct svg_text dashes = svg_attribute(tag, "stroke-dasharray"), points = svg_attribute(tag, "d");
    if (!svg_tag_has_only(tag, "stroke stroke-dasharray class d ") || !points.at
        || !take_colour(&paint.rgb, &any, tag, "stroke", s->colour) || !trace(d, points))
        return false;
    if (dashes.at) {
        char *at;
        paint.dash_px[0] = strtod(dashes.at, &at);
        paint.dash_px[1] = *at == ',' ? strtod(at + 1, &at) : 0.0;
        if (at != dashes.at + dashes.n)
            return false;
    }
    canvas_paint(d->canvas, &paint);
    return true;
}

static bool draw_polygon(struct drawing *d, const struct svg_tag *tag)
{
    const struct style *s = &d->styles[d->depth];
    struct canvas_paint paint = { .rgb = s->fill, .alpha = svg_number(tag, "fill-opacity", 1.0), .crisp = s->crisp };
    bool any = true;
    const struct svg_text points = svg_attribute(tag, "points");
    if (!svg_tag_has_only(tag, "fill fill-opacity points ") || !points.at || s->stroked
        || !take_colour(&paint.rgb, &any, tag, "fill", s->colour) || !trace(d, points))
        return false;
    canvas_paint(d->canvas, &paint);
    return true;
}

static bool draw_rectangle(struct drawing *d, const struct svg_tag *tag)
{
    const double box[4] = { svg_number(tag, "x", 0.0), svg_number(tag, "y", 0.0), svg_number(tag, "width", 0.0),
        svg_number(tag, "height", 0.0) };
    uint32_t rgb = 0;
    bool any = true;
    if (!svg_tag_has_only(tag, "x y width height fill ") || !take_colour(&rgb, &any, tag, "fill", 0) || !any)
        return false;
    canvas_box(d->canvas, box, rgb, 1.0);
    return true;
}

/* The marks that our scripts draw: a dot, a disc, a triangle. */
static bool draw_mark(struct drawing *d, const struct svg_tag *tag)
{
    static const double corners[3][2] = { { 0.0, -1.33 }, { -1.33, 0.67 }, { 1.33, 0.67 } };
    const struct svg_text what = svg_attribute(tag, "xlink:href");
    struct canvas_paint paint = { .alpha = 1.0 };
    double x = svg_number(tag, "x", 0.0), y = svg_number(tag, "y", 0.0), size = 0.75;
    bool any = true;
    if (!svg_tag_has_only(tag, "xlink:href x y transform color ")
        || !take_colour(&paint.rgb, &any, tag, "color", d->styles[d->depth].colour)
        || !take_place(tag, &x, &y, "scale(", &size))
        return false;
    if (svg_text_is(what, "#gpDot") || svg_text_is(what, "#gpPt6"))
        for (int i = 0; i <= 24; i++)
            canvas_to(d->canvas, x + size * cos(i * M_PI / 12.0), y + size * sin(i * M_PI / 12.0), i > 0);
    else if (svg_text_is(what, "#gpPt8"))
        for (int i = 0; i < 3; i++)
            canvas_to(d->canvas, x + size * corners[i][0], y + size * corners[i][1], i > 0);
    else
        return false;
    canvas_paint(d->canvas, &paint);
    return true;
}

/* `out` may hold three quarters of the letters. The number of bytes. */
static size_t from_base64(unsigned char *out, struct svg_text text)
{
    uint32_t bits = 0;
    int n_bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.at[i];
        const int v = c >= 'A' && c <= 'Z' ? c - 'A'
            : c >= 'a' && c <= 'z'         ? c - 'a' + 26
            : c >= '0' && c <= '9'         ? c - '0' + 52
            : c == '+'                     ? 62
            : c == '/'                     ? 63
                                           : -1;
        if (v < 0)
            continue;
        bits = bits << 6 | (uint32_t)v;
        n_bits += 6;
        if (n_bits >= 8)
            out[n++] = (unsigned char)(bits >> (n_bits -= 8) & 255);
    }
    return n;
}

static bool draw_image(struct drawing *d, const struct svg_tag *tag)
{
    static const char start[] = "data:image/png;base64,";
    struct svg_text text = svg_attribute(tag, "xlink:href");
    const double box[4] = { svg_number(tag, "x", 0.0), svg_number(tag, "y", 0.0), svg_number(tag, "width", 0.0),
        svg_number(tag, "height", 0.0) };
    if (!svg_tag_has_only(tag, "x y width height preserveAspectRatio xlink:href ") || !text.at
        || strncmp(text.at, start, sizeof start - 1) != 0)
        return false;
    text.at += sizeof start - 1;
    text.n -= sizeof start - 1;
    unsigned char *bytes = malloc(text.n / 4 * 3 + 3);
    if (bytes)
        canvas_png(d->canvas, bytes, from_base64(bytes, text), box);
    free(bytes);
    return bytes != NULL;
}

static size_t put_letters(char *out, size_t n, struct svg_text text)
{
    static const char *const escapes[][2] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" } };
    for (size_t i = 0; i < text.n && n + 1 < LETTERS; n++) {
        out[n] = text.at[i++];
        for (size_t k = 0; out[n] == '&' && k < sizeof escapes / sizeof *escapes; k++)
            if (strncmp(text.at + i - 1, escapes[k][0], strlen(escapes[k][0])) == 0) {
                out[n] = *escapes[k][1];
                i += strlen(escapes[k][0]) - 1;
                break;
            }
    }
    out[n] = '\0';
    return n;
}

/* Of <text>, plain or in plain <tspan>s; `tag` becomes its end. */
static bool draw_text(struct drawing *d, struct svg_tag *tag)
{
    char letters[LETTERS] = "";
    size_t n = 0;
    bool known = svg_tag_has_only(tag, "xml:space ");
    while (known && !svg_text_is(tag->name, "/text")) {
        const char *from = tag->end;
        if (!svg_tag_find(tag, from))
            return false;
        n = put_letters(letters, n, (struct svg_text){ from, (size_t)(tag->name.at - 1 - from) });
        const struct svg_text family = svg_attribute(tag, "font-family");
        const bool begins = svg_text_is(tag->name, "tspan") && svg_tag_has_only(tag, "font-family xml:space ")
            && (!family.at || svg_text_is(family, "DejaVu Sans"));
        known = n + 1 < LETTERS && (begins || svg_text_is(tag->name, "/text") || svg_text_is(tag->name, "/tspan"));
    }
    if (known)
        canvas_print(d->canvas, &d->styles[d->depth].text, letters);
    return known;
}

/* Words that are not drawn. */
static bool skip(struct svg_tag *tag, const char *end)
{
    while (!svg_text_is(tag->name, end))
        if (!svg_tag_find(tag, tag->end))
            return false;
    return true;
}

static bool draw_tag(struct drawing *d, struct svg_tag *tag)
{
    static const struct {
        const char *name;
        bool (*draw)(struct drawing *d, const struct svg_tag *tag);
    } shapes[] = { { "g", begin_group }, { "path", draw_path }, { "polygon", draw_polygon }, { "rect", draw_rectangle },
        { "use", draw_mark }, { "image", draw_image } };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (svg_text_is(tag->name, shapes[i].name))
            return shapes[i].draw(d, tag);
    if (svg_text_is(tag->name, "/g"))
        return d->depth-- > 0;
    if (svg_text_is(tag->name, "text"))
        return draw_text(d, tag);
    if (svg_text_is(tag->name, "defs"))
        return skip(tag, "/defs");
    return svg_text_is(tag->name, "title") || svg_text_is(tag->name, "/title") || svg_text_is(tag->name, "desc")
        || svg_text_is(tag->name, "/desc") || svg_text_is(tag->name, "/svg") || *tag->name.at == '?';
}

static enum lct_status draw(
    struct lct_picture *picture, const char *text, const char *path, double zoom, struct lct_err *err)
{
    struct drawing d = { 0 };
    enum lct_status status = canvas_create(&d.canvas, picture->xrgb, picture->width, picture->height, err);
    if (status != LCT_OK)
        return status;
    canvas_scale(d.canvas, zoom);
    struct svg_tag tag = { 0 };
    for (const char *at = text; status == LCT_OK && svg_tag_find(&tag, at); at = tag.end)
        if (!svg_text_is(tag.name, "svg") && !draw_tag(&d, &tag))
            status = lct_fail(err, LCT_E_NODATA, "%s: <%.*s> has what only gnuplot can draw; run its script", path,
                (int)tag.name.n, tag.name.at);
    if (status == LCT_OK && !canvas_is_good(d.canvas))
        status = lct_fail(err, LCT_E_NODATA, "%s: has letters that only gnuplot can draw; run its script", path);
    const enum lct_status finished = canvas_finish(&d.canvas, err);
    return status != LCT_OK ? status : finished;
}

/* Sides of the picture, from the first tag. false: there is no such tag. */
static bool find_size(double side[2], const char *text)
{
    struct svg_tag tag;
    for (const char *at = text; svg_tag_find(&tag, at); at = tag.end)
        if (svg_text_is(tag.name, "svg")) {
            const struct svg_text box = svg_attribute(&tag, "viewBox");
            char *rest;
            if (!box.at || strncmp(box.at, "0 0 ", 4) != 0)
                return false;
            side[0] = strtod(box.at + 4, &rest);
            side[1] = strtod(rest, NULL);
            return side[0] >= 1.0 && side[1] >= 1.0 && side[0] <= 1e4 && side[1] <= 1e4;
        }
    return false;
}

enum lct_status svg_picture_draw(struct lct_picture *out, const char *path, int width, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0;
    double side[2] = { 0.0, 0.0 };
    enum lct_status status = lct_file_read(&text, &n, path, MAX_BYTES, err);
    if (status != LCT_OK)
        return status;
    struct lct_picture picture = { 0 };
    if (!find_size(side, text))
        status = lct_fail(err, LCT_E_NODATA, "%s: its size is not known; run its script with gnuplot", path);
    else
        status = lct_picture_init(&picture, width, (int)lround(side[1] * width / side[0]), err);
    if (status == LCT_OK)
        status = draw(&picture, text, path, width / side[0], err);
    free(text);
    if (status == LCT_OK)
        *out = picture;
    else
        lct_picture_finish(&picture);
    return status;
}
