#include <lctem/layer.h>

#include <math.h>

static const double PARTS[3] = { 0.25, 0.5, 0.75 };

/* Layers beyond the present level in a direction, +1 or -1. */
static double beyond(const struct lct_layer_follower *f, double layers, int sign)
{
    return sign * (layers - f->level);
}

/* Time at which the height passed a part of a layer; -infinity: nobody looked. */
static double crossing(const struct lct_layer_follower *f, double time_s, double before, double now, double part)
{
    if (!(before < part && now > before))
        return time_s;
    return f->unseen ? -(double)INFINITY : f->time_s + (time_s - f->time_s) * (part - before) / (now - before);
}

/* Times at which the height passed the parts of the next layer, between the last frame and this one. */
static void note_crossings(struct lct_layer_follower *f, double time_s, double layers, int side)
{
    const int sign = side == 0 ? 1 : -1;
    const double before = beyond(f, f->layers, sign), now = beyond(f, layers, sign);
    for (int k = 0; k < 3; k++) {
        if (now < PARTS[k])
            f->crossed_s[side][k] = (double)NAN;
        else if (isnan(f->crossed_s[side][k]))
            f->crossed_s[side][k] = crossing(f, time_s, before, now, PARTS[k]);
    }
}

static void forget(struct lct_layer_follower *f)
{
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < 3; k++)
            f->crossed_s[side][k] = (double)NAN;
}

/* The next layer of which three quarters have come or gone by now. */
static bool next_step(struct lct_layer_follower *f, double time_s, double layers, struct lct_layer_step *step)
{
    for (int side = 0; side < 2; side++) {
        note_crossings(f, time_s, layers, side);
        if (isnan(f->crossed_s[side][2]))
            continue;
        const double duration_s = 2.0 * (f->crossed_s[side][2] - f->crossed_s[side][0]);
        *step = (struct lct_layer_step){ .sign = side == 0 ? 1 : -1,
            .time_s = f->crossed_s[side][1],
            .duration_s = isfinite(duration_s) ? duration_s : (double)NAN };
        f->level += step->sign;
        forget(f);
        return true;
    }
    return false;
}

bool lct_layer_follow(struct lct_layer_follower *follower, double time_s, double layers, struct lct_layer_step *step)
{
    struct lct_layer_follower *f = follower;
    if (!isfinite(layers) || !isfinite(time_s)) {
        f->unseen = true;
        return false;
    }
    if (!f->begun) {
        *f = (struct lct_layer_follower){
            .begun = true, .level = (int)lround(layers), .time_s = time_s, .layers = layers
        };
        forget(f);
        return false;
    }
    while (next_step(f, time_s, layers, step))
        if (isfinite(step->time_s))
            return true; /* the last frame stays: the next layer is sought over the same stretch of time */
    f->time_s = time_s;
    f->layers = layers;
    f->unseen = false;
    return false;
}
