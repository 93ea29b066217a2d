/* lctem help -- the commands, or the options of one */
#include "cli.h"
#include "manual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_commands(void)
{
    printf("usage: lctem COMMAND [OPTION]...\n"
           "Measures core-shell particles in liquid-cell electron microscopy movies.\n\ncommands:\n");
    for (const struct command *c = commands; c->name; c++)
        printf("  %-14s %s\n", c->name, c->summary);
    printf("\n'lctem help COMMAND' shows its options, 'lctem --version' the version.\n"
           "exit status: 0 done, 1 internal error, 2 usage, 3 input, 4 format not supported, 5 frames were flagged,\n"
           "  6 a check failed, 7 memory or disk limit, 8 output cannot be written, 130 interrupted\n");
}

enum lct_status command_help(const struct command *command, struct lct_err *err)
{
    struct lct_recipe recipe;
    struct lct_options options = { 0 };
    char *text = NULL;
    enum lct_status status = lct_recipe_init(&options, &recipe, command->bit, err);
    if (status == LCT_OK)
        status = lct_options_help(&options, cli_width(), &text, err);
    if (status == LCT_OK) {
        printf("usage: lctem %s %s%s\n%s.\n", command->name, command->words, text[0] ? " [OPTION]..." : "",
            command->summary);
        if (text[0])
            printf("\noptions [default]; each is a key of the recipe too, with _ for -:\n%s", text);
    }
    free(text);
    lct_options_finish(&options);
    return status;
}

/* Commands with options of their own tell them themselves; `more`, NULL or a command of theirs. */
static enum lct_status ask_command(
    const struct call *call, const struct command *command, char *more, struct lct_err *err)
{
    char flag[] = "--help";
    char *words[] = { more ? more : flag, more ? flag : NULL };
    struct call asked = *call;
    asked.command = command;
    asked.words = words;
    asked.n_words = more ? 2 : 1;
    return command->run(&asked, err);
}

enum lct_status cmd_help(struct call *call, struct lct_err *err)
{
    if (call->n_words == 0) {
        print_commands();
        return LCT_OK;
    }
    const char *word = call->words[0];
    char *more = call->n_words > 1 ? call->words[1] : NULL;
    if (strcmp(word, "--man") == 0)
        return manual_print(more ? more : "lctem", err);
    if (strcmp(word, "--completion") == 0)
        return completion_print(more ? more : "", err);
    const struct command *command = command_find(word);
    if (!command)
        return command_unknown(word, err);
    if (more && command->run != cmd_mc)
        return lct_fail(err, LCT_E_ARG, "help: \"%.60s\" is one word too many; usage: lctem help [COMMAND]", more);
    if (command->bit == 0 && command->run != cmd_help)
        return ask_command(call, command, more, err);
    return command_help(command, err);
}
