/* Protects: the areas plot is a script that gnuplot takes for any number of particles, with and without a scale. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/plot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(plot, .init = folder_make, .fini = folder_remove);

static const char *in_dir(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_table(int n_frames, int n_particles, int with_nm, int with_time)
{
    FILE *file = fopen(in_dir("areas.csv"), "w");
    fputs("frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,total_area_nm2,"
          "total_area_sd_nm2,x_nm,y_nm,core_area_px,shell_area_px,cx_px,cy_px,parent,flags\n",
        file);
    for (int k = 0; k < n_frames; k++)
        for (int p = 1; p <= n_particles; p++) {
            fprintf(file, "%d,", k);
            if (with_time)
                fprintf(file, "%g", k * 0.2);
            fprintf(file, ",%d,", p);
            if (with_nm)
                fprintf(file, "%d,1,%d,2,%d,2.5,1,1,", 200 + k * p, 100 + k, 300 + k * p);
            else
                fputs(",,,,,,,,", file);
            fprintf(file, "%d,%d,5,5,,\n", 20000 + k, 9000 + p);
        }
    fclose(file);
}

static long size_of(const char *name)
{
    struct stat info;
    return stat(in_dir(name), &info) == 0 ? (long)info.st_size : -1;
}

Test(plot, draws_any_number_of_particles)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("no gnuplot");
    static const int rows[][4] = { { 5, 1, 1, 1 }, { 5, 2, 0, 1 }, { 4, 25, 1, 1 }, { 1, 1, 1, 1 }, { 5, 2, 1, 0 },
        { 1, 1, 0, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_err err = { 0 };
        write_table(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
        const struct lct_plot_params params = { .title = "it's a_test", .has_pixel_size = rows[i][2] };
        cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_OK), "row %zu: %s", i, err.text);
        cr_assert(eq(int, lct_plot_draw(folder, NULL, 1, &err), LCT_OK), "row %zu: %s", i, err.text);
        cr_assert(size_of("plots/areas.png") > 2000 && size_of("plots/areas.svg") > 2000);
        cr_assert(size_of("plots/areas.png.part") < 0);
        cr_assert(unlink(in_dir("plots/areas.png")) == 0);
    }
}

Test(plot, without_gnuplot_the_script_is_there)
{
    struct lct_err err = { 0 };
    write_table(3, 2, 1, 1);
    const struct lct_plot_params params = { .has_pixel_size = true };
    cr_assert(eq(int, lct_plot_draw(folder, "no-such-program", 1, &err), LCT_OK)); /* nothing to draw yet */
    cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_OK));
    cr_assert(eq(int, lct_plot_draw(folder, "no-such-program", 1, &err), LCT_E_NODATA));
    cr_assert(strstr(err.text, "gnuplot-nox") != NULL, "%s", err.text);
    cr_assert(size_of("plots/areas.gp") > 500);
}

Test(plot, refuses_with_a_remedy)
{
    struct lct_err err = { 0 };
    const struct lct_plot_params params = { .has_pixel_size = true };
    cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_E_INPUT));
    cr_assert(strstr(err.text, "lctem analyze") != NULL);
    write_table(0, 0, 1, 1);
    cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_E_NODATA));
    write_table(3, 1, 1, 1);
    FILE *file = fopen(in_dir("plots"), "w"); /* a file is in the way of the folder */
    fclose(file);
    cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "plots") && strstr(err.text, "folder"), "%s", err.text);
    cr_assert(unlink(in_dir("plots")) == 0);
    cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_OK));
    cr_assert(eq(int, lct_plot_draw(folder, "false", 1, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "areas.gp") != NULL, "%s", err.text);
}

/* A script of the user's in the same folder is not run, and one that fails does not stop the others. */
Test(plot, draws_its_own_scripts_whatever_becomes_of_another)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("no gnuplot");
    struct lct_err err = { 0 };
    const struct lct_plot_params params = { .has_pixel_size = true };
    write_table(3, 1, 1, 1);
    cr_assert(eq(int, lct_plot_areas(folder, &params, &err), LCT_OK));
    FILE *file = fopen(in_dir("plots/a_mine.gp"), "w");
    fputs("this is no gnuplot\n", file);
    fclose(file);
    cr_assert(eq(int, lct_plot_draw(folder, NULL, 2, &err), LCT_OK), "%s", err.text);
    file = fopen(in_dir("plots/a_broken.gp"), "w");
    fputs("# Make the pictures again, in this folder, with: gnuplot a_broken.gp\nthis is no gnuplot\n", file);
    fclose(file);
    cr_assert(unlink(in_dir("plots/areas.png")) == 0);
    cr_assert(eq(int, lct_plot_draw(folder, NULL, 1, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "a_broken.gp") != NULL, "%s", err.text);
    cr_assert(size_of("plots/areas.png") > 2000);
}

/* One process draws several scripts: what one of them sets is not there in the next. */
Test(plot, a_script_leaves_nothing_to_the_next)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("no gnuplot");
    cr_assert(eq(int, mkdir(in_dir("plots"), 0755), 0));
    static const char *const names[] = { "a", "b", "c" };
    for (size_t i = 0; i < 3; i++) {
        char path[32];
        snprintf(path, sizeof path, "plots/%s.gp", names[i]);
        FILE *file = fopen(in_dir(path), "w");
        fprintf(file,
            "# Make the pictures again, in this folder, with: gnuplot %s.gp\n"
            "if (exists('seen')) { set title 'found' }\nseen = 1\nset xlabel exists('part') ? 'parted' : 'whole'\n"
            "set terminal svg\nset output '%s.svg.part'\nplot x\nset output '%s.png.part'\nplot x\nunset output\n"
            "set title 'found'\n",
            names[i], names[i], names[i]);
        fclose(file);
    }
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_plot_draw(folder, NULL, 1, &err), LCT_OK), "%s", err.text);
    cr_assert(size_of("plots/a.svg") > 0 && size_of("plots/b.png") > 0 && size_of("plots/c.svg") > 0);
    char command[256];
    snprintf(
        command, sizeof command, "grep -q parted %s/plots/c.svg && ! grep -q found %s/plots/?.svg", folder, folder);
    cr_assert(eq(int, system(command), 0));
}
