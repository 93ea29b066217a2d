/* Protects: the table of settings is sound (no name, letter or field twice), and settings that contradict are refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/recipe.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(recipe, names_letters_and_fields_are_unique)
{
    const struct lct_option_table *table = lct_recipe_options();
    for (size_t i = 0; i < table->n; i++) {
        const struct lct_option *a = &table->rows[i];
        cr_assert(a->help && a->help[0] && a->commands, "%s", a->key);
        for (size_t j = 0; j < i; j++) {
            const struct lct_option *b = &table->rows[j];
            cr_assert(strcmp(a->key, b->key) != 0, "%s", a->key);
            cr_assert(a->letter == 0 || a->letter != b->letter, "%s, %s", a->key, b->key);
            cr_assert(a->offset != b->offset, "%s, %s", a->key, b->key);
        }
    }
}

static struct lct_options filled(struct lct_recipe *recipe, const char *const *pairs)
{
    struct lct_options options;
    cr_assert(eq(int, lct_recipe_init(&options, recipe, LCT_CMD_ANALYZE, NULL), LCT_OK));
    for (; *pairs; pairs += 2)
        cr_assert(eq(int, lct_options_set(&options, pairs[0], pairs[1], LCT_ORIGIN_USER, NULL), LCT_OK));
    return options;
}

Test(recipe, fps_is_another_way_to_give_the_frame_time)
{
    struct lct_recipe recipe;
    struct lct_options options = filled(&recipe, (const char *const[]){ "fps", "25", NULL });
    cr_assert(eq(int, lct_recipe_check(&recipe, NULL), LCT_OK));
    cr_assert(eq(dbl, recipe.frame_time_s, 0.04));
    lct_options_finish(&options);
}

Test(recipe, contradictions_are_refused)
{
    static const char *const cases[][5] = { { "fps", "25", "frame_time", "0.04", NULL },
        { "resume", "yes", "force", "yes", NULL } };
    for (size_t i = 0; i < 2; i++) {
        struct lct_recipe recipe;
        struct lct_options options = filled(&recipe, cases[i]);
        cr_assert(eq(int, lct_recipe_check(&recipe, NULL), LCT_E_ARG));
        lct_options_finish(&options);
    }
}

Test(recipe, seeds_are_points)
{
    struct lct_recipe recipe = { 0 };
    double *xy = NULL;
    size_t n = 9;
    cr_assert(eq(int, lct_recipe_seeds(&recipe, &xy, &n, NULL), LCT_OK));
    cr_assert(xy == NULL && n == 0);
    recipe.first_seed = "10,20.5; 30,40";
    cr_assert(eq(int, lct_recipe_seeds(&recipe, &xy, &n, NULL), LCT_OK));
    cr_assert(eq(sz, n, 2));
    cr_assert(xy[0] == 10 && xy[1] == 20.5 && xy[2] == 30 && xy[3] == 40);
    free(xy);
    static char *const bad[] = { "10", "10,", "10,20;", "a,b", "1,2,3", "1;2" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        recipe.first_seed = bad[i];
        cr_assert(eq(int, lct_recipe_seeds(&recipe, &xy, &n, NULL), LCT_E_ARG), "%s", bad[i]);
    }
}
