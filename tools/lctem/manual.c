#include "manual.h"

#include "mc_settings.h"

#include <stdio.h>
#include <string.h>

/* Text as roff: hyphens are hyphens, and no line is taken for a request. */
static void put(const char *text)
{
    bool at_start = true;
    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        at_start = *text == '\n';
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void head(const char *name, int section, const char *summary)
{
    printf(".TH %s %d \"\" \"lctem " LCT_VERSION "\" \"lctem\"\n.SH NAME\n", name, section);
    put(name);
    fputs(" \\- ", stdout);
    put(summary);
    putchar('\n');
}

/* Paragraphs are separated by empty lines. */
static void put_paragraphs(const char *text)
{
    for (const char *end; *text; text = end) {
        end = strstr(text, "\n\n");
        const size_t n = end ? (size_t)(end - text) : strlen(text);
        char paragraph[1024];
        snprintf(paragraph, sizeof paragraph, "%.*s", (int)n, text);
        fputs(".PP\n", stdout);
        put(paragraph);
        putchar('\n');
        end = end ? end + 2 : text + n;
    }
}

static void put_facts(const struct lct_option_words *words)
{
    if (!words->limits[0] && !words->fallback[0])
        return;
    fputs(" [", stdout);
    put(words->limits);
    if (words->fallback[0]) {
        fputs(words->limits[0] ? "; default " : "default ", stdout);
        put(words->fallback);
    }
    putchar(']');
}

static void put_help(const struct lct_option *row, const struct lct_option_words *words)
{
    put(row->help);
    put_facts(words);
    putchar('\n');
    if (row->details) {
        fputs(".br\n", stdout);
        put(row->details);
        putchar('\n');
    }
}

static void put_flag(const struct lct_option *row)
{
    struct lct_option_words words;
    lct_option_say(row, &words);
    fputs(".TP\n", stdout);
    if (row->letter)
        printf("\\fB\\-%c\\fR, ", row->letter);
    fputs("\\fB", stdout);
    put(words.flag);
    fputs("\\fR", stdout);
    if (words.value) {
        fputs(" \\fI", stdout);
        put(words.value);
        fputs("\\fR", stdout);
    }
    putchar('\n');
    put_help(row, &words);
}

static void put_flags(const struct lct_option_table *table, unsigned takers)
{
    for (size_t i = 0; i < table->n; i++)
        if (table->rows[i].commands & takers)
            put_flag(&table->rows[i]);
}

static const struct manual_text *find_text(const char *command)
{
    const struct manual_text *t = manual_texts;
    while (t->command && strcmp(t->command, command) != 0)
        t++;
    return t;
}

static void put_examples(const char *examples)
{
    if (!examples)
        return;
    fputs(".SH EXAMPLES\n", stdout);
    for (const char *end; *examples; examples = end + (*end == '\n')) {
        end = examples + strcspn(examples, "\n");
        char line[256];
        snprintf(line, sizeof line, "%.*s", (int)(end - examples), examples);
        if (line[0] == '#') {
            fputs(".PP\n", stdout);
            put(line + 2);
            fputs(":\n", stdout);
        } else {
            fputs(".PP\n.RS 4\n.EX\n", stdout);
            put(line);
            fputs("\n.EE\n.RE\n", stdout);
        }
    }
}

static void put_statuses(void)
{
    fputs(".SH EXIT STATUS\n0 done; 1 internal error; 2 usage or configuration; 3 input missing, unreadable or "
          "corrupt; 4 format or\n"
          "layout not supported; 5 done, but some frames were flagged (with \\-\\-strict); 6 a check failed; 7 memory "
          "or disk limit;\n"
          "8 output could not be written; 130 interrupted.\n",
        stdout);
}

static void put_see(const char *more)
{
    printf(".SH SEE ALSO\n.BR lctem (1)");
    if (more) {
        fputs(",\n", stdout);
        put(more);
    }
    putchar('\n');
}

/* One section of flags for each sub-command. */
static enum lct_status put_mc_flags(struct lct_err *err)
{
    for (const struct mc_command *m = mc_commands; m->name; m++) {
        struct mc_call call;
        const enum lct_status status = mc_call_options(&call, m->bit, err);
        if (status == LCT_OK) {
            printf(".SH OPTIONS OF ");
            put(m->name);
            fputs("\n", stdout);
            put(m->summary);
            fputs("\n", stdout);
            put_flags(&call.table, m->bit);
            if (m->bit == MC_SCAN)
                fputs(".TP\n\\fB\\-\\-grid\\fR \\fIKEY=A:B:STEP\\fR | \\fIKEY=a,b,c\\fR\nan axis of the map; may be "
                      "repeated; KEY=A:B:*N grows by "
                      "the factor N.\n",
                    stdout);
        }
        mc_call_finish(&call);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

static enum lct_status print_command(const struct command *c, struct lct_err *err)
{
    const struct manual_text *text = find_text(c->name);
    char name[64];
    snprintf(name, sizeof name, "lctem-%s", c->name);
    head(name, 1, c->summary);
    printf(".SH SYNOPSIS\n.B lctem %s\n", c->name);
    put(c->words);
    fputs(c->bit ? " [\\fIOPTION\\fR]...\n" : "\n", stdout);
    fputs(".SH DESCRIPTION\n", stdout);
    put_paragraphs(text->command ? text->description : c->summary);
    enum lct_status status = LCT_OK;
    if (c->run == cmd_mc)
        status = put_mc_flags(err);
    if (c->run == cmd_compare) {
        fputs(".SH OPTIONS\n", stdout);
        put_flags(&compare_options, 1);
    }
    if (c->bit) {
        fputs(".SH OPTIONS\nEach is a key of the recipe too, with _ for \\-; see\n.BR lctem\\-recipe (5).\n", stdout);
        put_flags(lct_recipe_options(), c->bit);
    }
    put_examples(text->examples);
    put_statuses();
    put_see(text->command ? text->see : NULL);
    return status;
}

static void print_overview(void)
{
    const struct manual_text *text = find_text("lctem");
    head("lctem", 1, "measures core-shell particles in liquid-cell electron microscopy movies");
    fputs(".SH SYNOPSIS\n.B lctem\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n", stdout);
    put_paragraphs(text->description);
    fputs(".SH COMMANDS\n", stdout);
    for (const struct command *c = commands; c->name; c++) {
        printf(".TP\n.BR lctem\\-%s (1)\n", c->name);
        put(c->summary);
        putchar('\n');
    }
    put_examples(text->examples);
    fputs(".SH ENVIRONMENT\n.TP\nNO_COLOR\nno colours on the terminal.\n", stdout);
    put_statuses();
    fputs(".SH SEE ALSO\n.BR lctem\\-recipe (5)\n", stdout);
}

static void put_takers(unsigned takers)
{
    const char *separator = "Taken by ";
    for (const struct command *c = commands; c->name; c++)
        if (c->bit & takers) {
            printf("%s%s", separator, c->name);
            separator = ", ";
        }
    fputs(".\n", stdout);
}

static void print_recipe(void)
{
    const struct manual_text *text = find_text("recipe");
    const struct lct_option_table *table = lct_recipe_options();
    head("lctem-recipe", 5, "settings of lctem in a file");
    fputs(".SH DESCRIPTION\n", stdout);
    put_paragraphs(text->description);
    fputs(".SH KEYS\n", stdout);
    for (size_t i = 0; i < table->n; i++) {
        const struct lct_option *row = &table->rows[i];
        struct lct_option_words words;
        if (row->session)
            continue;
        lct_option_say(row, &words);
        printf(".TP\n\\fB%s\\fR: \\fI", row->key);
        put(words.value ? words.value : "yes|no");
        fputs("\\fR\n", stdout);
        put_help(row, &words);
        put_takers(row->commands);
    }
    put_examples(text->examples);
    put_see("lctem-analyze(1), lctem-preview(1)");
}

enum lct_status manual_print(const char *page, struct lct_err *err)
{
    if (strcmp(page, "lctem") == 0) {
        print_overview();
        return LCT_OK;
    }
    if (strcmp(page, "recipe") == 0) {
        print_recipe();
        return LCT_OK;
    }
    const struct command *command = command_find(page);
    return command ? print_command(command, err) : command_unknown(page, err);
}
