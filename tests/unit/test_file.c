/* Protects: files appear whole or not at all; numbers, JSON, log lines and checksums read the same everywhere. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/log.h>
#include <lctem/number.h>
#include <lctem/sha256.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static void make_dir(void)
{
    folder_make();
    snprintf(path, sizeof path, "%s/x", folder);
}

TestSuite(file, .init = make_dir, .fini = folder_remove);

static char *text_of(void)
{
    char *text = NULL;
    size_t n;
    cr_assert(eq(int, lct_file_read(&text, &n, path, 1 << 20, NULL), LCT_OK));
    return text;
}

Test(file, what_was_written_is_read_back)
{
    enum { N = 300000 };
    static char bytes[N];
    for (int i = 0; i < N; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    cr_assert(eq(int, lct_file_write(path, bytes, N, NULL), LCT_OK));
    char *back = NULL;
    size_t n = 0;
    cr_assert(eq(int, lct_file_read(&back, &n, path, N, NULL), LCT_OK));
    cr_assert(eq(sz, n, N));
    cr_assert(memcmp(back, bytes, N) == 0 && back[N] == '\0');
    free(back);
    cr_assert(eq(int, lct_file_read(&back, &n, path, N - 1, NULL), LCT_E_LIMIT));
}

Test(file, a_write_that_fails_leaves_nothing_behind)
{
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_file_write("/nonexistent/x", "a", 1, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "/nonexistent/x: cannot create") != NULL);
    cr_assert(eq(int, lct_file_write(folder, "a", 1, &err), LCT_E_OUTPUT), "a folder stands in the way");
    char part[80];
    snprintf(part, sizeof part, "%s.part", folder);
    cr_assert(ne(int, access(part, F_OK), 0));
}

Test(file, unreadable_is_an_input_fault)
{
    char *text = NULL;
    size_t n = 0;
    cr_assert(eq(int, lct_file_read(&text, &n, "/nonexistent", 10, NULL), LCT_E_INPUT));
    cr_assert(eq(int, lct_file_read(&text, &n, folder, 10, NULL), LCT_E_INPUT));
    cr_assert(text == NULL);
}

Test(file, paths_are_joined)
{
    static const char *const cases[][3] = { { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" },
        { NULL, "b", "b" }, { "a", "/b", "/b" } };
    for (int i = 0; i < 5; i++) {
        char *joined = lct_file_join(cases[i][0], cases[i][1]);
        cr_assert(eq(str, joined, (char *)cases[i][2]));
        free(joined);
    }
}

Test(file, checksums_are_those_of_the_standard)
{
    /* FIPS 180-4 examples: "abc" and nothing. */
    char sum[LCT_SHA256_TEXT];
    lct_sha256_bytes("abc", 3, sum);
    cr_assert(eq(str, sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    cr_assert(eq(int, lct_file_write(path, "", 0, NULL), LCT_OK));
    cr_assert(eq(int, lct_sha256_file(path, sum, NULL), LCT_OK));
    cr_assert(eq(str, sum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    cr_assert(eq(int, lct_sha256_file("/nonexistent", sum, NULL), LCT_E_INPUT));
    cr_assert(eq(int, lct_sha256_file(folder, sum, NULL), LCT_E_INPUT));
}

static double fixed_clock(void *context)
{
    return *(double *)context;
}

Test(file, log_lines_are_json_with_the_callers_time)
{
    double now_s = 1646370367.5;
    struct lct_log_file *file = NULL;
    cr_assert(eq(int, lct_log_file_create(&file, path, fixed_clock, &now_s, NULL), LCT_OK));
    const struct lct_log log = lct_log_file_sink(file);
    lct_log_say(&log, LCT_LOG_WARNING, "frame %d: \"odd\"\n\xff", 7);
    lct_log_say(&log, LCT_LOG_INFO, "done");
    lct_log_say(NULL, LCT_LOG_INFO, "nobody listens");
    lct_log_file_destroy(&file);
    char *text = text_of();
    cr_assert(eq(str, text,
        "{\"time\": \"2022-03-04T05:06:07.500Z\", \"level\": \"warning\", \"text\": \"frame 7: "
        "\\\"odd\\\"\\n\xc3\xbf\"}\n"
        "{\"time\": \"2022-03-04T05:06:07.500Z\", \"level\": \"info\", \"text\": \"done\"}\n"));
    free(text);
    cr_assert(eq(int, lct_log_file_create(&file, "/nonexistent/x", NULL, NULL, NULL), LCT_E_OUTPUT));
}

Test(file, json_is_written_and_read_back)
{
    struct lct_json *json = NULL;
    cr_assert(eq(int, lct_json_create(&json, NULL), LCT_OK));
    lct_json_text(json, "name", "a \xc3\xa9 \xff");
    lct_json_number(json, "pi", 3.25);
    lct_json_number(json, "none", (double)NAN);
    lct_json_bool(json, "yes", true);
    lct_json_open_array(json, "list");
    lct_json_integer(json, NULL, 1LL << 40);
    lct_json_open_object(json, NULL);
    lct_json_text(json, "deep", NULL);
    lct_json_close(json);
    lct_json_close(json);
    cr_assert(eq(int, lct_json_write(json, path, NULL), LCT_OK));
    lct_json_destroy(&json);
    cr_assert(eq(int, lct_json_read(&json, path, NULL), LCT_OK));
    const struct lct_json_value *root = lct_json_root(json), *list = lct_json_member(root, "list");
    cr_assert(eq(str, (char *)lct_json_to_text(lct_json_member(root, "name")), "a \xc3\xa9 \xc3\xbf"));
    cr_assert(eq(dbl, lct_json_to_number(lct_json_member(root, "pi")), 3.25));
    cr_assert(isnan(lct_json_to_number(lct_json_member(root, "none"))));
    cr_assert(lct_json_to_bool(lct_json_member(root, "yes"), false));
    cr_assert(eq(sz, lct_json_size(list), 2));
    cr_assert(eq(dbl, lct_json_to_number(lct_json_element(list, 0)), 1099511627776.0));
    cr_assert(lct_json_member(lct_json_element(list, 7), "x") == NULL, "look-ups chain over what is not there");
    lct_json_destroy(&json);
}

Test(file, json_nested_wrongly_is_reported_at_the_end)
{
    struct lct_json *json = NULL;
    cr_assert(eq(int, lct_json_create(&json, NULL), LCT_OK));
    lct_json_integer(json, NULL, 1);
    char *text = NULL;
    cr_assert(eq(int, lct_json_string(json, 0, &text, NULL), LCT_E_INTERNAL));
    cr_assert(text == NULL);
    lct_json_destroy(&json);
}

Test(file, bad_json_is_refused_with_its_line)
{
    static const char *const cases[] = { "{\n\"a\": 1,\n}", "[1]", "", "{\"a\": 1, \"a\": 2}" };
    for (int i = 0; i < 4; i++) {
        struct lct_json *json = NULL;
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_file_write(path, cases[i], strlen(cases[i]), NULL), LCT_OK));
        cr_assert(eq(int, lct_json_read(&json, path, &err), LCT_E_INPUT), "%s", cases[i]);
        cr_assert(json == NULL);
        cr_assert(i != 0 || strstr(err.text, "x:3: ") != NULL, "%s", err.text);
    }
}

/* Tables are what "%.9g" makes of their numbers: at ties, at the ends of the quick way's range, and at random. */
Test(number, nine_digits_are_those_of_printf)
{
    static const double some[] = { 1e-4, 9.99999999e-5, 1.000000005, 0.1000000005, 99999998.9999999, 99999999,
        99999999.5, 999999999, 999999999.5, 1e9, 0.5, 2.5e-4, 123456789.5, 12345678.85, 9.9999999949, 9.999999995, 100,
        1e-3, 0.30000000000000004 };
    char text[LCT_NUMBER_TEXT], want[LCT_NUMBER_TEXT];
    uint64_t state = 12345;
    for (int i = 0; i < 200000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const double u = (double)(state >> 11) * 0x1p-53;
        double x = i < 2 * (int)(sizeof some / sizeof *some) ? some[i / 2] : pow(10.0, -5.0 + 15.0 * u);
        x = i % 3 == 2 ? floor(x) + 0.125 : x;
        x = i % 2 ? -x : x;
        snprintf(want, sizeof want, "%.9g", x);
        cr_assert(eq(str, (char *)lct_number_format(x, text), want), "%a", x);
    }
}

Test(number, text_and_back)
{
    static const double exact[] = { 0.1, 1.0 / 3.0, 1e300, -5e-324, 0.0, 123456789.125 };
    char text[LCT_NUMBER_TEXT];
    for (int i = 0; i < 6; i++) {
        double x;
        cr_assert(lct_number_parse(lct_number_format_exact(exact[i], text), &x, NULL));
        cr_assert(eq(dbl, x, exact[i]));
    }
    cr_assert(eq(str, (char *)lct_number_format_exact(0.1, text), "0.1"));
    cr_assert(eq(str, (char *)lct_number_format(-0.0, text), "0"));
    cr_assert(eq(str, (char *)lct_number_format((double)INFINITY, text), ""));
    double x = 5;
    static const char *const bad[] = { "", "nan", "inf", "0x3", "abc", "-", ".", "1e999" };
    for (int i = 0; i < 8; i++)
        cr_assert(not(lct_number_parse(bad[i], &x, NULL)), "%s", bad[i]);
    cr_assert(eq(dbl, x, 5.0));
}

/* A value and its sigma end at the same place, and sigma has two digits, also where rounding gives it one more. */
Test(file, pairs_have_matching_digits)
{
    static const struct {
        double value, sd;
        const char *text;
    } rows[] = { { 84.199, 2.31, "84.2 +- 2.3" }, { 120.57, 0.6, "120.57 +- 0.60" },
        { 0.0123456, 0.000996, "0.0123 +- 0.0010" }, { 1.5, 0.0996, "1.50 +- 0.10" }, { 2348.0, 123.0, "2350 +- 120" },
        { -5e-9, 0.13, "0.00 +- 0.13" }, { -0.05, 0.096, "-0.050 +- 0.096" }, { 3.5, 0.0, "3.5" }, { 3.5, NAN, "3.5" },
        { NAN, 1.0, "-" }, { 12345.678, 9.96, "12346 +- 10" }, { 1.0, 3e-20, "1 +- 3e-20" },
        { 4.2e30, 1e28, "4.2e+30 +- 1e+28" } };
    char text[LCT_NUMBER_PAIR];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert(eq(str, (char *)lct_number_pair(text, rows[i].value, rows[i].sd, " +- "), (char *)rows[i].text),
            "row %zu", i);
}
