#include <lctem/reproduce.h>

#include "claim.h"
#include "figures.h"
#include "page.h"

#include <math.h>
#include <stdlib.h>

const char *lct_claim_verdict_text(enum lct_claim_verdict verdict)
{
    static const char *const texts[LCT_CLAIM_VERDICTS] = { "agrees", "disagrees",
        "cannot be computed from what was published" };
    return texts[verdict];
}

enum lct_claim_verdict lct_claim_judge(double low, double high, double ours, double ours_sd)
{
    if (isnan(low) || isnan(high))
        return LCT_CLAIM_UNKNOWN;
    if (isnan(ours))
        return LCT_CLAIM_DISAGREES;
    const double reach = isnan(ours_sd) ? 0 : 2 * ours_sd;
    return ours + reach >= low && ours - reach <= high ? LCT_CLAIM_AGREES : LCT_CLAIM_DISAGREES;
}

static const struct lct_column columns[] = {
    { "row", "", "name of the row" },
    { "figure", "", "of the paper" },
    { "quantity", "", "what it is" },
    { "unit", "", "of the numbers" },
    { "paper", "", "the paper's value; empty: words only" },
    { "paper_low", "", "smallest value that its digits or words allow; empty: none" },
    { "paper_high", "", "largest value that they allow; empty: none" },
    { "paper_words", "", "what the paper says, where it is not just the number" },
    { "ours", "", "our value; empty: did not happen, or cannot be computed" },
    { "ours_sd", "", "its sigma" },
    { "verdict", "",
        "agrees: within 2 sigma of ours in what the paper allows; disagrees; cannot be computed from what was "
        "published" },
    { "command", "", "that makes it" },
    { "note", "", "what to bear in mind" },
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };
const struct lct_table_spec lct_reproduce_table = { "reproduce", "the paper's numbers beside ours", 1, columns,
    N_COLUMNS };

struct book {
    struct lct_table *table;
    struct page *page;
    const struct lct_reproduce_hooks *hooks;
    struct lct_reproduction found;
};

static enum lct_status enter(struct book *b, const struct lct_claim_row *r, struct lct_err *err)
{
    const struct lct_cell cells[N_COLUMNS] = { lct_text(r->name), lct_text(r->figure), lct_text(r->quantity),
        lct_text(r->unit), lct_num(r->paper), lct_num(r->paper_low), lct_num(r->paper_high), lct_text(r->said),
        lct_num(r->ours), lct_num(r->ours_sd), lct_text(lct_claim_verdict_text(r->verdict)), lct_text(r->command),
        lct_text(r->note) };
    b->found.n++;
    b->found.count[r->verdict]++;
    page_row(b->page, r);
    if (b->hooks->row)
        b->hooks->row(b->hooks->context, r);
    return lct_table_row(b->table, cells, err);
}

static enum lct_status work_out(struct book *b, struct stations *s, const struct claim *c, struct lct_err *err)
{
    struct measured ours = { .value = (double)NAN, .sd = (double)NAN };
    enum lct_status status = station_visit(s, c->station, err);
    if (status == LCT_OK && c->measure)
        status = c->measure(&ours, s, c, err);
    if (status != LCT_OK)
        return status;
    const struct lct_claim_row row = { .name = c->name,
        .figure = c->figure,
        .quantity = c->quantity,
        .unit = c->unit,
        .said = c->said,
        .paper = c->paper,
        .paper_low = c->low,
        .paper_high = c->high,
        .ours = ours.value,
        .ours_sd = ours.sd,
        .verdict = lct_claim_judge(c->low, c->high, ours.value, ours.sd),
        .reading = c->reading ? station_reading_words(c->reading) : "",
        .command = c->measure ? station_command(s, c->station, c->reading) : "",
        .note = ours.note[0] ? ours.note
            : c->note        ? c->note
                             : "" };
    return enter(b, &row, err);
}

enum lct_status lct_reproduce_run(struct lct_reproduction *out, const struct lct_reproduce_params *params,
    const struct lct_reproduce_hooks *hooks, struct lct_err *err)
{
    static const struct lct_reproduce_hooks nobody = { 0 };
    struct stations *s = calloc(1, sizeof *s);
    struct book b = { .hooks = hooks ? hooks : &nobody };
    char *folder = NULL;
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    s->params = params;
    s->hooks = b.hooks;
    enum lct_status status = station_path(s, "", &folder, err);
    if (status == LCT_OK)
        status = lct_table_create(&b.table, params->output, &lct_reproduce_table, err);
    if (status == LCT_OK)
        status = page_open(&b.page, params, err);
    for (const struct claim *c = claims; status == LCT_OK && c->name; c++)
        status = work_out(&b, s, c, err);
    if (status == LCT_OK)
        status = figures_make(s, err);
    if (status == LCT_OK)
        status = page_close(&b.page, &b.found, err);
    page_abandon(&b.page);
    const enum lct_status closed = lct_table_close(&b.table, status == LCT_OK ? err : NULL);
    if (status == LCT_OK)
        status = closed;
    if (status == LCT_OK)
        *out = b.found;
    stations_finish(s);
    free(folder);
    free(s);
    return status;
}
