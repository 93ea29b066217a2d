/* lctem batch LIST|MOVIE... -o DIR: many movies with one recipe */
#include "cli.h"
#include "command.h"

#include <lctem/batch.h>

#include <stdio.h>
#include <string.h>

/* A list may have any name: no movie is a short text. */
static bool is_text(const char *path)
{
    char start[512];
    FILE *file = fopen(path, "re");
    const size_t n = file ? fread(start, 1, sizeof start, file) : 0;
    if (file)
        fclose(file);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)start[i] < ' ' && !strchr("\t\r\n", start[i]))
            return false;
    return n > 0;
}

static bool is_list(const char *word)
{
    const char *dot = strrchr(word, '.');
    return (dot && (strcmp(dot, ".txt") == 0 || strcmp(dot, ".lst") == 0 || strcmp(dot, ".list") == 0))
        || is_text(word);
}

static enum lct_status collect(struct lct_batch_list *list, const struct call *call, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < call->n_words; i++) {
        const bool reads = is_list(call->words[i]);
        if (reads && call->n_words > 1)
            return lct_fail(err, LCT_E_ARG, "batch: a list goes alone; give one list, or movies, not both");
        status = reads ? lct_batch_read(list, call->words[i], err) : lct_batch_add(list, call->words[i], err);
    }
    return status;
}

static void tell(void *context, const struct lct_batch_entry *e, const struct lct_batch_row *row)
{
    const struct lct_recipe *recipe = context;
    if (recipe->quiet || recipe->json)
        return;
    if (row->status != LCT_OK)
        printf("%s: failed: %s\n", e->name, row->message);
    else
        printf("%s: %ld frame%s, %ld particle%s, %.1f s\n", e->name, row->frames, row->frames == 1 ? "" : "s",
            row->particles, row->particles == 1 ? "" : "s", row->seconds);
    fflush(stdout);
}

enum lct_status cmd_batch(struct call *call, struct lct_err *err)
{
    struct lct_batch_list list = { 0 };
    struct lct_batch_summary found = { 0 };
    const struct lct_batch_hooks hooks = { .analyze = { .progress = &call->progress,
                                               .log = &call->log,
                                               .command = call->command_line,
                                               .version = LCT_VERSION,
                                               .clock = cli_clock },
        .comm = call->comm,
        .tell = tell,
        .context = &call->recipe };
    enum lct_status status = call->recipe.follow
        ? lct_fail(err, LCT_E_ARG, "follow: one movie at a time; lctem analyze --follow")
        : collect(&list, call, err);
    status = lct_comm_agree(call->comm, status, err);
    if (status == LCT_OK)
        status = lct_batch_run(&found, &list, &call->options, &hooks, err);
    lct_batch_finish(&list);
    if (status != LCT_OK || lct_comm_rank(call->comm) > 0)
        return status;
    if (call->recipe.json)
        printf("{\"movies\": %zu, \"done\": %zu, \"flagged\": %ld}\n", found.movies, found.done, found.flagged);
    else if (!call->recipe.quiet)
        printf("%s: %zu movie%s, %ld frame%s flagged\n", call->recipe.output, found.movies,
            found.movies == 1 ? "" : "s", found.flagged, found.flagged == 1 ? "" : "s");
    if (call->recipe.strict && found.flagged > 0)
        return lct_fail(
            err, LCT_E_FLAGGED, "%s: %ld frames were flagged; see batch.csv there", call->recipe.output, found.flagged);
    return LCT_OK;
}
