/* Protects: what gnuplot's SVG shows is where it belongs in the pixels, and what is not known is refused, so that gnuplot draws it. */
#include "../../src/report/svg_picture.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/plot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(svg_picture, .init = folder_make, .fini = folder_remove);

#define HEAD                                                                                                           \
    "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 100 50\"\n>\n<title>Gnuplot</title><desc>a b</desc>\n"             \
    "<g id=\"gnuplot_canvas\">\n<rect x=\"0\" y=\"0\" width=\"100\" height=\"50\" fill=\"#ffffff\"/>\n"                \
    "<defs><circle id='gpPt5' r='1'/></defs>\n"
#define TAIL "</g></svg>\n"

static enum lct_status draw(struct lct_picture *out, const char *shapes, struct lct_err *err)
{
    char *path = lct_file_join(folder, "a.svg");
    FILE *f = fopen(path, "w");
    fprintf(f, "%s%s%s", HEAD, shapes, TAIL);
    fclose(f);
    const enum lct_status status = svg_picture_draw(out, path, 200, err);
    free(path);
    return status;
}

static unsigned at(const struct lct_picture *picture, int x, int y)
{
    return picture->xrgb[(size_t)y * (size_t)picture->width + (size_t)x] & 0xFFFFFF;
}

/* Twice as large as in the file; far enough from the edges that smoothing does not matter. */
Test(svg_picture, shapes_are_where_they_belong)
{
    static const struct {
        const char *shape;
        int x, y;
        unsigned rgb;
    } rows[] = {
        { "", 100, 50, 0xFFFFFF },
        { "<g fill=\"none\" stroke='none'><polygon fill = 'rgb(  0, 158, 115)' points = '10,10 30,10 30,\n30 10,30 "
          "'/></g>",
            40, 40, 0x009E73 },
        { "<g stroke='none'><polygon fill = 'rgb(  0, 158, 115)' points = '10,10 30,10 30,30 10,30 '/></g>", 70, 40,
            0xFFFFFF },
        { "<g stroke='none'><polygon fill = 'rgb(255, 0, 0)' fill-opacity = '0.5' points = '10,10 30,10 30,30 10,30 "
          "'/></g>",
            40, 40, 0xFF7F7F }, /* half of red on white; 7F or 80 */
        { "<g stroke=\"black\" stroke-width=\"4.00\"><path class=\"gridline\" d='M10,20 L90,20 M0,45 L1,45'/></g>", 100,
            40, 0 },
        { "<g color=\"#123456\" stroke=\"currentColor\" stroke-width=\"4.00\"><path d='M10,10 L90,10 L90,40 L10,40 "
          "Z'/></g>",
            20, 50, 0x123456 }, /* the side that closes it */
        { "<g stroke=\"black\" stroke-width=\"4\"><path stroke='rgb(1, 2, 3)' stroke-dasharray='10,10'  d='M0,20 "
          "L90,20'/></g>",
            30, 40, 0xFFFFFF }, /* between two dashes */
        { "<use xlink:href='#gpPt6' transform='translate(50.0,25.0) scale(5.0)' color='rgb( 0,   0, 255)'/>", 108, 50,
            0x0000FF },
        { "<use xlink:href='#gpPt6' transform='translate(50.0,25.0) scale(5.0)' color='rgb( 0,   0, 255)'/>", 108, 42,
            0xFFFFFF }, /* a disc, not a square */
        { "<use xlink:href='#gpPt8' transform='translate(50.0,25.0) scale(5.0)' color='black'/>", 100, 50, 0 },
        { "<use xlink:href='#gpPt8' transform='translate(50.0,25.0) scale(5.0)' color='black'/>", 108, 40, 0xFFFFFF },
        { "<g stroke='none' color=\"black\"><g stroke=\"black\"></g></g>", 100, 50, 0xFFFFFF },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_err err = { 0 };
        struct lct_picture p = { 0 };
        cr_assert(eq(int, draw(&p, rows[i].shape, &err), LCT_OK), "row %zu: %s", i, err.text);
        cr_assert(p.width == 200 && p.height == 100);
        const unsigned found = at(&p, rows[i].x, rows[i].y);
        for (int shift = 0; shift < 24; shift += 8)
            cr_assert(
                abs((int)(found >> shift & 255) - (int)(rows[i].rgb >> shift & 255)) <= 1, "row %zu: %06x", i, found);
        lct_picture_finish(&p);
    }
}

/* Columns of the picture with ink, and rows. */
static void find_ink(const struct lct_picture *p, int x[2], int y[2])
{
    x[0] = p->width;
    y[0] = p->height;
    x[1] = y[1] = -1;
    for (int row = 0; row < p->height; row++)
        for (int column = 0; column < p->width; column++)
            if (at(p, column, row) != 0xFFFFFF) {
                x[0] = column < x[0] ? column : x[0];
                x[1] = column > x[1] ? column : x[1];
                y[0] = row < y[0] ? row : y[0];
                y[1] = row > y[1] ? row : y[1];
            }
}

Test(svg_picture, text_is_anchored_and_turned)
{
    static const char *const places[] = { "translate(50,30)\" text-anchor=\"start",
        "translate(50,30)\" text-anchor=\"end", "translate(50,30) rotate(-90.00)\" text-anchor=\"middle" };
    int x[3][2], y[3][2];
    for (int i = 0; i < 3; i++) {
        char shape[256];
        struct lct_err err = { 0 };
        struct lct_picture p = { 0 };
        snprintf(shape, sizeof shape,
            "<g transform=\"%s\" stroke=\"none\" fill=\"black\" font-family=\"DejaVu Sans\" font-size=\"10.00\">\n"
            "<text><tspan font-family=\"DejaVu Sans\" >a &lt; b &amp; c</tspan></text></g>",
            places[i]);
        cr_assert(eq(int, draw(&p, shape, &err), LCT_OK), "%s", err.text);
        find_ink(&p, x[i], y[i]);
        lct_picture_finish(&p);
    }
    cr_assert(x[0][0] >= 99 && x[0][1] > 120 && y[0][1] <= 62); /* to the right of its place, on the line */
    cr_assert(x[1][1] <= 101 && x[1][0] < 80);
    cr_assert(y[2][1] - y[2][0] > x[2][1] - x[2][0]); /* upright */
    cr_assert(abs((y[2][0] + y[2][1]) / 2 - 60) <= 4 && x[2][1] <= 104);
}

Test(svg_picture, refuses_what_it_does_not_know)
{
    static const char *const rows[] = { "<ellipse rx='1'/>", "<use xlink:href='#gpPt13' color='black'/>",
        "<path d='M0,0 C1,1 2,2 3,3'/>", "<path d='M0,0 L1'/>", "<path stroke='gold' d='M0,0 L1,1'/>",
        "<path opacity='0.5' d='M0,0 L1,1'/>", "<polygon fill = 'url(#a)' points = '1,1 2,2'/>",
        "<g transform=\"matrix(1,0,0,1,0,0)\"></g>", "<g clip-path=\"url(#a)\"></g>", "</g></g></g>",
        "<text><tspan dy='-3px'>2</tspan></text>", "<text>never ends", "<g font-size=\"9\"><text>no UTF-8: \xE9</text></g>",
        "<image xlink:href='data:image/jpeg;base64,AA'/>", "<g font-family=\"Symbol\"></g>" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_err err = { 0 };
        struct lct_picture p = { .width = 7 };
        cr_assert(eq(int, draw(&p, rows[i], &err), LCT_E_NODATA), "row %zu", i);
        cr_assert(strstr(err.text, "a.svg") && strstr(err.text, "gnuplot"), "%s", err.text);
        cr_assert(eq(int, p.width, 7));
    }
}

/* Of a script whose SVG is not known, gnuplot makes the PNG. */
Test(svg_picture, gnuplot_draws_what_is_not_known)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("no gnuplot");
    char *plots = lct_file_join(folder, "plots"), *path = lct_file_join(plots, "a.gp");
    cr_assert(eq(int, mkdir(plots, 0755), 0));
    FILE *f = fopen(path, "w");
    fputs("# Make the pictures again, in this folder, with: gnuplot a.gp\nset terminal svg font 'DejaVu Sans'\n"
          "set output 'a.svg'.part\nplot x title 'm^2'\n"
          "if (kinds == 2) { set terminal pngcairo; set output 'a.png'.part; replot }\nunset output\n",
        f);
    fclose(f);
    free(path);
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_plot_draw(folder, NULL, 1, &err), LCT_OK), "%s", err.text);
    struct stat st;
    path = lct_file_join(plots, "a.png");
    cr_assert(stat(path, &st) == 0 && st.st_size > 2000);
    free(path);
    free(plots);
}
