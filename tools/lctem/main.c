/* lctem -- the command table; see command.h for how to add one */
#include "cli.h"
#include "ranks.h"

#include <lctem/word.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
const struct command commands[] = {
    { "analyze", "MOVIE -o DIR", "areas of core and shell over time, and all that follows from them", LCT_CMD_ANALYZE, 1, 1, cmd_analyze },
    { "batch", "LIST|MOVIE... -o DIR", "many movies with one recipe: a folder each, one table about all", LCT_CMD_ANALYZE, 1, -1, cmd_batch },
    { "measure", "LABELS -o DIR", "the chain from masks made elsewhere (Fiji, ilastik, a U-Net)", LCT_CMD_ANALYZE | LCT_CMD_MEASURE, 1, 1,
        cmd_measure },
    { "concentration", "DIR|areas.csv", "volumes, amounts, concentrations, stages, rates and dose", LCT_CMD_CONCENTRATION, 1, -1,
        cmd_concentration },
    { "preview", "MOVIE -o PNG", "one frame with what is found in it, to tune before the long run", LCT_CMD_PREVIEW, 1, 1, cmd_preview },
    { "info", "FILE...", "say what is in a file", LCT_CMD_INFO, 1, -1, cmd_info },
    { "convert", "MOVIE -o FILE", "the movie as TIFF, MRC, video or PNG files, with its calibration", LCT_CMD_CONVERT, 1, 1, cmd_convert },
    { "moire", "FILE", "d-spacings, twist and Moire period, checked against equation (4)", LCT_CMD_MOIRE, 1, 1, cmd_moire },
    { "phantom", "[SCENE] -o MOVIE", "a synthetic movie with its exact truth", LCT_CMD_PHANTOM, 0, 1, cmd_phantom },
    { "thickness", "IMAGE", "core and plate thickness from a side view", LCT_CMD_THICKNESS, 1, 1, cmd_thickness },
    { "report", "DIR", "make report.html of a folder of results again", LCT_CMD_REPORT, 1, 1, cmd_report },
    { "compare", "DIR... --mc MCDIR...", "films against simulations, on the same columns", 0, 1, -1, cmd_compare },
    { "reproduce", "[--quick] [-o DIR]", "the paper's numbers beside ours, one row each", LCT_CMD_REPRODUCE, 0, 0, cmd_reproduce },
    { "mc", "grow|doubling|barrier|scan|render ...", "the lattice model", 0, 1, -1, cmd_mc },
    { "help", "[COMMAND]", "explain the commands", 0, 0, 2, cmd_help },
    { .name = NULL },
};
// clang-format on

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

enum lct_status command_unknown(const char *name, struct lct_err *err)
{
    struct lct_word_search search = { .wanted = name };
    for (const struct command *c = commands; c->name; c++)
        lct_word_offer(&search, c->name);
    return lct_fail(err, LCT_E_ARG, "unknown command \"%.60s\"%s%s%s", name, search.best ? "; did you mean " : "",
        search.best ? search.best : "", search.best ? "?" : "; 'lctem help' shows all of them");
}

static enum lct_status check_words(const struct call *call, struct lct_err *err)
{
    const struct command *c = call->command;
    if (call->n_words < c->min_words)
        return lct_fail(err, LCT_E_ARG, "%s: %.*s is missing; usage: lctem %s %s; more with lctem help %s", c->name,
            (int)strcspn(c->words, " "), c->words, c->name, c->words, c->name);
    const char *surplus = c->max_words >= 0 && call->n_words > c->max_words ? call->words[c->max_words] : NULL;
    if (surplus && strncmp(c->words, "MOVIE", 5) == 0
        && access(surplus, F_OK) == 0) /* the shell has spelled a pattern out */
        return lct_fail(err, LCT_E_ARG,
            "%s: %d files, but one movie is wanted; a movie of many images is their folder, or a pattern in quotes: "
            "'img_*.png'",
            c->name, call->n_words);
    if (surplus)
        return lct_fail(err, LCT_E_ARG,
            "%s: \"%.60s\" is one word too many; usage: lctem %s %s; more with lctem help %s", c->name, surplus,
            c->name, c->words, c->name);
    return LCT_OK;
}

static enum lct_status print_recipe(const struct call *call, struct lct_err *err)
{
    char *text = NULL;
    const enum lct_status status =
        lct_options_write_recipe(&call->options, "recipe for lctem " LCT_VERSION, &text, err);
    if (status == LCT_OK)
        fputs(text, stdout);
    free(text);
    return status;
}

static enum lct_status run(struct call *call, int argc, char **argv, struct lct_err *err)
{
    call->words = argv;
    call->n_words = argc;
    enum lct_status status = lct_recipe_init(&call->options, &call->recipe, call->command->bit, err);
    if (status == LCT_OK && call->command->bit)
        status = lct_options_parse(&call->options, argc, argv, &call->n_words, err);
    if (status == LCT_OK && call->recipe.help)
        return command_help(call->command, err);
    if (status == LCT_OK && call->recipe.config)
        status = lct_options_read_recipe(&call->options, call->recipe.config, err);
    if (status == LCT_OK && !call->recipe.output && lct_options_origin(&call->options, "output") == LCT_ORIGIN_USER)
        status = lct_fail(err, LCT_E_ARG, "--output: is empty; is a variable of the shell not set?");
    if (status == LCT_OK && call->recipe.dump_config)
        return print_recipe(call, err);
    if (status == LCT_OK)
        status = lct_recipe_check(&call->recipe, err);
    if (status == LCT_OK)
        status = check_words(call, err);
    for (int i = 0; status == LCT_OK && i < call->n_words; i++)
        if (!*call->words[i])
            status = lct_fail(err, LCT_E_ARG, "%s: word %d is empty; is a variable of the shell not set?",
                call->command->name, i + 1);
    if (status != LCT_OK)
        return status;
    if (lct_comm_rank(call->comm) > 0)
        call->recipe.quiet = true; /* rank 0 speaks */
    call->log = cli_log(&call->recipe);
    call->progress = cli_progress(&call->recipe);
    return call->command->run(call, err);
}

/* The commands that share their work. Processes that were started together do the same: else each would wait for what the others never send. */
static enum lct_status join(struct call *call, struct lct_err *err)
{
    static command_fn *const sharing[] = { cmd_analyze, cmd_batch, cmd_mc };
    enum lct_status status = LCT_OK;
    for (size_t i = 0; i < sizeof sharing / sizeof *sharing; i++)
        if (call->command->run == sharing[i])
            status = ranks_join(&call->comm, err);
    if (status != LCT_OK || !call->comm)
        return status;
    char first[2048];
    snprintf(first, sizeof first, "%s", call->command_line);
    status = lct_comm_broadcast(call->comm, first, sizeof first, err);
    if (status == LCT_OK && strncmp(first, call->command_line, sizeof first - 1) != 0)
        status =
            lct_fail(err, LCT_E_ARG, "started together with another command line: \"%.200s\"; start them apart", first);
    return lct_comm_agree(call->comm, status, err);
}

static enum lct_status dispatch(int argc, char **argv, bool *speaks, struct lct_err *err)
{
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("lctem " LCT_VERSION "\n");
        return LCT_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    struct call call = { .command = command_find(name) };
    if (!call.command)
        return command_unknown(name, err);
    call.command_line = cli_command_line(argc, argv);
    if (!call.command_line)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    enum lct_status status = join(&call, err);
    *speaks = lct_comm_rank(call.comm) == 0;
    if (status == LCT_OK)
        status = run(&call, argc - 2, argv + 2, err);
    lct_options_finish(&call.options);
    free(call.command_line);
    return status;
}

int main(int argc, char **argv)
{
    cli_signals_init();
    /* Left alone, the C library keeps frames that were freed for later ones of other sizes: twice the memory. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    /* And smaller ones it would hand back and forth with the kernel at every frame; what a pass leaves is given back at its end. */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    struct lct_err err = { 0 };
    if (argc < 2) {
        fputs("usage: lctem COMMAND [OPTION]...; 'lctem help' shows the commands\n", stderr);
        return LCT_E_ARG;
    }
    bool speaks = true;
    enum lct_status status = dispatch(argc, argv, &speaks, &err);
    struct lct_err flush_err = { 0 };
    if (cli_flush(&flush_err) != LCT_OK && (status == LCT_OK || status == LCT_E_FLAGGED)) {
        status = LCT_E_OUTPUT;
        err = flush_err;
    }
    if (err.text[0] && status != LCT_OK && speaks)
        cli_error("%s", err.text);
    ranks_part();
    return cli_exit_status(status);
}
