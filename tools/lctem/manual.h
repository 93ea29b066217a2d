/* manual.h -- man pages and shell completion, made of the command table and the option table */
#ifndef LCTEM_TOOLS_MANUAL_H
#define LCTEM_TOOLS_MANUAL_H

#include "command.h"

/** What a man page says beyond options: what it does, and examples that run as they stand. */
struct manual_text {
    const char *command;     /**< NULL ends the table */
    const char *description; /**< paragraphs, separated by empty lines */
    const char *examples;    /**< pairs of lines: "# what for", the command */
    const char *see;         /**< more pages, "lctem-preview(1), ..."; NULL: none */
};
extern const struct manual_text manual_texts[];

/** Print the man page of a command (lctem-<name>.1), of "lctem" itself, or of "recipe" (lctem-recipe.5).
 *  LCT_E_ARG: no such page. */
LCT_MUST_CHECK enum lct_status manual_print(const char *page, struct lct_err *err);

/** Print the completion for "bash" or "zsh". LCT_E_ARG: another shell. */
LCT_MUST_CHECK enum lct_status completion_print(const char *shell, struct lct_err *err);

#endif
