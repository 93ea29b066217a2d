/* Protects: curves whose rows alternate in a table are drawn whole, whatever their number, and end where nothing was measured: at an
 * empty cell, and where frames are missing. A value without neighbours is drawn as a point. */
#include "folder.h"

#include <criterion/criterion.h>
#include <lctem/file.h>
#include <lctem/plot.h>
#include <lctem/plot_chemistry.h>
#include <lctem/plot_cracks.h>
#include <lctem/plot_tables.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 12, NOBODY = 8, MOST = 3 };

/* In frame 8 nobody has a row. 1: an empty cell in frame 5; 2: no row in 3 and 4; 3: a value in 2, 6 and 7 only. So many pieces of
 * line have each: */
static const int pieces[MOST] = { 4 + 1 + 2, 2 + 2 + 2, 1 };

static bool has_row(int particle, int frame)
{
    return frame != NOBODY && !(particle == 2 && (frame == 3 || frame == 4));
}

static bool has_value(int particle, int frame)
{
    return has_row(particle, frame) && !(particle == 1 && frame == 5)
        && !(particle == 3 && frame != 2 && frame != 6 && frame != 7);
}

TestSuite(plot_gaps, .init = folder_make, .fini = folder_remove);

static FILE *table(const char *name, const char *header)
{
    char *path = lct_file_join(folder, name);
    FILE *f = fopen(path, "w");
    free(path);
    fprintf(f, "%s\n", header);
    return f;
}

static void put_frames(void)
{
    FILE *f = table("frames.csv", "frame,time_s,mean");
    for (int k = 0; k < FRAMES; k++)
        fprintf(f, "%d,%g,1\n", 10 + 2 * k, 0.5 * k); /* every second frame of a movie, from the tenth on */
    fclose(f);
}

/* `columns`: behind frame, time and particle; of the `facets` of each particle in turn. */
static void put_table(const char *name, const char *columns, int particles, int facets)
{
    char header[256];
    snprintf(header, sizeof header, "frame,time_s,particle,%s", columns);
    FILE *f = table(name, header);
    for (int k = 0; k < FRAMES; k++)
        for (int p = 1; p <= particles; p++)
            for (int i = 0; i < facets && has_row(p, k); i++) {
                fprintf(f, "%d,%g,%d", 10 + 2 * k, 0.5 * k, p);
                if (facets > 1)
                    fprintf(f, ",%d", i);
                fputs(has_value(p, k) ? ",3,0.1,3,0.1\n" : ",,,,\n", f);
            }
    fclose(f);
}

static char *picture(const char *name)
{
    struct lct_err err = { 0 };
    const enum lct_status status = lct_plot_draw(folder, NULL, 1, &err);
    if (status == LCT_E_NODATA)
        cr_skip_test("no gnuplot here");
    cr_assert_eq(status, LCT_OK, "%s", err.text);
    char *path = lct_file_join(folder, name), *text = NULL;
    size_t n;
    cr_assert_eq(lct_file_read(&text, &n, path, 1u << 20, &err), LCT_OK, "%s", err.text);
    free(path);
    return text;
}

/* Pieces of line of the n-th curve of this title, without the one in the key. */
static int pieces_of(const char *svg, const char *title, int n)
{
    char mark[64];
    snprintf(mark, sizeof mark, "<title>%s</title>", title);
    const char *at = strstr(svg, mark);
    while (n-- > 0 && at)
        at = strstr(at + 1, mark);
    cr_assert(at, "no curve %s", title);
    const char *end = strstr(at, "<g id=");
    int found = -1;
    for (const char *path = at; (path = strstr(path, " d='")) && (!end || path < end);)
        for (path += 4; *path != '\''; path++)
            found += *path == 'L';
    return found;
}

/* Points that stand alone: all others are in lines. */
static int points_in(const char *svg)
{
    int found = 0;
    for (const char *at = svg; (at = strstr(at, "<use xlink:href='#gpPt6' transform='translate"));)
        found += at++ != NULL;
    return found;
}

static void check_particles(const char *name, int particles)
{
    char *svg = picture(name), title[32];
    for (int p = 1; p <= particles; p++) {
        snprintf(title, sizeof title, "particle %d", p);
        const int found = pieces_of(svg, title, 0);
        cr_assert_eq(found, pieces[p - 1], "%s, %d particles: %s in %d pieces", name, particles, title, found);
    }
    free(svg);
}

Test(plot_gaps, areas)
{
    put_frames();
    for (int n = 1; n <= MOST; n++) {
        put_table("areas.csv", "core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2", n, 1);
        const struct lct_plot_params params = { .has_pixel_size = true };
        cr_assert_eq(lct_plot_areas(folder, &params, NULL), LCT_OK);
        check_particles("plots/areas.svg", n);
    }
    char *svg = picture("plots/areas.svg");
    cr_assert_eq(points_in(svg), 2, "core and shell of 3 in frame 2");
    free(svg);
}

Test(plot_gaps, moire)
{
    put_frames();
    for (int n = 1; n <= MOST; n++) {
        put_table("moire.csv", "moire_nm,moire_sd_nm,moire_eq4_nm,other", n, 1);
        cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
        check_particles("plots/moire.svg", n);
    }
    char *svg = picture("plots/moire.svg");
    cr_assert_eq(points_in(svg), 2, "measured, and equation (4), of 3 in frame 2");
    free(svg);
}

Test(plot_gaps, facets_and_shell)
{
    put_frames();
    for (int n = 1; n <= MOST; n++) {
        put_table("facets.csv", "facet,height_change_nm,height_sd_nm,shell_thickness_nm,shell_thickness_sd_nm", n, 2);
        cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
        static const char *const names[] = { "plots/facets.svg", "plots/shell.svg" };
        for (int k = 0; k < 2; k++) {
            char *svg = picture(names[k]);
            for (int p = 0; p < n; p++)
                for (int i = 0; i < 2; i++) {
                    const int found = pieces_of(svg, i ? "facet 1" : "facet 0", p);
                    cr_assert_eq(found, pieces[p], "%s, %d particles: facet %d of %d in %d pieces", names[k], n, i,
                        p + 1, found);
                }
            free(svg);
        }
    }
}

Test(plot_gaps, drift)
{
    put_frames();
    FILE *f = table("drift.csv", "frame,time_s,dx_px,dy_px,sd_px");
    for (int k = 0; k < FRAMES; k++)
        if (has_row(1, k))
            fprintf(f, "%d,%g,%s,2,0.1\n", 10 + 2 * k, 0.5 * k, has_value(1, k) ? "1" : "");
    fclose(f);
    cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
    char *svg = picture("plots/drift.svg");
    cr_assert_eq(pieces_of(svg, "to the right", 0), pieces[0]);
    cr_assert_eq(pieces_of(svg, "down", 0), 7 + 2, "its cell in frame 5 is not empty");
    free(svg);
}

/* Rows of both anchors alternate. */
Test(plot_gaps, concentration)
{
    put_frames();
    FILE *f = table("concentration.csv",
        "frame,time_s,cd_mol_per_l,cd_sd_mol_per_l,cl_mol_per_l,cl_sd_mol_per_l,charge_residual_mol_per_l,anchor,"
        "charge_residual_sd_mol_per_l");
    for (int k = 0; k < FRAMES; k++)
        for (int a = 1; a <= 2; a++)
            if (has_row(a, k))
                fprintf(f, "%d,%g,%s,%s,1\n", 10 + 2 * k, 0.5 * k, has_value(a, k) ? "3,0.1,3,0.1,3" : ",,,,",
                    a == 1 ? "saturation" : "feed");
    fclose(f);
    f = table("stages.csv", "stage,start_s,end_s,label");
    fputs("1,0,2.2,I\n2,2.2,5.5,II\n", f);
    fclose(f);
    const struct lct_plot_ions ions = { "Cd(II)", "Cl", 2.0 };
    cr_assert_eq(lct_plot_concentration(folder, &ions, NULL), LCT_OK);
    char *svg = picture("plots/concentration.svg");
    for (int a = 0; a < 2; a++) {
        cr_assert_eq(pieces_of(svg, "Cd(II)", a), pieces[a]);
        cr_assert_eq(pieces_of(svg, "Cl", a), pieces[a]);
    }
    cr_assert_eq(pieces_of(svg, "2 Cd(II) - Cl", 0), pieces[1]);
    free(svg);
}

/* The time axis is the movie's, and no white box of gnuplot's lies over the bars. */
Test(plot_gaps, cracks)
{
    put_frames();
    FILE *f = table("cracks.csv", "frame,time_s,particle,facet,position_frac,width_nm,width_sd_nm,crack");
    for (int k = 4; k < 8; k++)
        for (int p = 1; p <= 2; p++)
            fprintf(f, "%d,%g,%d,%d,0.2,1,0.1,1\n", 10 + 2 * k, 0.5 * k, p, p);
    fclose(f);
    cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
    char *svg = picture("plots/cracks.svg");
    cr_assert(
        strstr(svg, ">1/1<") && !strstr(svg, ">1/-<") && strstr(svg, ">2/2<"), "a lane for each facet with a gap");
    cr_assert_eq(points_in(svg), 8 + 2 * 8 + 2, "where, how wide with what lies behind it, and the key");
    free(svg);
    char *path = lct_file_join(folder, "plots/cracks.gp"), *text = NULL;
    size_t n;
    cr_assert_eq(lct_file_read(&text, &n, path, 1u << 20, NULL), LCT_OK);
    cr_assert(strstr(text, "begin = 0; end = 5.5\n") && strstr(text, "set pointintervalbox 0.001"));
    free(text);
    free(path);
    f = table("cracks.csv", "frame,time_s,particle,facet,position_frac,width_nm,width_sd_nm,crack");
    fputs("16,1.5,1,,,1,0.1,1\n", f);
    fclose(f);
    svg = picture("plots/cracks.svg");
    cr_assert(strstr(svg, ">1/-<"), "over no facet");
    free(svg);
}

/* Lives end where the cracks healed, not at the frame; one that did not heal says so; cracks are counted in whole numbers. */
Test(plot_gaps, crack_lives)
{
    put_frames();
    FILE *f =
        table("crack_lives.csv", "crack,particle,facet,opened_s,healed_s,position_frac,from_s,to_s,began_s,began_sd_s");
    fputs("1,1,0,1,2,-0.3,1,2,0.7,0.1\n2,1,3,1.5,4,1,1.5,4,1.2,0.1\n3,2,5,3,3.5,,3,3.5,,\n", f);
    fclose(f);
    f = table("onsets.csv", "particle,facet,onset_s,onset_sd_s,kind");
    fputs("1,0,1.1,0.2,growth\n1,1,2,0.1,etching\n", f);
    fclose(f);
    cr_assert_eq(lct_plot_cracks(folder, NULL), LCT_OK);
    char *svg = picture("plots/crack_lives.svg");
    cr_assert(strstr(svg, "<title>particle 2<") && !strstr(svg, "open at the end"));
    free(svg);
    f = table("crack_lives.csv", "crack,particle,facet,opened_s,healed_s,position_frac,from_s,to_s,began_s,began_sd_s");
    fputs("1,1,0,1,2,-0.3,1,2,,\n2,1,3,1.5,,1,1.5,5.5,,\n", f);
    fclose(f);
    svg = picture("plots/crack_lives.svg");
    cr_assert(strstr(svg, "<title>open at the end<"));
    free(svg);
    char *path = lct_file_join(folder, "plots/crack_lives.gp"), *text = NULL;
    size_t n;
    cr_assert_eq(lct_file_read(&text, &n, path, 1u << 20, NULL), LCT_OK);
    cr_assert(strstr(text, "begin = 0; end = 5.5\n"), "the movie's, not that of the cracks");
    free(text);
    free(path);
}

/* As onsets of growth are timed against it; otherwise growth seems to come before the crack. */
Test(plot_gaps, cracks_begin_without_width)
{
    static const char *const rows[] = { "1,1,0,1,2,-0.3,1,2,0.7,\n", "1,1,0,1,2,-0.3,0.7,2,,\n",
        "1,1,0,1,2,-0.3,1,2,,\n" };
    char *svg[3];
    put_frames();
    FILE *f = table("onsets.csv", "particle,facet,onset_s,onset_sd_s,kind");
    fputs("1,0,1.1,0.2,growth\n", f);
    fclose(f);
    for (int i = 0; i < 3; i++) {
        f = table(
            "crack_lives.csv", "crack,particle,facet,opened_s,healed_s,position_frac,from_s,to_s,began_s,began_sd_s");
        fputs(rows[i], f);
        fclose(f);
        cr_assert_eq(lct_plot_cracks(folder, NULL), LCT_OK);
        svg[i] = picture("plots/crack_lives.svg");
    }
    cr_assert(strcmp(svg[0], svg[1]) == 0, "a bar begins where its crack was of no width");
    cr_assert(strcmp(svg[0], svg[2]) != 0, "and only without that where it was seen open");
    for (int i = 0; i < 3; i++)
        free(svg[i]);
}

/* Particles without any number have no panel, and are not said to be left out. */
Test(plot_gaps, only_those_measured)
{
    put_frames();
    FILE *f = table("facets.csv",
        "frame,time_s,particle,facet,height_change_nm,height_sd_nm,shell_thickness_nm,shell_thickness_sd_nm");
    for (int k = 0; k < FRAMES; k++)
        for (int p = 1; p <= 7; p++)
            fprintf(f, "%d,%g,%d,0,3,0.1,%s\n", 10 + 2 * k, 0.5 * k, p, p == 6 ? "2,0.1" : ",");
    fclose(f);
    cr_assert_eq(lct_plot_tables(folder, NULL), LCT_OK);
    char *svg = picture("plots/shell.svg");
    cr_assert(strstr(svg, "Particle 6:") && !strstr(svg, "Particle 1:") && !strstr(svg, "in the table")
        && strstr(svg, "Time (s)"));
    free(svg);
    svg = picture("plots/facets.svg");
    cr_assert(
        strstr(svg, "Particle 4:") && !strstr(svg, "Particle 5:") && strstr(svg, "3 more particles are in the table"));
    free(svg);
}
