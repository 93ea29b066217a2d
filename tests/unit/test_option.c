/* Protects: flags, --set and recipe files mean the same thing, whoever has the last word has it in any order, and what is wrong is
 * named together with what would be right. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/option.h>
#include <lctem/word.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    bool loud, quiet;
    long layers, threads;
    uint64_t seed;
    double gain, pixel_nm, wait_s;
    struct lct_length sigma;
    uint64_t memory;
    char *path, *set;
    int colour;
    struct lct_range frames;
    struct lct_rect roi;
};
#define AT(member) offsetof(struct settings, member)

enum { HERE = 1, THERE = 2 };

// clang-format off
static const struct lct_option rows[] = {
    { .key = "loud", .letter = 'l', .type = LCT_OPTION_BOOL, .offset = AT(loud), .help = "say it", .commands = HERE },
    { .key = "quiet", .letter = 'q', .type = LCT_OPTION_BOOL, .offset = AT(quiet), .help = "hush", .commands = HERE,
        .session = true },
    { .key = "layers", .letter = 'n', .type = LCT_OPTION_INT, .offset = AT(layers), .fallback = "2", .min = -5, .max = 9,
        .help = "layers", .commands = HERE },
    { .key = "threads", .type = LCT_OPTION_INT, .offset = AT(threads), .fallback = "auto", .min = 1, .max = 9,
        .help = "threads", .commands = HERE },
    { .key = "seed", .type = LCT_OPTION_SEED, .offset = AT(seed), .fallback = "7", .help = "seed", .commands = HERE },
    { .key = "gain", .type = LCT_OPTION_DOUBLE, .offset = AT(gain), .fallback = "1.5", .min = 0, .max = HUGE_VAL,
        .unit = "e/px", .help = "gain", .commands = HERE },
    { .key = "pixel_size", .letter = 'p', .type = LCT_OPTION_LENGTH_NM, .offset = AT(pixel_nm), .fallback = "auto",
        .help = "size", .commands = HERE },
    { .key = "wait", .type = LCT_OPTION_TIME_S, .offset = AT(wait_s), .fallback = "40ms", .help = "time", .commands = HERE },
    { .key = "sigma", .type = LCT_OPTION_LENGTH, .offset = AT(sigma), .fallback = "3px", .help = "smooth", .commands = HERE },
    { .key = "memory", .type = LCT_OPTION_SIZE, .offset = AT(memory), .fallback = "auto", .help = "room", .commands = HERE },
    { .key = "path", .letter = 'o', .type = LCT_OPTION_TEXT, .offset = AT(path), .help = "file", .commands = HERE },
    { .key = "colour", .type = LCT_OPTION_CHOICE, .offset = AT(colour), .fallback = "green", .choices = "red|green|blue",
        .help = "colour", .details = "The colour of a thing is what one sees of it.", .commands = HERE },
    { .key = "frames", .type = LCT_OPTION_RANGE, .offset = AT(frames), .help = "frames", .commands = HERE },
    { .key = "roi", .type = LCT_OPTION_RECT, .offset = AT(roi), .help = "part", .commands = HERE },
    { .key = "set", .type = LCT_OPTION_TEXT, .offset = AT(set), .help = "set", .commands = HERE, .session = true },
    { .key = "elsewhere", .type = LCT_OPTION_INT, .offset = AT(layers), .fallback = "2", .help = "x", .commands = THERE },
};
// clang-format on
static const struct lct_option_table table = { rows, sizeof rows / sizeof *rows };

static struct settings s;
static struct lct_options options;
static char recipe_path[] = "/tmp/lctem-recipe-XXXXXX";

static void begin(void)
{
    s = (struct settings){ 0 };
    cr_assert(eq(int, lct_options_init(&options, &table, HERE, &s, NULL), LCT_OK));
    const int fd = mkstemp(recipe_path);
    cr_assert(fd >= 0);
    close(fd);
}

static void end(void)
{
    lct_options_finish(&options);
    unlink(recipe_path);
}

TestSuite(option, .init = begin, .fini = end);

static void set(const char *key, const char *value)
{
    struct lct_err err = { 0 };
    const enum lct_status status = lct_options_set(&options, key, value, LCT_ORIGIN_USER, &err);
    cr_assert(eq(int, status, LCT_OK), "%s", err.text);
}

static enum lct_status read_text(const char *text, struct lct_err *err)
{
    cr_assert(eq(int, lct_file_write(recipe_path, text, strlen(text), NULL), LCT_OK));
    return lct_options_read_recipe(&options, recipe_path, err);
}

Test(option, defaults_are_those_of_the_table)
{
    cr_assert(not(s.loud));
    cr_assert(eq(long, s.layers, 2));
    cr_assert(eq(long, s.threads, LCT_OPTION_AUTO));
    cr_assert(isnan(s.pixel_nm));
    cr_assert(epsilon_eq(dbl, s.wait_s, 0.04, 1e-15));
    cr_assert(s.sigma.in_px && s.sigma.value == 3.0);
    cr_assert(s.path == NULL);
    cr_assert(eq(int, s.colour, 1));
    cr_assert(s.frames.first == 0 && s.frames.end == -1 && s.frames.step == 1);
    cr_assert(eq(int, s.roi.width_px, 0));
}

/* Factors are exact powers of ten or two, so that one rounding is all there can be: 1e-15 relative. */
Test(option, quantities_carry_their_unit)
{
    static const struct {
        const char *text;
        double nm;
    } lengths[] = { { "0.05", 0.05 }, { "0.05nm", 0.05 }, { "50pm", 0.05 }, { "50 pm", 0.05 }, { "0.5A", 0.05 },
        { "0.5\xc3\x85", 0.05 }, { "5e-5um", 0.05 }, { "5e-5\xc2\xb5m", 0.05 } };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        set("pixel_size", lengths[i].text);
        cr_assert(ieee_ulp_eq(dbl, s.pixel_nm, lengths[i].nm, 4), "%s", lengths[i].text);
    }
    set("sigma", "1.5nm");
    cr_assert(not(s.sigma.in_px));
    cr_assert(epsilon_eq(dbl, lct_length_px(s.sigma, 0.1), 15.0, 1e-12));
    set("sigma", "2px");
    cr_assert(epsilon_eq(dbl, lct_length_nm(s.sigma, 0.1), 0.2, 1e-12));
    set("wait", "2min");
    cr_assert(eq(dbl, s.wait_s, 120.0));
    set("memory", "400M");
    cr_assert(eq(u64, s.memory, 400u << 20));
    set("memory", "2GiB");
    cr_assert(eq(u64, s.memory, (uint64_t)2 << 30));
    set("gain", "2 e/px");
    cr_assert(eq(dbl, s.gain, 2.0));
    set("seed", "18446744073709551615");
    cr_assert(eq(u64, s.seed, UINT64_MAX));
}

Test(option, ranges_may_be_open)
{
    static const struct {
        const char *text;
        struct lct_range range;
    } cases[] = { { "3:9", { 3, 9, 1 } }, { "3:9:2", { 3, 9, 2 } }, { ":9", { 0, 9, 1 } }, { "3:", { 3, -1, 1 } },
        { "::5", { 0, -1, 5 } }, { "7", { 7, 8, 1 } }, { ":", { 0, -1, 1 } } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set("frames", cases[i].text);
        cr_assert(eq(long, s.frames.first, cases[i].range.first), "%s", cases[i].text);
        cr_assert(eq(long, s.frames.end, cases[i].range.end), "%s", cases[i].text);
        cr_assert(eq(long, s.frames.step, cases[i].range.step), "%s", cases[i].text);
    }
}

struct refusal {
    const char *key, *value, *expected;
};

Test(option, refuses_what_is_wrong_and_says_what_is_right)
{
    static const struct refusal cases[] = {
        { "layers", "10", "-5 to 9" },
        { "layers", "2.5", "whole number" },
        { "layers", "", "whole number" },
        { "layers", "auto", "whole number" },
        { "layers", "99999999999999999999", "whole number" },
        { "seed", "-1", "whole number" },
        { "seed", "18446744073709551616", "2^64-1" },
        { "threads", "0", "or auto" },
        { "gain", "-1", "0 e/px or more" },
        { "gain", "nan", "a number" },
        { "gain", "0x10", "a number" },
        { "gain", "1,5", "a number" },
        { "pixel_size", "3px", "a length" },
        { "pixel_size", "0.05 furlong", "a length" },
        { "wait", "3 nm", "a time" },
        { "memory", "-1M", "a size" },
        { "memory", "1e40", "a size" },
        { "colour", "gren", "did you mean green?" },
        { "colour", "re", "not one of red|green|blue" },
        { "loud", "maybe", "yes or no" },
        { "frames", "5:5", "a range" },
        { "frames", "-3:5", "a range" },
        { "frames", "1:9:0", "a range" },
        { "frames", "1:9:2:4", "a range" },
        { "frames", "9223372036854775807", "a range" },
        { "roi", "1,2,3", "a rectangle" },
        { "roi", "1,2,0,4", "a rectangle" },
        { "roi", "1,2,3,4,5", "a rectangle" },
        { "pixle_size", "1", "did you mean \"pixel_size\"?" },
        { "elsewhere", "1", "unknown key" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct settings before = s;
        struct lct_err err = { 0 };
        const enum lct_status status = lct_options_set(&options, cases[i].key, cases[i].value, LCT_ORIGIN_USER, &err);
        cr_assert(eq(int, status, LCT_E_ARG), "%s=%s", cases[i].key, cases[i].value);
        cr_assert(strstr(err.text, cases[i].expected) != NULL, "%s=%s: %s", cases[i].key, cases[i].value, err.text);
        cr_assert(memcmp(&before, &s, sizeof s) == 0, "settings must be untouched on failure");
    }
}

static enum lct_status parse(const char *line, int *n_words, char **argv, struct lct_err *err)
{
    static char buffer[256];
    int argc = 0;
    snprintf(buffer, sizeof buffer, "%s", line);
    for (char *word = strtok(buffer, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    return lct_options_parse(&options, argc, argv, n_words, err);
}

Test(option, a_command_line_has_many_spellings)
{
    char *argv[32];
    int n = -1;
    cr_assert(eq(int,
        parse("a.mp4 --pixel-size 50pm -lq --layers=-3 -ofile --set colour=red --frames 2:9 b.tif -7 --no-loud "
              "--roi=1,2,3,4 - --set seed=3 -- --gain",
            &n, argv, NULL),
        LCT_OK));
    cr_assert(eq(int, n, 5));
    static const char *const words[] = { "a.mp4", "b.tif", "-7", "-", "--gain" };
    for (int i = 0; i < n; i++)
        cr_assert(eq(str, argv[i], (char *)words[i]));
    cr_assert(epsilon_eq(dbl, s.pixel_nm, 0.05, 1e-15));
    cr_assert(s.quiet && !s.loud);
    cr_assert(eq(long, s.layers, -3));
    cr_assert(eq(str, s.path, "file"));
    cr_assert(eq(int, s.colour, 0));
    cr_assert(eq(long, s.frames.end, 9));
    cr_assert(eq(int, s.roi.height_px, 4));
    cr_assert(eq(u64, s.seed, 3));
    cr_assert(eq(int, lct_options_origin(&options, "seed"), LCT_ORIGIN_USER));
    cr_assert(eq(int, lct_options_origin(&options, "gain"), LCT_ORIGIN_DEFAULT));
}

Test(option, a_bad_command_line_names_the_flag)
{
    static const struct refusal cases[] = {
        { NULL, "--pixle-size 3", "unknown option --pixle-size; did you mean --pixel-size?" },
        { NULL, "--thread 3", "did you mean --threads?" },
        { NULL, "--zzzzzzzz", "--help shows all of them" },
        { NULL, "-z", "unknown option -z" },
        { NULL, "--layers", "--layers: needs a value" },
        { NULL, "--path --loud", "--path: needs a value" },
        { NULL, "-p", "--pixel-size: needs a value" },
        { NULL, "--pixel-size=abc", "--pixel-size: \"abc\" is not a length" },
        { NULL, "--no-layers", "unknown option --no-layers" },
        { NULL, "--set layers", "not KEY=VALUE" },
        { NULL, "--set layer=3", "did you mean \"layers\"?" },
        { NULL, "--loud=perhaps", "--loud: \"perhaps\" is not yes or no" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *argv[32];
        int n = -1;
        struct lct_err err = { 0 };
        cr_assert(eq(int, parse(cases[i].value, &n, argv, &err), LCT_E_ARG), "%s", cases[i].value);
        cr_assert(strstr(err.text, cases[i].expected) != NULL, "%s: %s", cases[i].value, err.text);
        cr_assert(eq(int, n, -1), "n_words must be untouched on failure");
    }
}

Test(option, the_user_overrides_the_recipe_in_any_order)
{
    set("layers", "5");
    cr_assert(eq(int, read_text("layers: 3\nseed: 9\npath: \"from recipe\"\n", NULL), LCT_OK));
    cr_assert(eq(long, s.layers, 5));
    cr_assert(eq(u64, s.seed, 9));
    cr_assert(eq(str, s.path, "from recipe"));
    set("path", "mine");
    cr_assert(eq(int, read_text("path: other\n", NULL), LCT_OK));
    cr_assert(eq(str, s.path, "mine"));
}

Test(option, a_recipe_that_was_written_reads_back_to_the_same_settings)
{
    set("layers", "-4");
    set("gain", "0.1");
    set("pixel_size", "0.123456789012345678");
    set("sigma", "2.5nm");
    set("path", "a \"b\" \\ c # d: \t e");
    set("colour", "blue");
    set("frames", "10:50:2");
    set("roi", "1,2,30,40");
    set("quiet", "yes");
    const struct settings before = s;
    char *text = NULL;
    cr_assert(eq(int, lct_options_write_recipe(&options, "a recipe", &text, NULL), LCT_OK));
    cr_assert(strstr(text, "# colour (default green; one of red|green|blue)\n# The colour of a thing is") != NULL);
    cr_assert(strstr(text, "# gain (default 1.5, 0 e/px or more)\ngain: 0.1\n") != NULL, "%s", text);
    cr_assert(strstr(text, "quiet") == NULL, "what belongs to the session is no recipe");

    char path[64];
    snprintf(path, sizeof path, "%s", s.path);
    lct_options_finish(&options);
    cr_assert(s.path == NULL);
    s = (struct settings){ 0 };
    cr_assert(eq(int, lct_options_init(&options, &table, HERE, &s, NULL), LCT_OK));
    struct lct_err err = { 0 };
    cr_assert(eq(int, read_text(text, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(str, s.path, path));
    cr_assert(eq(dbl, s.pixel_nm, before.pixel_nm));
    cr_assert(eq(dbl, s.sigma.value, before.sigma.value));
    cr_assert(s.layers == before.layers && s.gain == before.gain && s.colour == before.colour);
    cr_assert(s.frames.first == 10 && s.frames.end == 50 && s.frames.step == 2);
    cr_assert(memcmp(&s.roi, &before.roi, sizeof s.roi) == 0);
    free(text);
}

Test(option, a_bad_recipe_is_refused_with_file_and_line)
{
    static const struct refusal cases[] = {
        { NULL, "layers: 3\npixle_size: 3\n", ":2: unknown key \"pixle_size\"; did you mean \"pixel_size\"?" },
        { NULL, "\n\nlayers: 33\n", ":3: layers: \"33\" is not a whole number, -5 to 9" },
        { NULL, "layers: 3\nlayers: 4\n", ":2: layers is set twice" },
        { NULL, "layers:\n  deep: 4\n", ":2: a plain value was expected" },
        { NULL, "- a\n- b\n", ":1: lines of the form" },
        { NULL, "just words\n", ":1: lines of the form" },
        { NULL, "layers: [1, [2]]\n", ":1: a list holds plain values only" },
        { NULL, "layers: \"3\n", ":" },
        { NULL, "a: b: c\n", ":1: " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lct_err err = { 0 };
        cr_assert(eq(int, read_text(cases[i].value, &err), LCT_E_ARG), "%s", cases[i].value);
        cr_assert(strstr(err.text, cases[i].expected) != NULL, "%s: %s", cases[i].value, err.text);
        cr_assert(strncmp(err.text, recipe_path, strlen(recipe_path)) == 0, "%s", err.text);
    }
    cr_assert(eq(int, lct_options_read_recipe(&options, "/nonexistent.yaml", NULL), LCT_E_INPUT));
}

Test(option, a_recipe_may_be_empty_hold_lists_and_keys_of_other_commands)
{
    cr_assert(eq(int, read_text("", NULL), LCT_OK));
    cr_assert(eq(int, read_text("# nothing\n", NULL), LCT_OK));
    cr_assert(eq(int, read_text("elsewhere: 5\nroi: [1, 2, 3, 4]\n", NULL), LCT_OK));
    cr_assert(eq(long, s.layers, 2), "the key belongs to another command");
    cr_assert(eq(int, s.roi.height_px, 4));
}

Test(option, help_names_every_flag_within_the_width)
{
    char *text = NULL;
    cr_assert(eq(int, lct_options_help(&options, 60, &text, NULL), LCT_OK));
    for (size_t i = 0; i < table.n; i++) {
        char flag[64];
        snprintf(flag, sizeof flag, "--%s", rows[i].key);
        for (char *c = flag; *c; c++)
            *c = *c == '_' ? '-' : *c;
        cr_assert(eq(int, strstr(text, flag) != NULL, rows[i].commands == HERE), "%s", flag);
    }
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        cr_assert(le(sz, strlen(line), 60), "%s", line);
    free(text);
}

Test(word, distance_counts_single_slips)
{
    cr_assert(eq(sz, lct_word_distance("pixel-size", "pixel_size"), 0));
    cr_assert(eq(sz, lct_word_distance("pixle_size", "pixel_size"), 1)); /* two letters swapped */
    cr_assert(eq(sz, lct_word_distance("", "abc"), 3));
    cr_assert(eq(sz, lct_word_distance("kitten", "sitting"), 3));
    char word[100];
    memset(word, 'x', 99);
    word[99] = '\0';
    cr_assert(eq(sz, lct_word_distance(word, "x"), SIZE_MAX));
}
