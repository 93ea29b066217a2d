#include "laps.h"

void laps_begin(struct laps *laps, lct_clock_fn *clock, void *context)
{
    *laps = (struct laps){ .clock = clock, .context = context, .last_s = clock ? clock(context) : 0.0 };
}

void laps_end(struct laps *laps, enum lap lap)
{
    if (!laps->clock)
        return;
    const double now_s = laps->clock(laps->context);
    laps->wall_s[lap] += now_s - laps->last_s;
    laps->last_s = now_s;
}

void laps_move(struct laps *laps, enum lap from, enum lap to, double spent_s)
{
    laps->wall_s[from] -= spent_s;
    laps->wall_s[to] += spent_s;
}

void laps_put(const struct laps *laps, struct lct_json *json)
{
    static const char *const names[] = { [LAP_PLAN] = "plan",
        [LAP_READ] = "read",
        [LAP_SEGMENT] = "segment",
        [LAP_TRACK] = "track",
        [LAP_MEASURE] = "measure",
        [LAP_WRITE] = "write",
        [LAP_SHAPES] = "shapes",
        [LAP_PICTURES] = "pictures" };
    if (!laps->clock)
        return;
    lct_json_open_object(json, "stages_s");
    for (int lap = 0; lap < LAP_COUNT; lap++)
        lct_json_number(json, names[lap], laps->wall_s[lap]);
    lct_json_close(json);
}
