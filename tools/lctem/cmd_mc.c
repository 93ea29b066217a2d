/* lctem mc: the lattice model; one file per sub-command */
#include "mc_settings.h"

#include <lctem/word.h>
#include <stdio.h>
#include <string.h>

const struct mc_command mc_commands[] = {
    { "grow", "trajectories: growth.csv, snapshots as PNG and TIFF", MC_GROW, cmd_mc_grow },
    { "doubling", "ensembles with and without shell: doubling.csv, medians, ratio", MC_DOUBLING, cmd_mc_doubling },
    { "barrier", "free energy over core sites or exposed core: barrier.csv", MC_BARRIER, cmd_mc_barrier },
    { "scan", "a map over any parameters: scan.csv, curves or heat maps", MC_SCAN, cmd_mc_scan },
    { "render", "film of a trajectory of mc grow, with its truth", MC_RENDER, cmd_mc_render },
    { .name = NULL },
};

static void print_overview(void)
{
    printf("usage: lctem mc grow|doubling|barrier|scan|render -o DIR [OPTION]...\n\n");
    for (size_t i = 0; mc_commands[i].name; i++)
        printf("  %-9s %s\n", mc_commands[i].name, mc_commands[i].summary);
    printf("\npresets:\n");
    for (const struct lct_mc_preset *p = lct_mc_presets(); p->name; p++)
        printf("  %-17s %s\n", p->name, p->help);
    printf("\n'lctem mc COMMAND --help' shows the options.\n");
}

/* Several processes: one speaks, and the command has to know how to share. */
static enum lct_status share(struct mc_call *call, unsigned bit, const struct lct_comm *comm, struct lct_err *err)
{
    if (!comm)
        return LCT_OK;
    if (!(bit & (MC_DOUBLING | MC_SCAN | MC_BARRIER)))
        return lct_fail(err, LCT_E_ARG, "mc %s: works in one process; start it without mpirun", call->command);
    call->run.comm = comm;
    if (comm->rank > 0)
        call->session.quiet = call->settings.quiet = true;
    return LCT_OK;
}

static enum lct_status run(int argc, char **argv, const struct lct_comm *comm, struct lct_err *err)
{
    struct lct_word_search search = { .wanted = argv[0] };
    for (size_t i = 0; mc_commands[i].name; i++) {
        if (strcmp(argv[0], mc_commands[i].name) == 0) {
            struct mc_call call;
            enum lct_status s = mc_call_init(&call, mc_commands[i].name, mc_commands[i].bit, argc - 1, argv + 1, err);
            const bool printed = s == LCT_E_CANCELLED;
            if (s == LCT_OK)
                s = share(&call, mc_commands[i].bit, comm, err);
            if (s == LCT_OK)
                s = mc_commands[i].run(&call, err);
            mc_call_finish(&call);
            return printed ? LCT_OK : s;
        }
        lct_word_offer(&search, mc_commands[i].name);
    }
    return lct_fail(err, LCT_E_ARG, "mc: unknown command '%.60s'%s%s%s", argv[0], search.best ? "; did you mean " : "",
        search.best ? search.best : "", search.best ? "?" : "; grow, doubling, barrier, scan or render");
}

enum lct_status cmd_mc(struct call *call, struct lct_err *err)
{
    if (strcmp(call->words[0], "--help") == 0 || strcmp(call->words[0], "-h") == 0) {
        print_overview();
        return LCT_OK;
    }
    return run(call->n_words, call->words, call->comm, err);
}
